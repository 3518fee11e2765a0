package io.policylog.parser.filter;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.policylog.parser.EntryMetadata;
import io.policylog.parser.ResourceLabels;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

final class FilterErrorsTest {
    private static final FilterContext READING =
            FilterContext.forReading(ResourceLabels.UNKNOWN, InstantSource.system());
    private static final FilterContext SINK = FilterContext.forSink(ResourceLabels.UNKNOWN, InstantSource.system());

    @Test
    void theMessageShowsThePlace() {
        assertEquals(
                """
                line 2, column 25: jsonPayload.count is a number; "many" is not
                    AND jsonPayload.count="many" AND x
                                          ^""",
                error("disposition=deny\n  AND jsonPayload.count=\"many\" AND x")
                        .getMessage());
    }

    @Test
    void thePlaceIsCountedInCodePoints() {
        FilterException error = error("\"\ud83d\ude00é\"\n-- \ud83d\ude00\n\"\ud83d\ude00\" count=x");
        assertEquals(3, error.line());
        assertEquals(11, error.column());
        assertEquals("count is a number; \"x\" is not", error.problem());
    }

    @Test
    void aLongLineIsCutAroundThePlace() {
        String message =
                error("a".repeat(500) + " AND count=x AND " + "b".repeat(500)).getMessage();
        String[] lines = message.split("\n", -1);
        assertEquals(3, lines.length);
        assertTrue(lines[1].startsWith("  …aaa") && lines[1].endsWith("bbb…"), message);
        assertEquals('x', lines[1].charAt(lines[2].indexOf('^')));
        assertTrue(lines[1].length() < 120, message);
    }

    @Test
    void theMessageIsSafeForATerminal() {
        FilterException error = error("\"\u001b]52;c;eA==\u0007\" count=\"\u001b[2J\u202e\"");
        assertFalse(
                error.getMessage()
                        .codePoints()
                        .anyMatch(codePoint -> codePoint != '\n'
                                && (Character.isISOControl(codePoint)
                                        || Character.getType(codePoint) == Character.FORMAT)),
                error.getMessage());
        String[] lines = error.getMessage().split("\n", -1);
        assertEquals("count is a number; \"\\x1b[2J\\u{202e}\" is not", error.problem());
        assertEquals('"', lines[1].charAt(lines[2].indexOf('^')));
    }

