package io.policylog.agent.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Pins the text of every message. */
final class ConfigurationProblemsTest extends ConfigurationTestCase {
    private static final String SIZE = "must be a size such as 512KiB, 1MiB, 1GiB or a plain number of bytes";
    private static final String DURATION = "must be a duration such as 200ms, 5s, 1m, 2h or 7d";
    private static final String LISTEN =
            "f:1:8: http.listen: must be host:port, such as 0.0.0.0:9464, localhost:9464 or" + " [::]:9464; found ";

    static Stream<Arguments> problemsOfOneKey() {
        return Stream.of(
                // Unknown keys.
                one("log: {maxline: 1MiB}", "f:1:7: log.maxline: unknown key; did you mean \"maxLine\"?"),
                one("log: {max_line: 1MiB}", "f:1:7: log.max_line: unknown key; did you mean \"maxLine\"?"),
                one("lgo: {}", "f:1:1: lgo: unknown key; did you mean \"log\"?"),
                one("state:\n  maxBytes: 1GiB", "f:2:3: state.maxBytes: unknown key; known are: directory, retain"),
                one(
                        "sinks: [{type: stdout, fromat: json}]",
                        "f:1:24: sinks.0.fromat: unknown key; did you mean \"format\"?"),
                // Kinds.
                one("node: [a]", "f:1:7: node: must be a text that is not empty; found a list"),
                one("node: ''", "f:1:7: node: must be a text that is not empty; found \"\""),
                one("node:", "f:1:6: node: has no value; give one, or remove the key"),
                one("log: {directory: ~}", "f:1:18: log.directory: has no value; give one, or remove the key"),
                one("fillNodeName: yes", "f:1:15: fillNodeName: must be true or false; found \"yes\""),
                one("log: here", "f:1:1: log: must be a map of keys; found \"here\""),
                one("log:", "f:1:1: log: must be a map of keys; found nothing"),
                one("log: {maxLine: 1MB}", "f:1:16: log.maxLine: " + SIZE + "; found \"1MB\""),
                one("log: {maxLine: none}", "f:1:16: log.maxLine: " + SIZE + "; found \"none\""),
                one(
                        "state: {retain: {maxBytes: 99999999TiB}}",
                        "f:1:28: state.retain.maxBytes: " + SIZE + "; found \"99999999TiB\""),
                one(
                        "sinks: [{type: stdout, sinkTimeout: 60}]",
                        "f:1:37: sinks.0.sinkTimeout: " + DURATION + "; found \"60\""),
                one(
                        "sinks: [{type: stdout, sinkTimeout: 999999999999d}]",
                        "f:1:37: sinks.0.sinkTimeout: " + DURATION + "; found \"999999999999d\""),
                one(
                        "log: {startAt: begining}",
                        "f:1:16: log.startAt: must be one of beginning, end; found \"begining\"; did you mean"
                                + " \"beginning\"?"),
                one("logging: {format: xml}", "f:1:19: logging.format: must be one of text, json; found \"xml\""),
                one(
                        "sinks: [{type: prometheus, maxSeries: many}]",
                        "f:1:39: sinks.0.maxSeries: must be a whole number; found \"many\""),
                one(
                        "sinks: [{type: prometheus, labels: src}]",
                        "f:1:36: sinks.0.labels: must be a list of texts, such as [a, b]; found \"src\""),
                one(
                        "sinks: [{type: prometheus, labels: [a, {b: c}]}]",
                        "f:1:40: sinks.0.labels: must be a list of texts, such as [a, b]; found a map in it"),
                one(
                        "sinks: [{type: prometheus, labels: {a: b}}]",
                        "f:1:36: sinks.0.labels: must be a list of texts, such as [a, b]; found a map"),
                // Ranges.
                one("log: {maxLine: 1023}", "f:1:7: log.maxLine: must be from 1KiB to 64MiB; found 1023"),
                one("log: {maxLine: 65MiB}", "f:1:7: log.maxLine: must be from 1KiB to 64MiB; found 65MiB"),
                one(
                        "sinks: [{type: stdout, sinkTimeout: 999ms}]",
                        "f:1:24: sinks.0.sinkTimeout: must be from 1s to 1h; found 999ms"),
                one(
                        "state: {retain: {minFreeDisk: 15}}",
                        "f:1:18: state.retain.minFreeDisk: must be a percentage from 0% to 99%, such as 15%; found"
                                + " \"15\""),
                one(
                        "state: {retain: {minFreeDisk: 100%}}",
                        "f:1:18: state.retain.minFreeDisk: must be a percentage from 0% to 99%, such as 15%; found"
                                + " \"100%\""),
                one("http: {listen: 9464}", LISTEN + "\"9464\""),
                one("http: {listen: 'localhost:65536'}", LISTEN + "\"localhost:65536\""),
                one("http: {listen: '::1:9464'}", LISTEN + "\"::1:9464\""),
                one(
                        "node: a/b",
                        "f:1:1: node: must be a node's name: up to 253 letters, digits, dots, dashes and underscores;"
                                + " found \"a/b\""),
                one(
                        "log: {files: 'x/*'}",
                        "f:1:7: log.files: must be a glob for names within log.directory, without /; found \"x/*\""),
                one(
                        "log: {files: '{a'}",
                        "f:1:7: log.files: must be a glob such as policy_action*; found \"{a\": Missing '}"),
                one("log: {directory: \"a\\0b\"}", "f:1:7: log.directory: must be a path; found \"a\\x00b\""),
                one(
                        "state: {retain: {maxBytes: 1000KiB}}",
                        "f:1:18: state.retain.maxBytes: must be at least 1MiB; found 1000KiB"),
                one(
                        "state: {retain: {maxFiles: 0}}",
                        "f:1:18: state.retain.maxFiles: must be from 1 to 1000000; found 0"),
                one(
                        "state: {retain: {maxFiles: 1000001}}",
                        "f:1:18: state.retain.maxFiles: must be from 1 to 1000000; found 1000001"),
                // References.
                one(
                        "node: ${NODE_NAME}",
                        "f:1:7: node: the environment variable NODE_NAME is not set; set it, or write"
                                + " ${NODE_NAME:-default}"),
                one(
                        "node: ${NODE-NAME}",
                        "f:1:7: node: a reference that is neither ${NAME} nor ${NAME:-default}, NAME being letters,"
                                + " digits and _; write $${ for a plain ${"),
                one(
                        "node: ${NODE_NAME",
                        "f:1:7: node: a reference ${ without its closing }; write ${NAME} or ${NAME:-default}, or $${"
                                + " for a plain ${"),
                one(
                        "log: {directory: \"${file:/x}\"}",
                        "f:1:18: log.directory: a reference that is neither ${NAME} nor ${NAME:-default}, NAME being"
                                + " letters, digits and _; write $${ for a plain ${"),
                // Sinks.
                one("sinks: []", "f:1:1: sinks: must name at least one sink, such as - type: stdout"),
                one("sinks: {type: stdout}", "f:1:1: sinks: must be a list of maps; found a map"),
                one("sinks: [stdout]", "f:1:9: sinks.0: must be a map of keys; found \"stdout\""),
                one("sinks: [{name: a}]", "f:1:9: sinks.0.type: is missing, and required. Which kind of sink this is."),
                one(
                        "sinks: [{type: kafak}]",
                        "f:1:10: sinks.0.type: there is no sink of type \"kafak\"; did you mean \"kafka\"?"),
                one(
                        "sinks: [{type: elasticsearch}]",
                        "f:1:10: sinks.0.type: there is no sink of type \"elasticsearch\"; known are: kafka,"
                                + " prometheus, stdout"),
                one(
                        "sinks: [{type: stdout, name: A_b}]",
                        "f:1:24: sinks.0.name: must be 1 to 63 of a-z, 0-9 and -; found \"A_b\""),
                one(
                        "sinks:\n- type: stdout\n- type: stdout",
                        "f:3:3: sinks.1.name: is the name of another sink too; give each sink a name of its own; found"
                                + " \"stdout\" there and in sinks.0"),
                one(
                        "sinks:\n- type: prometheus\n- type: prometheus\n  name: b\n  metric: connections_total",
                        "f:5:3: sinks.1.metric: is the same as another sink's; give each sink of type prometheus its"
                                + " own; found \"connections_total\" there and in sinks.0"),
                one(
                        "sinks: [{type: kafka, topic: t}]\ncluster: {name: c}",
                        "f:1:9: sinks.0.bootstrapServers: is missing, and required. The brokers."),
                one(
                        "sinks:\n- {type: kafka, topic: t, bootstrapServers: b}",
                        "f:2:3: sinks.0.delivery: exactly-once needs cluster.name; set it"),
                one(
                        "cluster: {name: c}\nsinks:\n- {type: kafka, topic: t, bootstrapServers: b, properties: {\n"
                                + "  acks: 1}}",
                        "f:4:3: sinks.0.properties.acks: is fixed by delivery; remove it"),
                one(
                        "cluster: {name: c}\nsinks:\n- {type: kafka, topic: t, bootstrapServers: b, properties: {\n"
                                + "  a: [1]}}",
                        "f:4:3: sinks.0.properties.a: must be a text; found a list"),
                one(
                        "cluster: {name: c}\nsinks:\n- {type: kafka, topic: t, bootstrapServers: b, properties: a}",
                        "f:3:60: sinks.0.properties: must be a map of texts, such as {key: value}; found a text"),
                // Bad pairs.
                one(
                        "sinks: [{type: stdout}]\nstate:\n  directory: none",
                        "f:3:3: state.directory: can be none only when every sink keeps its position elsewhere, and the"
                                + " sink stdout (stdout) keeps it there; name a directory, or remove that sink"),
                one(
                        "log: {directory: /a/b}\nstate: {directory: /a/./}",
                        "f:2:9: state.directory: must not be log.directory or a directory above it; found \"/a/.\"; write"
                                + " a directory of its own, such as /a/b/.policylog"),
                // YAML.
                one("log: {}\nlog: {}", "f:2:1: the key \"log\" stands twice, first in line 1; remove one of them"),
                one("", "f: is empty; write at least one key, or leave out --config"),
                one("# nothing\n---\n", "f: is empty; write at least one key, or leave out --config"),
                one("just a text", "f:1:1: must be a map of keys; found a text"),
                one("- a\n", "f:1:1: must be a map of keys; found a list"),
                one("node: a\n---\nnode: b", "f:3:1: a second document begins here; keep one"),
                one("node: 'a", "f:1:9: is not YAML: found unexpected end of stream"),
                one(
                        "node: a\n\tlog: b",
                        "f:2:1: is not YAML: found character '\\t(TAB)' that cannot start any token."
                                + " (Do not use \\t(TAB) for indentation)"),
                one(
                        "node: a\nx: \u0007b",
                        "f:2:4: is not YAML: a control character, which YAML does not allow; remove it"),
                one("[a]: b", "f:1:1: is not YAML: what stands here can't be a key; use plain text"),
                one("node: *a", "f:1:7: aliases (*name) are not supported; write the value out"),
                one("node: !!str b", "f:1:7: tags (!name) are not supported; remove it"));
    }

