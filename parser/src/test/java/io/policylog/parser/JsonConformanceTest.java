package io.policylog.parser;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The cases of {@code json-conformance.txt}, which names their origin. */
final class JsonConformanceTest {
    private static final String RECORD = """
            {"connection":{"src_ip":"a","dest_ip":"b","protocol":"tcp","direction":"egress"},"disposition":"deny",\
            "count":1,"timestamp":"2024-08-20T14:02:57Z","x":""";
    private static final Set<MalformedReason> REFUSED =
            EnumSet.of(MalformedReason.NOT_JSON, MalformedReason.BAD_UTF8, MalformedReason.TRAILING_DATA);

    private final Parser parser = new Parser(Limits.DEFAULT, null);

    record Case(String name, boolean accepted, String escaped) {
        byte[] json() {
            return bytes(escaped);
        }

        @Override
        public String toString() {
            return name;
        }
    }

    static List<Case> cases() throws IOException {
        List<Case> cases = new ArrayList<>();
        for (String row : LinesTest.rows("json-conformance.txt")) {
            if (!row.startsWith("#")) {
                String[] parts = row.split(" ", 3);
                boolean accepted = parts[0].equals("y") || parts[0].equals("i+");
                cases.add(new Case(parts[1], accepted, parts.length == 3 ? parts[2] : ""));
            }
        }
        assertTrue(cases.size() > 300, "only " + cases.size() + " cases");
        return cases;
    }

    private static byte[] bytes(String escaped) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        byte[] text = escaped.getBytes(UTF_8);
        for (int i = 0; i < text.length; i++) {
            if (text[i] == '%') {
                bytes.write(HexFormat.fromHexDigits(escaped, i + 1, i + 3));
                i += 2;
            } else {
                bytes.write(text[i]);
            }
        }
        return bytes.toByteArray();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void isJudgedAsAnUnknownValue(Case example) {
        byte[] line = LineGenerator.join(RECORD.getBytes(UTF_8), example.json(), "}".getBytes(UTF_8));
        ParsedLine parsed = parser.parse(line, 0, line.length);
        if (example.accepted()) {
            assertEquals(new Oracle(Limits.DEFAULT, null).judge(line).json(), LinesTest.json(parsed));
        } else {
            assertRefused(parsed);
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void isJudgedAsAWholeLine(Case example) {
        ParsedLine parsed = parser.parse(example.json(), 0, example.json().length);
        if (example.accepted()) {
            boolean object = new String(example.json(), UTF_8).strip().startsWith("{");
            assertEquals(
                    object ? MalformedReason.MISSING_FIELD : MalformedReason.NOT_AN_OBJECT,
                    ((MalformedLine) parsed).reason());
        } else {
            assertRefused(parsed);
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void isJudgedAsTheValueOfAKnownKey(Case example) {
        for (String key : List.of("disposition", "policies", "src", "count", "timestamp")) {
            byte[] line = LineGenerator.join(
                    ("{\"" + key + "\":").getBytes(UTF_8), example.json(), ",\"x\":1}".getBytes(UTF_8));
            ParsedLine parsed = parser.parse(line, 0, line.length);
            if (example.accepted()) {
                assertEquals(MalformedReason.MISSING_FIELD, ((MalformedLine) parsed).reason(), key);
            } else {
                assertRefused(parsed);
            }
        }
    }

    private static void assertRefused(ParsedLine parsed) {
        MalformedReason reason = ((MalformedLine) parsed).reason();
        assertTrue(REFUSED.contains(reason), reason.toString());
    }
}