    static Stream<Arguments> errors() {
        return Stream.of(
                Arguments.of("disposition=", 13, "the query ends where a comparison or a value should follow"),
                Arguments.of("disposition=deny AND", 21, "the query ends where a comparison or a value should follow"),
                Arguments.of("NOT", 4, "the query ends where a comparison or a value should follow"),
                Arguments.of("=deny", 1, "a field's name must stand before ="),
                Arguments.of("a<>b", 3, "a field's name must stand before >"),
                Arguments.of("AND a=b", 1, "AND stands where a comparison or a value should"),
                Arguments.of("a=b OR OR c=d", 8, "OR stands where a comparison or a value should"),
                Arguments.of("a=NOT b", 3, "NOT stands where a comparison or a value should"),
                Arguments.of("(a=b", 1, "this parenthesis is not closed"),
                Arguments.of("a=(b", 3, "this parenthesis is not closed"),
                Arguments.of("a=b)", 4, "no parenthesis is open here, or nothing stands before it"),
                Arguments.of("()", 2, "nothing stands between the parentheses"),
                Arguments.of("a=()", 4, "nothing stands between the parentheses"),
                Arguments.of("a=\"b", 3, "the string that begins here is not closed on its line"),
                Arguments.of("a='b\"\n'", 3, "the string that begins here is not closed on its line"),
                Arguments.of("a=\"\\u12\"", 4, "\\u needs 4 hexadecimal digits"),
                Arguments.of("a=\"\\xg0\"", 4, "\\x needs 2 hexadecimal digits"),
                Arguments.of("a=\"\\777\"", 4, "an octal escape ends at \\377"),
                Arguments.of("a=\"\\ud800\"", 3, "half of a surrogate pair is no character"),
                Arguments.of(
                        "insertId = abc:def",
                        15,
                        "a value ends before :; a value that contains it must stand between quotes"),
                Arguments.of("a!b", 2, "! is only part of != and !~; write NOT, or quote the text"),
                Arguments.of("a`b", 2, "this character must stand between quotes"),
                Arguments.of("a=b; c=d", 4, "this character must stand between quotes"),
                Arguments.of("a=b && c=d", 5, noOperator("&&", "AND")),
                Arguments.of("a=b & c=d", 5, noOperator("&", "AND")),
                Arguments.of("a=b||c=d", 4, noOperator("||", "OR")),
                Arguments.of("src.pod_name=~^a|b", 17, noOperator("|", "OR")),
                Arguments.of(
                        "a,b",
                        2,
                        "a comma separates only the arguments of a function; quote a value that contains one"),
                Arguments.of("a..b=1", 1, "a part of the field's name is missing: a..b"),
                Arguments.of("a.\"\"=1", 1, "a part of the field's name is missing: a.\"\""),
                Arguments.of(
                        "foo(1)", 1, "there is no function foo here; there are ip_in_net, log_id, sample and SEARCH"),
                Arguments.of("a=cast(x)", 3, "a function cannot be a value: cast"),
                Arguments.of("log_id()", 1, "log_id takes the last part of a log's name; it was given 0 arguments"),
                Arguments.of("ip_in_net(a)", 1, "ip_in_net takes a field and a network; it was given 1 argument"),
                Arguments.of("ip_in_net(a \"b\")", 13, "a comma should stand between the arguments"),
                Arguments.of("ip_in_net(a, \"b\"", 10, "this parenthesis is not closed"),
                Arguments.of("sample(insertId,0.5)=true", 21, "a function stands alone; it is not compared with ="),
                Arguments.of("sample(insertId, 2)", 18, "\"2\" is not a fraction from 0 to 1"),
                Arguments.of("SEARCH(\"..\")", 8, "there is no word to search for"),
                Arguments.of(
                        "SEARCH(logName, \"x\")", 8, "SEARCH looks into jsonPayload and its fields, or everywhere"),
                Arguments.of(
                        "timestamp>=\"2024-02-30\"",
                        12,
                        "\"2024-02-30\" is not a time; write \"2024-08-20T14:02:57Z\", \"2024-08-20\" or, counted from"
                                + " now, \"-5m\""),
                Arguments.of("timestamp=~\"2024\"", 1, "timestamp is a time; compare it with =, !=, <, <=, > or >="),
                Arguments.of(
                        "severity>=LOUD",
                        11,
                        "\"LOUD\" is not a severity; they are DEFAULT, DEBUG, INFO, NOTICE, WARNING, ERROR, CRITICAL,"
                                + " ALERT, EMERGENCY"),
                Arguments.of(
                        "src.pod_name=~\"(\"",
                        15,
                        "not a regular expression (RE2): error parsing regexp: missing closing ): `(`"),
                Arguments.of(
                        "src.pod_name=~\"((a{1000}){1000}){1000}\"",
                        15,
                        "the regular expressions are too large; repeat or nest less"),
                Arguments.of("connection.dest_port:\"80 \"", 22, "connection.dest_port is a number; \"80 \" is not"),
                Arguments.of("count=(1 OR many)", 13, "count is a number; \"many\" is not"),
                Arguments.of("policies.revision=new", 19, "policies.revision is a number; \"new\" is not"));
    }

    @ParameterizedTest
    @MethodSource("errors")
    void namesWhatIsWrongAndWhere(String query, int column, String problem) {
        FilterException error = error(query);
        assertEquals(problem, error.problem());
        assertEquals(column, error.column());
    }