    @ParameterizedTest
    @MethodSource("problemsOfOneKey")
    void tellsPlaceKeyRuleAndRemedy(String yaml, String problem) throws Exception {
        assertEquals(problem, problems(yaml));
    }

    @Test
    void tellsEverythingAtOnceAndShowsNoControlCharacters() throws Exception {
        assertEquals("""
                f:2:1: node: must be a node's name: up to 253 letters, digits, dots, dashes and underscores; found \
                "a\\x1b[2J\\u{202e}"
                f:4:12: log.startAt: must be one of beginning, end; found "middle"
                f:5:3: log.dir\\x07: unknown key; known are: directory, files, startAt, maxLine
                f:8:13: sinks.0.format: must be one of json, table; found "xml"
                f:9:5: sinks.1.type: there is no sink of type "file"; known are: kafka, prometheus, stdout
                f:1:1: zzz: unknown key; known are: node, fillNodeName, cluster, log, state, http, logging, sinks""", problems("""
                        zzz: 1
                        node: "a\\e[2J\\u202e"
                        log:
                          startAt: middle
                          "dir\\a": x
                        sinks:
                          - type: stdout
                            format: xml
                          - type: file
                        """));
    }

    @Test
    void aFilterThatDoesNotCompileIsToldWithItsPlace() throws Exception {
        String told = problems("sinks: [{type: stdout, filter: 'disposition='}]");
        String rule =
                "f:1:24: sinks.0.filter: must be a query in the Logging query language; in line 1, column 13 of it: ";
        assertTrue(told.startsWith(rule) && told.length() > rule.length(), told);
    }

