package io.policylog.agent.config;

import java.util.LinkedHashMap;
import java.util.List;

/** What a YAML document holds, with the place of everything. */
sealed interface YamlValue {
    /** Where the value begins. */
    Place place();

    /** What the value is, for a message. */
    String what();

    /** A single value; {@code text} as written, or as it means when it is quoted. */
    record Scalar(Place place, String text) implements YamlValue {
        @Override
        public String what() {
            return Problems.quote(text);
        }
    }

    /** No value: nothing after the colon, {@code null} or {@code ~}. */
    record Nothing(Place place) implements YamlValue {
        @Override
        public String what() {
            return "nothing";
        }
    }

    /** A list. Overrides may add to it, so it is a mutable one. */
    record Sequence(Place place, List<YamlValue> elements) implements YamlValue {
        @Override
        public String what() {
            return "a list";
        }
    }

    /** A map. Overrides may add to it, so it is a mutable one. */
    record Mapping(Place place, LinkedHashMap<String, Entry> entries) implements YamlValue {
        @Override
        public String what() {
            return "a map";
        }
    }

    /** A value and the place of its key. */
    record Entry(Place place, YamlValue value) {}
}
