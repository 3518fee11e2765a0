package io.policylog.agent.read;

import io.policylog.parser.Field;
import io.policylog.parser.PolicyField;
import io.policylog.parser.PolicyRecord;
import io.policylog.parser.Spelling;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * A field that records are counted by.
 *
 * @param path how the column is headed
 * @param value its value in a record; empty when there is none
 */
record CountField(String path, Function<PolicyRecord, String> value) {
    private static final String PAYLOAD = "jsonPayload.";
    private static final String POLICIES = "policies.";

    /**
     * Finds fields by the names that the query language has for them.
     *
     * @throws IllegalArgumentException if there is no such field, and the message says which there are; or if one stands
     *     there twice
     */
    static List<CountField> of(String names) {
        List<CountField> fields = new ArrayList<>();
        for (String name : names.split(",", -1)) {
            CountField field = one(name.strip());
            if (fields.stream().anyMatch(other -> other.path().equals(field.path()))) {
                // A table would show it twice, and a JSON object can't.
                throw new IllegalArgumentException("'" + field.path() + "' stands there twice");
            }
            fields.add(field);
        }
        return List.copyOf(fields);
    }

    private static CountField one(String name) {
        String path = name.startsWith(PAYLOAD) ? name.substring(PAYLOAD.length()) : name;
        for (Field field : Field.values()) {
            if (field.path().equals(path)) {
                return new CountField(path, record -> text(record.text(field)));
            }
        }
        for (PolicyField field : PolicyField.values()) {
            if (path.equals(POLICIES + field.key())) {
                return new CountField(path, record -> policies(record, field));
            }
        }
        List<String> known = Stream.concat(
                        Arrays.stream(Field.values()).map(Field::path),
                        Arrays.stream(PolicyField.values()).map(field -> POLICIES + field.key()))
                .toList();
        throw new IllegalArgumentException("can't count by '" + name + "'" + Spelling.hint(path, known));
    }

    private static String policies(PolicyRecord record, PolicyField field) {
        List<String> values = new ArrayList<>();
        for (int i = 0; i < record.policyCount(); i++) {
            values.add(text(record.text(i, field)));
        }
        return String.join(",", values);
    }

    private static String text(@org.jspecify.annotations.Nullable String value) {
        return value == null ? "" : value;
    }
}
