package io.policylog.sinks;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A key that a sink takes. The reference page of the configuration is generated from these.
 *
 * @param key the key in the configuration
 * @param kind the kind of its value
 * @param choices the allowed values of a {@link Kind#CHOICE}; empty for the others
 * @param defaultValue the default as it would be written in the configuration; null when there is none
 * @param required whether it is a problem when the key is missing
 * @param description one sentence, for the reference page
 */
public record SinkOption(
        String key,
        Kind kind,
        List<String> choices,
        @Nullable String defaultValue,
        boolean required,
        String description) {

    /** How a value is written, and what {@link SinkOptions} returns for it. */
    public enum Kind {
        TEXT,
        INTEGER,
        BOOLEAN,
        /** {@code 200ms}, {@code 5s}, {@code 1m}, {@code 2h}, {@code 7d}. */
        DURATION,
        /** Bytes: {@code 512}, {@code 64KiB}, {@code 1MiB}, {@code 1GiB}, or {@code none} where that is the default. */
        SIZE,
        /** One of {@link SinkOption#choices}. */
        CHOICE,
        TEXT_LIST,
        /** A map from text to text. */
        TEXT_MAP
    }

    public SinkOption {
        choices = List.copyOf(choices);
        if ((kind == Kind.CHOICE) == choices.isEmpty()) {
            throw new IllegalArgumentException("choices belong to a CHOICE, and only to one: " + key);
        }
    }

    /** An option that may be left out. */
    public static SinkOption optional(String key, Kind kind, @Nullable String defaultValue, String description) {
        return new SinkOption(key, kind, List.of(), defaultValue, false, description);
    }

    /** An option that must be given. */
    public static SinkOption required(String key, Kind kind, String description) {
        return new SinkOption(key, kind, List.of(), null, true, description);
    }

    /** An option whose value is one of a few words. */
    public static SinkOption choice(String key, List<String> choices, String defaultValue, String description) {
        return new SinkOption(key, Kind.CHOICE, choices, defaultValue, false, description);
    }
}
