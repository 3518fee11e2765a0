package io.policylog.agent.config;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Puts {@code --set key=value} into what the file says. The keys are joined by dots; a sink is meant by its place, from
 * 0, or by its name, and after {@code sinks.<sink>.<key>.} the rest is one key, so that
 * {@code sinks.kafka.properties.compression.type=zstd} does what it says. The place after the last adds a sink. A value
 * that begins with {@code [} or <code>{</code> is YAML; any other is a text as it stands.
 */
final class Overrides {
    private static final Place PLACE = Place.of("--set");
    private static final String SINKS = "sinks";

    private final YamlValue.Mapping root;
    private final Problems problems;

    Overrides(YamlValue.Mapping root, Problems problems) {
        this.root = root;
        this.problems = problems;
    }

    void set(String override) {
        int equals = override.indexOf('=');
        if (equals < 1) {
            problems.add(PLACE, "", "must be key=value, such as log.startAt=end; found no key and = in it");
            return;
        }
        String path = override.substring(0, equals);
        Optional<YamlValue> value = value(override.substring(equals + 1));
        if (value.isPresent()) {
            String[] keys = path.split("\\.", -1);
            if (keys.length > 2 && keys[0].equals(SINKS)) {
                sink(path, keys[1]).ifPresent(sink -> put(sink, path, path.split("\\.", 4), 2, value.get()));
            } else {
                put(root, path, keys, 0, value.get());
            }
        }
    }

    private Optional<YamlValue> value(String text) {
        boolean structured = text.startsWith("[") || text.startsWith("{");
        return structured
                ? YamlDocument.read(PLACE.source(), text, problems)
                : Optional.of(new YamlValue.Scalar(PLACE, text));
    }

    private void put(YamlValue.Mapping top, String path, String[] keys, int from, YamlValue value) {
        YamlValue.Mapping mapping = top;
        for (int i = from; i < keys.length - 1; i++) {
            YamlValue.Entry entry = mapping.entries()
                    .computeIfAbsent(
                            keys[i],
                            k -> new YamlValue.Entry(PLACE, new YamlValue.Mapping(PLACE, new LinkedHashMap<>())));
            if (!(entry.value() instanceof YamlValue.Mapping below)) {
                problems.add(PLACE, path, keys[i] + " is no map of keys; set it as a whole");
                return;
            }
            mapping = below;
        }
        mapping.entries().put(keys[keys.length - 1], new YamlValue.Entry(PLACE, value));
    }

    private Optional<YamlValue.Mapping> sink(String path, String which) {
        YamlValue.Entry entry = root.entries()
                .computeIfAbsent(
                        SINKS, k -> new YamlValue.Entry(PLACE, new YamlValue.Sequence(PLACE, new ArrayList<>())));
        if (!(entry.value() instanceof YamlValue.Sequence sequence)) {
            problems.add(PLACE, path, "sinks is no list; set it as a whole");
            return Optional.empty();
        }
        List<YamlValue> sinks = sequence.elements();
        if (which.equals(String.valueOf(sinks.size()))) {
            sinks.add(new YamlValue.Mapping(PLACE, new LinkedHashMap<>()));
        }
        // A name may be made of digits: places first, so that what a number means does not depend on the order of the
        // sinks.
        for (int i = 0; i < sinks.size(); i++) {
            if (which.equals(String.valueOf(i)) && sinks.get(i) instanceof YamlValue.Mapping sink) {
                return Optional.of(sink);
            }
        }
        for (YamlValue element : sinks) {
            if (element instanceof YamlValue.Mapping sink && which.equals(name(sink))) {
                return Optional.of(sink);
            }
        }
        problems.add(
                PLACE,
                path,
                "there is no sink " + Problems.quote(which) + "; name one, or count from 0; sinks." + sinks.size()
                        + ".type=… adds one");
        return Optional.empty();
    }

    private static @Nullable String name(YamlValue.Mapping sink) {
        YamlValue.@Nullable Entry name =
                sink.entries().getOrDefault("name", sink.entries().get("type"));
        return name != null && name.value() instanceof YamlValue.Scalar scalar ? scalar.text() : null;
    }
}
