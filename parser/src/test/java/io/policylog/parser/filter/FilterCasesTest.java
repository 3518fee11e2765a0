package io.policylog.parser.filter;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.policylog.parser.PolicyRecord;
import io.policylog.parser.ResourceLabels;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** The table in filter-cases.txt. */
final class FilterCasesTest {
    private static final FilterContext CONTEXT = FilterContext.forReading(
            new ResourceLabels(null, "us-east1", "prod-1", null),
            InstantSource.fixed(Instant.parse("2024-08-20T14:10:00Z")));

    private final Map<String, PolicyRecord> records = new LinkedHashMap<>();
    private final List<DynamicTest> cases = new ArrayList<>();

    @TestFactory
    Stream<DynamicTest> everyQuerySelectsItsRecords() throws IOException {
        try (InputStream table = FilterCasesTest.class.getResourceAsStream("filter-cases.txt")) {
            assertTrue(table != null, "filter-cases.txt is missing");
            read(new String(table.readAllBytes(), StandardCharsets.UTF_8));
        }
        assertTrue(cases.size() > 200, "only " + cases.size() + " cases were read");
        return cases.stream();
    }

    private void read(String table) {
        List<String> query = new ArrayList<>();
        for (String line : table.split("\n", -1)) {
            if (line.startsWith("record ")) {
                String[] parts = line.split(" ", 3);
                records.put(parts[1], Records.of(parts[2]));
            } else if (line.startsWith("=>")) {
                String text = String.join("\n", query);
                String expected = line.substring(2).strip();
                cases.add(dynamicTest("query: " + text.replace('\n', ' '), () -> check(text, expected)));
                query.clear();
            } else if (!line.startsWith("#") && !line.isBlank()) {
                query.add(line);
            }
        }
    }

    private void check(String query, String expected) throws FilterException {
        Filter filter = Filter.compile(query, CONTEXT);
        Set<String> selected = new TreeSet<>();
        for (Map.Entry<String, PolicyRecord> entry : records.entrySet()) {
            Records.Metadata metadata =
                    new Records.Metadata("id-" + entry.getKey(), Instant.parse("2024-08-20T14:03:00.5Z"));
            // Twice, so that what a filter remembers is used too.
            Verdict verdict = filter.test(entry.getValue(), metadata);
            assertEquals(verdict, filter.test(entry.getValue(), metadata));
            switch (verdict) {
                case TRUE -> selected.add(entry.getKey());
                case UNKNOWN -> selected.add("?" + entry.getKey());
                case FALSE -> {}
            }
        }
        assertEquals(names(expected), selected, query);
    }

    private Set<String> names(String expected) {
        return switch (expected) {
            case "all" -> new TreeSet<>(records.keySet());
            case "?all" ->
                new TreeSet<>(records.keySet().stream().map(name -> "?" + name).toList());
            case "none" -> new TreeSet<>();
            default -> new TreeSet<>(List.of(expected.split(" ", -1)));
        };
    }
}