    @Test
    void insideAPodTheNodeMustBeNamed() throws Exception {
        environment.put("KUBERNETES_SERVICE_HOST", "10.0.0.1");
        assertEquals(
                "f:1:1: node: must be given inside a pod, whose host name is not the node's; write node: ${NODE_NAME},"
                        + " and set NODE_NAME from spec.nodeName",
                problems("log: {}"));
    }

    @Test
    void aLongValueIsShortened() throws Exception {
        assertEquals(
                "f:1:15: fillNodeName: must be true or false; found \"" + "x".repeat(100) + "…\"",
                problems("fillNodeName: " + "x".repeat(101)));
    }

    @Test
    void manyProblemsAreCounted() throws Exception {
        StringBuilder yaml = new StringBuilder();
        for (int i = 0; i < 150; i++) {
            yaml.append("unknown").append(i).append(": 1\n");
        }
        List<String> lines = problems(yaml.toString()).lines().toList();
        assertEquals(101, lines.size());
        assertEquals("f: has 50 more problems; mend those above first", lines.getLast());
    }

    @Test
    void tooManySinksAreRefused() throws Exception {
        StringBuilder yaml = new StringBuilder("sinks:\n");
        for (int i = 0; i < 33; i++) {
            yaml.append("- {type: stdout, name: s").append(i).append("}\n");
        }
        assertEquals("f:1:1: sinks: must be at most 32; found 33", problems(yaml.toString()));
    }

