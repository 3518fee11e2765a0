package io.policylog.agent.config;

import io.policylog.parser.Spelling;
import io.policylog.sinks.SinkOption;
import io.policylog.sinks.SinkOptions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One map of the configuration, read key by key against the options that it may hold. Every key that is unknown, every
 * value that is missing or of the wrong kind becomes a problem; the default stands in for a value with a problem, so
 * that the rest can still be checked.
 */
final class Section {
    private final String path;
    private final YamlValue.Mapping mapping;
    private final Environment environment;
    private final Problems problems;
    private final List<String> known = new ArrayList<>();
    private final Set<String> required = new HashSet<>();
    private final Map<String, Object> values = new HashMap<>();
    private final Set<String> unusable = new HashSet<>();

    /**
     * @param path the keys above, joined by dots; empty at the top
     * @param mapping what was written
     */
    Section(String path, YamlValue.Mapping mapping, Environment environment, Problems problems) {
        this.path = path;
        this.mapping = mapping;
        this.environment = environment;
        this.problems = problems;
    }

    /** Reads the options, and fills in their defaults. */
    Section read(List<SinkOption> options) {
        for (SinkOption option : options) {
            known.add(option.key());
            if (option.required()) {
                required.add(option.key());
            }
            readDefault(option);
            YamlValue.@Nullable Entry entry = mapping.entries().get(option.key());
            if (entry != null) {
                int before = problems.count();
                Optional<Object> value = read(option, entry.value());
                if (problems.count() > before) {
                    unusable.add(option.key());
                    if (option.kind() == SinkOption.Kind.TEXT_MAP) {
                        // The entries without a problem are judged too, so that everything is told at once.
                        value.ifPresent(v -> values.put(option.key(), v));
                    }
                } else {
                    values.remove(option.key());
                    value.ifPresent(v -> values.put(option.key(), v));
                }
            } else if (option.required()) {
                unusable.add(option.key());
                problems.add(mapping.place(), key(option.key()), "is missing, and required. " + option.description());
            }
        }
        return this;
    }

    private void readDefault(SinkOption option) {
        if (option.defaultValue() != null) {
            scalar(mapping.place(), option, option.defaultValue()).ifPresent(value -> values.put(option.key(), value));
        }
    }

    /** A map below this one; empty when it was not written. */
    Section section(String key) {
        known.add(key);
        YamlValue.@Nullable Entry entry = mapping.entries().get(key);
        if (entry == null) {
            return below(key, new YamlValue.Mapping(mapping.place(), new LinkedHashMap<>()));
        }
        if (entry.value() instanceof YamlValue.Mapping below) {
            return below(key, below);
        }
        problem(key, "must be a map of keys; found " + entry.value().what());
        return below(key, new YamlValue.Mapping(entry.place(), new LinkedHashMap<>()));
    }

    /** The elements of a list of maps. */
    List<Section> sections(String key) {
        known.add(key);
        YamlValue.@Nullable Entry entry = mapping.entries().get(key);
        List<Section> sections = new ArrayList<>();
        if (entry == null) {
            return sections;
        }
        if (!(entry.value() instanceof YamlValue.Sequence sequence)) {
            problem(key, "must be a list of maps; found " + entry.value().what());
            return sections;
        }
        for (int i = 0; i < sequence.elements().size(); i++) {
            YamlValue element = sequence.elements().get(i);
            String below = key + '.' + i;
            if (element instanceof YamlValue.Mapping map) {
                sections.add(below(below, map));
            } else {
                unusable.add(key);
                problems.add(element.place(), key(below), "must be a map of keys; found " + element.what());
            }
        }
        return sections;
    }

    private Section below(String key, YamlValue.Mapping below) {
        return new Section(key(key), below, environment, problems);
    }

    /** Reports every key that nobody asked for. */
    Section rejectUnknownKeys() {
        mapping.entries().forEach((key, entry) -> {
            if (!known.contains(key)) {
                problems.add(entry.place(), key(key), "unknown key" + Spelling.hint(key, known));
            }
        });
        return this;
    }

    /** Reports something about a key, at its place, or at the map's when it was not written. */
    void problem(String key, String message) {
        unusable.add(key);
        problems.add(place(key), key(key), message);
    }

    /** Whether there was no problem with any of the options. */
    boolean usable() {
        return unusable.isEmpty();
    }

    /** Whether each option that must have a value has one. */
    boolean complete() {
        return values.keySet().containsAll(required);
    }

    /** Whether there was no problem with this option. */
    boolean usable(String key) {
        return !unusable.contains(key);
    }

    SinkOptions options() {
        return new SinkOptions(values);
    }

    /** The keys above, joined by dots. */
    String path() {
        return path;
    }

    private String key(String key) {
        return path.isEmpty() ? key : path + '.' + key;
    }

    private Place place(String key) {
        YamlValue.@Nullable Entry entry = mapping.entries().get(key);
        if (entry != null) {
            return entry.place();
        }
        // An entry of a map may have dots in its own key: properties.compression.type.
        int dot = key.indexOf('.');
        YamlValue.@Nullable Entry outer = dot < 0 ? null : mapping.entries().get(key.substring(0, dot));
        if (outer == null) {
            return mapping.place();
        }
        YamlValue.@Nullable Entry inner =
                outer.value() instanceof YamlValue.Mapping map ? map.entries().get(key.substring(dot + 1)) : null;
        return inner == null ? outer.place() : inner.place();
    }

