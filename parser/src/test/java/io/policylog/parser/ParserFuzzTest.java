package io.policylog.parser;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import com.code_intelligence.jazzer.junit.FuzzTest;

/**
 * Without further settings this runs the stored inputs; with the environment variable {@code JAZZER_FUZZ=1} it searches
 * for new ones.
 */
final class ParserFuzzTest {
    private static final Limits LIMITS = new Limits(4096, 16, 8);

    @FuzzTest
    void agreesWithTheOracle(byte[] line) {
        Parser parser = new Parser(LIMITS, "node-1");
        Oracle.Verdict verdict = new Oracle(LIMITS, "node-1").judge(line);
        switch (parser.parse(line, 0, line.length)) {
            case MalformedLine malformed -> assertEquals(verdict.json(), "malformed: " + malformed.reason());
            case PolicyRecord record -> {
                String json = LinesTest.json(record);
                assertEquals(verdict.json(), json);
                RecordAssertions.assertFields(record, verdict.record());
                byte[] normalized = json.getBytes(UTF_8);
                PolicyRecord again = (PolicyRecord) parser.parse(normalized, 0, normalized.length);
                assertSame(normalized, again.json());
            }
        }
    }
}
