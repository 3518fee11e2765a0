package io.policylog.sinks;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * The values of a sink's options, each of the kind its {@link SinkOption} says, defaults filled in. Immutable. Never
 * printed: a value may be a secret.
 *
 * <p>What a kind is held as: {@code TEXT} and {@code CHOICE} a {@link String}; {@code INTEGER} and {@code SIZE} a
 * {@link Long}; {@code BOOLEAN} a {@link Boolean}; {@code DURATION} a {@link Duration}; {@code TEXT_LIST} a list and
 * {@code TEXT_MAP} a map of strings. An option without value and default (or a {@code SIZE} of {@code none}) is absent.
 */
public final class SinkOptions {
    private final Map<String, Object> values;

    public SinkOptions(Map<String, Object> values) {
        this.values = Map.copyOf(values);
    }

    public boolean has(String key) {
        return values.containsKey(key);
    }

    public String text(String key) {
        return require(key, String.class);
    }

    public Optional<String> optionalText(String key) {
        return Optional.ofNullable((String) values.get(key));
    }

    public long number(String key) {
        return require(key, Long.class);
    }

    public OptionalLong optionalNumber(String key) {
        @Nullable Object value = values.get(key);
        return value == null ? OptionalLong.empty() : OptionalLong.of((Long) value);
    }

    public boolean flag(String key) {
        return require(key, Boolean.class);
    }

    public Duration duration(String key) {
        return require(key, Duration.class);
    }

    /** Empty when absent. */
    public List<String> textList(String key) {
        return ((List<?>) values.getOrDefault(key, List.of()))
                .stream().map(String.class::cast).toList();
    }

    /** Empty when absent. */
    public Map<String, String> textMap(String key) {
        @SuppressWarnings("unchecked") // The class comment says what a TEXT_MAP is held as.
        Map<String, String> map = (Map<String, String>) values.getOrDefault(key, Map.of());
        return Map.copyOf(map);
    }

    private <T> T require(String key, Class<T> type) {
        Object value = values.get(key);
        if (value == null) {
            throw new IllegalStateException("option without value or default: " + key);
        }
        return type.cast(value);
    }
}