    @Test
    void aQueryIsNotLongerThanItsLimit() throws FilterException {
        String longest = "x".repeat(QueryParser.MAX_QUERY_LENGTH);
        assertEquals(List.of(), Filter.compile(longest, READING).warnings());
        assertEquals(
                "a query has at most 20000 characters; this one has 20001",
                error(longest + "x").problem());
    }

    @Test
    void nestingIsBounded() throws FilterException {
        int most = QueryParser.MAX_NESTING;
        assertEquals(
                Set.of(),
                Filter.compile("(".repeat(most) + "a" + ")".repeat(most), READING)
                        .unknownFields());
        assertEquals(
                Set.of(), Filter.compile("NOT ".repeat(most) + "a", READING).unknownFields());
        assertEquals(
                Set.of(),
                Filter.compile("a=" + "(".repeat(most) + "a" + ")".repeat(most), READING)
                        .unknownFields());
        String problem = "nested deeper than 100 parentheses and NOTs";
        assertEquals(
                problem,
                error("(".repeat(most + 1) + "a" + ")".repeat(most + 1)).problem());
        assertEquals(problem, error("NOT ".repeat(most + 1) + "a").problem());
        assertEquals(
                problem,
                error("a=" + "(".repeat(most + 1) + "a" + ")".repeat(most + 1)).problem());
    }

    @ParameterizedTest
    @ValueSource(strings = {"(", "NOT ", "- ", "a=(", "((NOT ", "ip_in_net(", "-(", "a:(NOT ", "(a OR ", "a OR NOT "})
    void hostileRepetitionIsRefusedAndNotFollowed(String part) {
        String query = part.repeat(QueryParser.MAX_QUERY_LENGTH / part.length());
        assertThrows(FilterException.class, () -> Filter.compile(query, READING));
    }

    @ParameterizedTest
    @ValueSource(strings = {"(", "(?:a|", "[", "x{999}", "(a{9}", "\\Q", "(?i)", "(((a", "a|"})
    void hostilePatternsAreRefusedOrHarmless(String part) {
        String query = "src.pod_name=~'" + part.repeat(19_000 / part.length()) + "'";
        try {
            Filter.compile(query, READING);
        } catch (FilterException e) {
            assertEquals(1, e.line());
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "(?i)\u1c80",
                "(?i)\\x{1c88}",
                "(?i)\\x{001C85}",
                "(?si:[a-\\x{ffff}])",
                "(?i)[\u0400-\u2fff]",
                "[]-\u65e5](?i)"
            })
    void patternsThatWouldNeverCompileAreRefused(String pattern) {
        assertEquals(
                "ignoring case, a regular expression cannot have the letters U+1C80 to U+1C88, nor a range past them",
                error("src.pod_name=~'" + pattern.replace("\\", "\\\\") + "'").problem());
    }

    /** A newer JDK may know letters that RE2/J does not come back from; this test then never ends. */
    @Test
    void everyOtherLetterCompilesIgnoringCase() throws FilterException {
        for (int letter = 0x80; letter <= Character.MAX_CODE_POINT; letter++) {
            boolean hasCases = Character.toLowerCase(letter) != letter || Character.toUpperCase(letter) != letter;
            if (hasCases && (letter < 0x1c80 || letter > 0x1c88)) {
                Filter.compile("src.pod_name=~'(?i)" + Character.toString(letter) + "'", READING);
            }
        }
    }

    @Test
    void aSinkRefusesWhatItCannotKnow() {
        assertEquals(
                "resource.labels.cluster_name is not known here: a cluster name is not configured",
                sinkError("disposition=deny resource.labels.cluster_name=prod"));
        assertEquals("logName is not known here: a project is not configured", sinkError("logName:policy"));
        assertEquals(
                "resource.labels.node_name is not known here: a node name is not configured",
                sinkError("disposition=deny OR resource.labels.node_name=n"));
        assertEquals(
                "resource.labels.location is not known here: a location is not configured",
                sinkError("disposition=x AND resource.type=other AND resource.labels.location=l"));
    }

