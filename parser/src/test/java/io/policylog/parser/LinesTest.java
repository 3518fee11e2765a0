package io.policylog.parser;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The lines in {@code lines.txt}: worked examples, and at least one of every shape and every reason. */
final class LinesTest {
    /** @param outcome as it stands in the file, with its mark */
    record Case(String name, String line, String outcome) {
        @Override
        public String toString() {
            return name;
        }
    }

    static List<Case> cases() throws IOException {
        List<Case> cases = new ArrayList<>();
        String name = "";
        String line = "";
        for (String row : rows("lines.txt")) {
            if (row.startsWith("#")) {
                name = row.substring(1).strip();
            } else if (row.startsWith("<")) {
                line = row.substring(Math.min(2, row.length()));
            } else if (!row.isEmpty()) {
                cases.add(new Case(name, line, row));
            }
        }
        return cases;
    }

    static List<String> rows(String resource) throws IOException {
        try (InputStream in = Objects.requireNonNull(LinesTest.class.getResourceAsStream(resource))) {
            return Stream.of(new String(in.readAllBytes(), UTF_8).split("\n")).toList();
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void becomesWhatTheFileSays(Case example) {
        byte[] line = example.line().getBytes(UTF_8);
        ParsedLine parsed = new Parser(Limits.DEFAULT, "node-1").parse(line, 0, line.length);
        String rest = example.outcome().substring(1).strip();
        switch (example.outcome().charAt(0)) {
            case '=' -> {
                assertSame(line, assertInstanceOf(PolicyRecord.class, parsed).json());
                assertEquals(example.line(), json(parsed));
            }
            case '>' -> {
                assertEquals(rest, json(parsed));
                assertFalse(((PolicyRecord) parsed).isNormal());
            }
            case '!' ->
                assertEquals(
                        rest,
                        assertInstanceOf(MalformedLine.class, parsed).reason().label());
            default -> throw new AssertionError(example.outcome());
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void isJudgedByTheOracleInTheSameWay(Case example) {
        Oracle.Verdict verdict =
                new Oracle(Limits.DEFAULT, "node-1").judge(example.line().getBytes(UTF_8));
        String outcome = switch (example.outcome().charAt(0)) {
            case '=' -> example.line();
            case '>' -> example.outcome().substring(2);
            default -> "";
        };
        MalformedReason reason = verdict.reason();
        assertEquals(
                reason == null ? outcome : example.outcome(), reason == null ? verdict.json() : "! " + reason.label());
    }

    static String json(ParsedLine parsed) {
        PolicyRecord record = assertInstanceOf(PolicyRecord.class, parsed);
        byte[] json = record.json();
        return new String(json, record.jsonOffset(), record.jsonLength(), UTF_8);
    }
}