    private Optional<Object> read(SinkOption option, YamlValue value) {
        if (value instanceof YamlValue.Nothing) {
            return refuse(value.place(), option, "has no value; give one, or remove the key");
        }
        return switch (option.kind()) {
            case TEXT_LIST ->
                value instanceof YamlValue.Sequence sequence ? list(option, sequence) : refuse(value, option);
            case TEXT_MAP -> {
                if (value instanceof YamlValue.Scalar) {
                    // The text could be a password in the wrong place.
                    yield refuse(value.place(), option, rule(option) + "; found a text");
                }
                yield value instanceof YamlValue.Mapping map ? map(option, map) : refuse(value, option);
            }
            case TEXT, INTEGER, BOOLEAN, DURATION, SIZE, CHOICE ->
                value instanceof YamlValue.Scalar scalar
                        ? fill(scalar, option.key(), false).flatMap(text -> scalar(scalar.place(), option, text))
                        : refuse(value, option);
        };
    }

    private Optional<Object> list(SinkOption option, YamlValue.Sequence sequence) {
        List<String> texts = new ArrayList<>();
        for (YamlValue element : sequence.elements()) {
            if (element instanceof YamlValue.Scalar scalar && !scalar.text().isBlank()) {
                fill(scalar, option.key(), false).ifPresent(texts::add);
            } else {
                refuse(element.place(), option, rule(option) + "; found " + element.what() + " in it");
            }
        }
        return Optional.of(List.copyOf(texts));
    }

    /** The values of a map are never shown: a password may be among them. */
    private Optional<Object> map(SinkOption option, YamlValue.Mapping map) {
        Map<String, String> texts = new LinkedHashMap<>();
        map.entries().forEach((key, entry) -> {
            String path = option.key() + '.' + key;
            if (entry.value() instanceof YamlValue.Scalar scalar) {
                fill(scalar, path, true).ifPresentOrElse(text -> texts.put(key, text), () -> unusable.add(path));
            } else {
                problem(path, "must be a text; found " + entry.value().what());
            }
        });
        return Optional.of(Map.copyOf(texts));
    }

    private Optional<String> fill(YamlValue.Scalar scalar, String key, boolean keepProvided) {
        try {
            return Optional.of(environment.fill(scalar.text(), keepProvided));
        } catch (IllegalArgumentException e) {
            problems.add(scalar.place(), key(key), String.valueOf(e.getMessage()));
            return Optional.empty();
        }
    }

    private Optional<Object> scalar(Place place, SinkOption option, String text) {
        boolean isNone = text.equals("none");
        try {
            return switch (option.kind()) {
                case TEXT -> Optional.of(notBlank(option, text));
                case INTEGER -> Optional.of(Long.valueOf(text));
                case BOOLEAN -> Optional.of(flag(text));
                case DURATION -> Optional.of(Units.duration(text));
                case SIZE -> isNone && allowsNone(option) ? Optional.empty() : Optional.of(Units.size(text));
                case CHOICE -> Optional.of(choice(option, text));
                // A default is written as the configuration would be: [a, b] or {}.
                case TEXT_LIST -> Optional.of(words(text));
                case TEXT_MAP -> Optional.of(Map.of());
            };
        } catch (IllegalArgumentException e) {
            return refuse(place, option, rule(option) + "; found " + Problems.quote(text) + hint(option, text));
        }
    }

    private static List<String> words(String list) {
        return Stream.of(list.replaceAll("[\\[\\]]", "").split(","))
                .map(String::strip)
                .filter(word -> !word.isEmpty())
                .toList();
    }

    private static String notBlank(SinkOption option, String text) {
        if (text.isBlank() && !"".equals(option.defaultValue())) {
            throw new IllegalArgumentException(text);
        }
        return text;
    }

    private static boolean flag(String text) {
        if (!text.equals("true") && !text.equals("false")) {
            throw new IllegalArgumentException(text);
        }
        return text.equals("true");
    }

    private static String choice(SinkOption option, String text) {
        if (!option.choices().contains(text)) {
            throw new IllegalArgumentException(text);
        }
        return text;
    }

    private static boolean allowsNone(SinkOption option) {
        return "none".equals(option.defaultValue());
    }

    private static String hint(SinkOption option, String text) {
        return option.kind() == SinkOption.Kind.CHOICE
                ? Spelling.nearest(text, option.choices())
                        .map(near -> "; did you mean \"" + near + "\"?")
                        .orElse("")
                : "";
    }

    private Optional<Object> refuse(YamlValue value, SinkOption option) {
        return refuse(value.place(), option, rule(option) + "; found " + value.what());
    }

    private Optional<Object> refuse(Place place, SinkOption option, String message) {
        problems.add(place, key(option.key()), message);
        return Optional.empty();
    }

    private static String rule(SinkOption option) {
        return switch (option.kind()) {
            case TEXT -> "must be a text that is not empty";
            case INTEGER -> "must be a whole number";
            case BOOLEAN -> "must be true or false";
            case DURATION -> Units.DURATION_RULE;
            case SIZE -> Units.SIZE_RULE + (allowsNone(option) ? ", or none" : "");
            case CHOICE -> "must be one of " + String.join(", ", option.choices());
            case TEXT_LIST -> "must be a list of texts, such as [a, b]";
            case TEXT_MAP -> "must be a map of texts, such as {key: value}";
        };
    }
}
