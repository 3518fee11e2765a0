package io.policylog.parser;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ParserTest {
    private static final String CONNECTION =
            "{\"src_ip\":\"a\",\"dest_ip\":\"b\",\"protocol\":\"tcp\",\"direction\":\"egress\"}";
    private static final String START = "{\"connection\":" + CONNECTION + ",\"disposition\":\"allow\"";
    private static final String END = ",\"count\":1,\"timestamp\":\"2024-08-20T14:02:57Z\"";

    private final Parser parser = new Parser(Limits.DEFAULT, null);

    private static MalformedReason reason(ParsedLine line) {
        return assertInstanceOf(MalformedLine.class, line).reason();
    }

    private ParsedLine parse(String line) {
        byte[] bytes = line.getBytes(UTF_8);
        return parser.parse(bytes, 0, bytes.length);
    }

    private PolicyRecord record(String line) {
        return assertInstanceOf(PolicyRecord.class, parse(line));
    }

    /** All lines of {@code lines.txt}, as bytes. */
    private static List<byte[]> lines() throws Exception {
        List<byte[]> lines = new ArrayList<>();
        for (LinesTest.Case example : LinesTest.cases()) {
            lines.add(example.line().getBytes(UTF_8));
        }
        return lines;
    }

    @Test
    void carriageReturnAtTheEndIsNotPartOfTheLine() {
        String json = START + END + "}";
        PolicyRecord record = record(json + "\r");
        assertEquals(json.length(), record.lineLength());
        assertEquals(json, LinesTest.json(record));
        assertTrue(record.isNormal());
        MalformedLine malformed = assertInstanceOf(MalformedLine.class, parse("x\r"));
        assertEquals(1, malformed.length());
        assertEquals(1, malformed.lineLength());
        assertEquals(MalformedReason.NOT_JSON, reason(parse("\r")));
    }

    @Test
    void byteOrderMarkIsSkippedOnlyWhereTheCallerSaysSo() {
        byte[] marked = ("\uFEFF" + START + END + "}").getBytes(UTF_8);
        int start = Parser.skipByteOrderMark(marked, 0, marked.length);
        PolicyRecord record = assertInstanceOf(PolicyRecord.class, parser.parse(marked, start, marked.length));
        assertEquals(3, record.lineOffset());
        assertEquals(marked.length - 3, record.lineLength());
        assertEquals(3, record.jsonOffset());
        assertSame(marked, record.json());
        assertEquals(MalformedReason.NOT_JSON, reason(parser.parse(marked, 0, marked.length)));
        assertEquals(3, Parser.skipByteOrderMark(marked, 3, marked.length));
        assertEquals(0, Parser.skipByteOrderMark(marked, 0, 2));
    }

    @Test
    void garbageAroundTheLineDoesNotMatter() throws Exception {
        Random random = new Random(7);
        for (byte[] line : lines()) {
            String alone = outcome(parser.parse(line, 0, line.length));
            for (int before = 0; before < 20; before++) {
                for (int after = 0; after < 20; after++) {
                    byte[] buffer = new byte[before + line.length + after];
                    random.nextBytes(buffer);
                    System.arraycopy(line, 0, buffer, before, line.length);
                    assertEquals(alone, outcome(parser.parse(buffer, before, before + line.length)));
                }
            }
        }
    }

    private static String outcome(ParsedLine line) {
        return line instanceof MalformedLine malformed ? malformed.reason().label() : LinesTest.json(line);
    }

    @Test
    void everyCutOfALineIsMalformedWhateverFollowsIt() throws Exception {
        for (byte[] line : lines()) {
            if (parser.parse(line, 0, line.length) instanceof PolicyRecord) {
                for (int cut = 0; cut < line.length; cut++) {
                    byte[] head = Arrays.copyOf(line, cut);
                    ParsedLine whole = parser.parse(line, 0, cut);
                    MalformedReason reason = reason(whole);
                    assertTrue(reason == MalformedReason.NOT_JSON || reason == MalformedReason.BAD_UTF8, reason::label);
                    assertEquals(reason, reason(parser.parse(head, 0, cut)));
                }
            }
        }
    }

    @Test
    void oneParserTakesAnyLineAfterAnyOther() throws Exception {
        List<byte[]> lines = lines();
        List<String> alone = new ArrayList<>();
        for (byte[] line : lines) {
            alone.add(outcome(new Parser(Limits.DEFAULT, null).parse(line, 0, line.length)));
        }
        for (int first = 0; first < lines.size(); first++) {
            for (int second = 0; second < lines.size(); second++) {
                parser.parse(lines.get(first), 0, lines.get(first).length);
                ParsedLine parsed = parser.parse(lines.get(second), 0, lines.get(second).length);
                assertEquals(alone.get(second), outcome(parsed));
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"99, false", "100, false", "101, true"})
    void lineLengthHasALimit(int length, boolean tooLong) {
        String line = " ".repeat(length);
        Parser limited = new Parser(new Limits(100, 16, 1), null);
        byte[] bytes = (line + "\r").getBytes(UTF_8);
        MalformedLine malformed = assertInstanceOf(MalformedLine.class, limited.parse(bytes, 0, bytes.length));
        assertEquals(tooLong ? MalformedReason.TOO_LONG : MalformedReason.NOT_JSON, malformed.reason());
        assertEquals(length, malformed.lineLength());
    }

    @ParameterizedTest
    @CsvSource({"15, false", "16, false", "17, true", "100000, true"})
    void nestingOfUnknownValuesHasALimit(int depth, boolean tooDeep) {
        String arrays = "[".repeat(depth - 1) + "]".repeat(depth - 1);
        String objects = "{\"a\":".repeat(depth - 1) + 1 + "}".repeat(depth - 1);
        for (String value : List.of(arrays, objects)) {
            ParsedLine line = parse(START + END + ",\"x\":" + value + "}");
            assertEquals(tooDeep ? "too-deep" : START + END + ",\"x\":" + value + "}", outcome(line));
        }
    }

    @ParameterizedTest
    @CsvSource({"1, true", "2, true", "3, true", "4, false"})
    void nestingOfKnownValuesHasALimit(int maxDepth, boolean tooDeep) {
        byte[] line = (START + ",\"policies\":[{\"labels\":[]}]" + END + "}").getBytes(UTF_8);
        ParsedLine parsed = new Parser(new Limits(1000, maxDepth, 1), null).parse(line, 0, line.length);
        assertEquals(tooDeep, parsed instanceof MalformedLine m && m.reason() == MalformedReason.TOO_DEEP);
    }

    @Test
    void deepNestingThatIsBrokenIsNotJson() {
        assertEquals(MalformedReason.NOT_JSON, reason(parse("[".repeat(100_000))));
        assertEquals(MalformedReason.NOT_JSON, reason(parse("{\"a\":".repeat(100_000))));
        assertEquals(MalformedReason.NOT_JSON, reason(parse("[{\"\":".repeat(100_000))));
        String mixed = "[{\"a\":".repeat(1000) + "1" + "}]".repeat(999) + "]}";
        assertEquals(MalformedReason.NOT_JSON, reason(parse(mixed)));
    }

    @ParameterizedTest
    @CsvSource({"2, false", "3, false", "4, true"})
    void policiesHaveALimit(int count, boolean tooLong) {
        String policies = "{\"name\":\"n\"},".repeat(count);
        String json = START + ",\"policies\":[" + policies.substring(0, policies.length() - 1) + "]" + END + "}";
        byte[] line = json.getBytes(UTF_8);
        ParsedLine parsed = new Parser(new Limits(1000, 16, 3), null).parse(line, 0, line.length);
        assertEquals(tooLong ? "too-long" : json, outcome(parsed));
    }

    @Test
    void tenThousandPoliciesAreARecord() {
        String policies = "{\"name\":\"n\", \"x\":1},".repeat(10_000);
        PolicyRecord record =
                record(START + ",\"policies\":[" + policies.substring(0, policies.length() - 1) + "]" + END + "}");
        assertEquals(10_000, record.policyCount());
        assertEquals("n", record.text(9_999, PolicyField.NAME));
        assertEquals(
                policies.replace(" ", "").length() - 1, LinesTest.json(record).indexOf(']') - START.length() - 13);
        assertThrows(IndexOutOfBoundsException.class, () -> record.has(10_000, PolicyField.NAME));
    }

    @ParameterizedTest
    @CsvSource({
        "src_port, 1, true",
        "src_port, 65535, true",
        "dest_port, 65536, false",
        "dest_port, 0, false",
        "src_port, -1, false",
        "src_port, -0, false",
        "src_port, 80.0, false",
        "src_port, 1e3, false",
        "src_port, 70000, false",
        "src_port, 18446744073709551617, false",
        "src_port, '\"80\"', false",
        "src_port, true, false",
        "src_port, [80], false"
    })
    void portIsAPlainIntegerInRange(String key, String value, boolean valid) {
        String connection = CONNECTION.replace(",\"protocol\"", ",\"" + key + "\":" + value + ",\"protocol\"");
        for (String space : List.of("", " ")) {
            String json = "{\"connection\":" + connection.replace(":" + value, ":" + space + value + space)
                    + ",\"disposition\":\"allow\"" + END + "}";
            ParsedLine line = parse(json);
            assertEquals(valid ? "record" : "wrong-type", line instanceof PolicyRecord ? "record" : outcome(line));
            if (line instanceof PolicyRecord record) {
                int port = key.equals("src_port") ? record.srcPort() : record.destPort();
                assertEquals(Integer.parseInt(value), port);
                assertEquals(value, record.text(key.equals("src_port") ? Field.SRC_PORT : Field.DEST_PORT));
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "1, true",
        "40, true",
        "12345678, true",
        "123456789, true",
        "9223372036854775807, true",
        "9223372036854775808, false",
        "0, false",
        "-4, false",
        "1.0, false",
        "1E0, false"
    })
    void countIsAPlainIntegerOfAtLeastOne(String value, boolean valid) {
        ParsedLine line = parse(START + END.replace(":1", ":" + value) + "}");
        assertEquals(valid, line instanceof PolicyRecord);
        if (line instanceof PolicyRecord record) {
            assertEquals(Long.parseLong(value), record.count());
        } else {
            assertEquals(MalformedReason.WRONG_TYPE, reason(line));
        }
    }

    @ParameterizedTest
    @CsvSource({"0, true", "-3, true", "123456789012345678901234567890, true", "1.5, false", "1e3, false", "null, false"
    })
    void revisionIsAnIntegerOfAnySize(String value, boolean valid) {
        ParsedLine line = parse(START + ",\"policies\":[{\"revision\":" + value + "}]" + END + "}");
        assertEquals(
                valid ? value : "wrong-type",
                line instanceof PolicyRecord record ? record.text(0, PolicyField.REVISION) : outcome(line));
    }

    @Test
    void leadingZeroIsNotJson() {
        assertEquals(MalformedReason.NOT_JSON, reason(parse(START + END.replace(":1", ":01") + "}")));
        assertEquals(MalformedReason.NOT_JSON, reason(parse(START + END.replace(":1", ":1.") + "}")));
    }

    @Test
    void badUtf8IsTheReasonWhereverItStands() {
        for (String line : List.of(
                "\u00FF", "{}\u00FF", "{\"a\":\u00FF}", "garbage \u0080", "[1] \u00C0\u00AF", START + "\u00E5")) {
            byte[] bytes = line.getBytes(ISO_8859_1);
            assertEquals(MalformedReason.BAD_UTF8, reason(parser.parse(bytes, 0, bytes.length)), line);
        }
    }

    @Test
    void sequencesAreUtf8OnlyIfTheJdkSaysSo() {
        int[] edges = {0, 0x22, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xED, 0xF4, 0xFF};
        for (int first = 0x80; first < 0x100; first++) {
            for (int second : edges) {
                assertUtf8((byte) first, (byte) second);
                for (int third : edges) {
                    assertUtf8((byte) first, (byte) second, (byte) third);
                    for (int fourth : edges) {
                        assertUtf8((byte) first, (byte) second, (byte) third, (byte) fourth);
                    }
                }
            }
        }
    }

    private static void assertUtf8(byte... bytes) {
        boolean valid = true;
        try {
            UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
        } catch (CharacterCodingException e) {
            valid = false;
        }
        assertEquals(valid, Utf8.isValid(bytes, 0, bytes.length), () -> Arrays.toString(bytes));
    }

    @Test
    void everyByteInAStringIsJudged() {
        for (int value = 0; value < 0x100; value++) {
            for (int at = 0; at < 20; at++) {
                byte[] line = (START.replace("allow", "x".repeat(20)) + END + "}").getBytes(ISO_8859_1);
                line[START.length() - 6 + at] = (byte) value;
                String expected = new Oracle(Limits.DEFAULT, null).judge(line).json();
                ParsedLine parsed = parser.parse(line, 0, line.length);
                String actual = parsed instanceof MalformedLine m ? "malformed: " + m.reason() : LinesTest.json(parsed);
                assertEquals(expected, actual);
            }
        }
    }

    @Test
    void everyByteAsAnEscapeIsJudged() {
        for (int value = 0; value < 0x80; value++) {
            String text = "\\" + (char) value + "00e9";
            byte[] line = (START + END + ",\"x\":\"" + text + "\"}").getBytes(UTF_8);
            String expected = new Oracle(Limits.DEFAULT, null).judge(line).json();
            ParsedLine parsed = parser.parse(line, 0, line.length);
            assertEquals(
                    expected, parsed instanceof MalformedLine m ? "malformed: " + m.reason() : LinesTest.json(parsed));
        }
    }

    @Test
    void filledNodeNameIsWrittenAsJson() {
        byte[] line = (START + END + "}").getBytes(UTF_8);
        String name = "a\"b\\c\n\u0001é😀";
        PolicyRecord record =
                assertInstanceOf(PolicyRecord.class, new Parser(Limits.DEFAULT, name).parse(line, 0, line.length));
        assertTrue(record.has(Field.NODE_NAME));
        assertEquals(name, record.text(Field.NODE_NAME));
        byte[] json = LinesTest.json(record).getBytes(UTF_8);
        assertEquals(name, ((PolicyRecord) parser.parse(json, 0, json.length)).text(Field.NODE_NAME));
    }

    @Test
    void nodeNameIsLeftOutWhenItIsNotToBeFilled() {
        PolicyRecord record = record(START + END + "}");
        assertFalse(record.has(Field.NODE_NAME));
        assertNull(record.text(Field.NODE_NAME));
        assertTrue(record.isNormal());
    }

    @Test
    void textDecodesEscapesAndTheSliceKeepsThem() {
        String raw = "\\u003c\\ud83d\\ude00\\ud83d\\n\\\\u0041é\\ude00";
        PolicyRecord record = record(START + ",\"src\":{\"pod_name\":\"" + raw + "\"}" + END + "}");
        assertEquals("<😀\uFFFD\n\\u0041é\uFFFD", record.text(Field.SRC_POD_NAME));
        assertEquals(
                raw,
                new String(
                        record.array(Field.SRC_POD_NAME),
                        record.offset(Field.SRC_POD_NAME),
                        record.length(Field.SRC_POD_NAME),
                        UTF_8));
    }

    @Test
    void egressIsKnownHoweverItIsWritten() {
        for (String egress : List.of("egress", "EGRESS", "e\\u0067ress", "E\\u0047ress")) {
            assertEquals(
                    Side.SRC,
                    record((START + END + "}").replace("egress", egress)).enforcedSide(),
                    egress);
        }
        for (String other : List.of("ingress", "", "egress ", "egres", "\\u0065ngress")) {
            assertEquals(
                    Side.DEST,
                    record((START + END + "}").replace("egress", other)).enforcedSide(),
                    other);
        }
    }

    @Test
    void nothingIsAllocatedForALineOnceItsShapeIsKnown() throws Exception {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        List<byte[]> records = new ArrayList<>();
        for (byte[] line : lines()) {
            boolean escapes = new String(line, UTF_8).contains("\\");
            if (!escapes && parser.parse(line, 0, line.length) instanceof PolicyRecord) {
                records.add(line);
            }
        }
        long sum = 0;
        for (byte[] line : records) {
            ((PolicyRecord) parser.parse(line, 0, line.length)).json();
            long before = threads.getCurrentThreadAllocatedBytes();
            for (int i = 0; i < 100; i++) {
                PolicyRecord record = (PolicyRecord) parser.parse(line, 0, line.length);
                sum += record.json().length + record.jsonLength() + record.count() + record.destPort();
            }
            long allocated = threads.getCurrentThreadAllocatedBytes() - before;
            assertTrue(allocated < 100, () -> allocated + " bytes for 100 times " + new String(line, UTF_8));
        }
        assertTrue(sum > 0);
    }
}