    @Test
    void aSinkMayAskForWhatItsConfigurationSays() throws FilterException {
        ResourceLabels labels = new ResourceLabels("p", "l", "c", "n");
        Filter filter = Filter.compile(
                "logName:policy resource.labels.node_name=n receiveTimestamp:* insertId:* resource:c",
                FilterContext.forSink(labels, InstantSource.system()));
        assertEquals(Set.of(), filter.unknownFields());
    }

    static Stream<Arguments> warnings() {
        return Stream.of(
                Arguments.of(
                        "pod_name=x",
                        "line 1, column 1: no known shape of a record has pod_name; did you mean dest.pod_name or"
                                + " src.pod_name?"),
                Arguments.of(
                        "jsonPayload.dest.pod=x",
                        "line 1, column 1: no known shape of a record has jsonPayload.dest.pod; did you mean"
                                + " dest.pod_name or dest.pod_namespace?"),
                Arguments.of(
                        "a=b\n src.podname=x",
                        "line 2, column 2: no known shape of a record has src.podname; did you mean src.pod_name?"),
                Arguments.of(
                        "resource.labels.cluster=x",
                        "line 1, column 1: no policy log entry has resource.labels.cluster; did you mean"
                                + " resource.labels.cluster_name?"),
                Arguments.of(
                        "textPayload:x",
                        "line 1, column 1: no policy log entry has textPayload; the comparison is always false"),
                Arguments.of(
                        "deny and x", "line 1, column 6: and is a word to search for; the operator is written AND"),
                Arguments.of(
                        "disposition=*",
                        "line 1, column 13: * is compared as a star; whether a field is there asks disposition:*"),
                Arguments.of("\"\u001b[2J\"=1", "line 1, column 1: no known shape of a record has \\x1b[2J"));
    }

    @ParameterizedTest
    @MethodSource("warnings")
    void warnsOfWhatIsProbablyNotMeant(String query, String warning) throws FilterException {
        assertEquals(warning, Filter.compile(query, READING).warnings().getLast());
    }

    @Test
    void aUsualQueryWarnsOfNothing() throws FilterException {
        Filter filter = Filter.compile(
                "resource.type=k8s_node jsonPayload.src:* policies.labels:x disposition=deny severity>=DEFAULT"
                        + " timestamp>\"-1h\" log_id(policy-action) insertId:x",
                READING);
        assertEquals(List.of(), filter.warnings());
        assertEquals(Set.of(), filter.unknownFields());
    }

    @Test
    void unknownFieldsAreNamedOnceTheyMatter() throws FilterException {
        Filter filter = Filter.compile(
                "resource.labels.project_id=p OR insertId=x OR receiveTimestamp>2024-01-01 OR resource.labels.node_name=n",
                READING);
        assertEquals(Set.of("resource.labels.project_id"), filter.unknownFields());
        Verdict verdict = filter.test(
                Records.of(
                        "{\"connection\":{\"src_ip\":\"1.1.1.1\",\"dest_ip\":\"2.2.2.2\",\"protocol\":\"tcp\",\"direction\":\"egress\"},"
                                + "\"disposition\":\"deny\",\"timestamp\":\"2024-08-20T14:02:57Z\"}"),
                EntryMetadata.UNKNOWN);
        assertEquals(Verdict.UNKNOWN, verdict);
        assertEquals(
                Set.of("resource.labels.project_id", "insertId", "receiveTimestamp", "resource.labels.node_name"),
                filter.unknownFields());
    }

    private static String noOperator(String found, String meant) {
        return found + " is no operator; did you mean " + meant + "? A text that contains it must stand between quotes";
    }

    private static FilterException error(String query) {
        return assertThrows(FilterException.class, () -> Filter.compile(query, READING));
    }

    private static String sinkError(String query) {
        return assertThrows(FilterException.class, () -> Filter.compile(query, SINK))
                .problem();
    }
}