    @Test
    void overridesAreCheckedLikeTheFile() throws Exception {
        String yaml = "sinks: [{type: stdout}]\nnode: n\n";
        assertEquals("--set: log.maxLine: " + SIZE + "; found \"1MB\"", problems(yaml, "log.maxLine=1MB"));
        assertEquals("--set: lgo: unknown key; did you mean \"log\"?", problems(yaml, "lgo.startAt=end"));
        assertEquals(
                "--set: must be key=value, such as log.startAt=end; found no key and = in it", problems(yaml, "log"));
        assertEquals(
                "--set: sinks.kafka.topic: there is no sink \"kafka\"; name one, or count from 0; sinks.1.type=… adds"
                        + " one",
                problems(yaml, "sinks.kafka.topic=t"));
        assertEquals("--set: node.name: node is no map of keys; set it as a whole", problems(yaml, "node.name=t"));
        assertEquals(
                "--set: sinks.0.format: sinks is no list; set it as a whole",
                problems("sinks: stdout", "sinks.0.format=json"));
        assertEquals(
                "--set:1:2: is not YAML: expected the node content, but found '<stream end>'",
                problems(yaml, "sinks=["));
    }

    @Test
    void aMissingFileIsSaid() {
        Path file = folder().resolve("absent.yaml");
        assertEquals(file + ": there is no such file; name one that exists, or leave out --config", message(file));
    }

    @Test
    void aDirectoryIsNoConfiguration() {
        assertEquals(folder() + ": is a directory; name a file", message(folder()));
    }

    @Test
    void bytesThatAreNotUtf8AreRefused() throws Exception {
        Path file = folder().resolve("latin1.yaml");
        Files.write(file, "node: é\n".getBytes(StandardCharsets.ISO_8859_1));
        assertEquals(file + ": is not UTF-8; save it as UTF-8", message(file));
    }

    @Test
    void anEndlessFileIsReadUpToABound() {
        assertEquals("/dev/zero: is longer than 1MiB; no configuration is", message(Path.of("/dev/zero")));
    }

    @Test
    void aliasesAreNeverExpanded() throws Exception {
        StringBuilder bomb = new StringBuilder("a: &a [x, x, x, x, x, x, x, x, x, x]\n");
        for (char c = 'b'; c <= 'z'; c++) {
            String before = "*" + (char) (c - 1);
            bomb.append(c).append(": &").append(c).append(" [");
            bomb.append(before).append(", ").append(before).append(", ").append(before);
            bomb.append("]\n");
        }
        String told = problems(bomb.toString());
        assertTrue(told.startsWith("f:2:8: aliases (*name) are not supported"), told);
    }

    @Test
    void mergeKeysAreNotSupported() throws Exception {
        assertTrue(problems("node: n\nlog:\n  <<: *base\n").startsWith("f:3:7: aliases (*name)"));
    }

    @Test
    void deepNestingIsRefusedWithoutReadingItAll() throws Exception {
        assertEquals("f:1:11: is nested deeper than 10 levels; no key is", problems("[".repeat(500_000)));
        StringBuilder steps = new StringBuilder();
        for (int i = 0; i < 1000; i++) {
            steps.append(" ".repeat(i)).append("a:\n");
        }
        assertEquals("f:11:11: is nested deeper than 10 levels; no key is", problems(steps.toString()));
    }

    @Test
    void hugeScalarsAndKeysAreBounded() throws Exception {
        assertTrue(problems("node: " + "x".repeat(900_000)).length() < 300);
        assertTrue(problems("x".repeat(900) + ": 1").length() < 1200);
    }

    private String message(Path file) {
        return String.valueOf(assertThrows(ConfigurationException.class, () -> load(Optional.of(file)))
                .getMessage());
    }

    private static Arguments one(String yaml, String problem) {
        return Arguments.of(yaml, problem);
    }
}
