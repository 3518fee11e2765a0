package io.policylog.agent.process;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.policylog.agent.Main;
import io.policylog.agent.simulate.LogWriter;
import io.policylog.agent.simulate.LogWriterOptions;
import io.policylog.agent.simulate.TrafficGenerator;
import io.policylog.agent.simulate.TrafficOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Commands as processes of a shell: locales, pipes and, where there is {@code script(1)}, terminals. */
final class ShellTest {
    /** The query with which the tutorial finds the pod that must not reach the cart's database. */
    private static final String TUTORIAL = """
            resource.type="k8s_node"
            resource.labels.location="us-east1"
            resource.labels.cluster_name="prod-1"
            logName="projects/my-project/logs/policy-action"
            jsonPayload.disposition="deny"
            jsonPayload.src.pod_name=~"^rogue-"
            jsonPayload.dest.pod_name:"redis-cart"
            """;

    private static final int ATTEMPTS = 20_000;

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it
    private static Path folder;

    private static String log() {
        return folder.resolve("log").toString();
    }

    /** A day of a quiet node. */
    @BeforeAll
    static void simulate() throws Exception {
        Files.createDirectories(Path.of(log()));
        TrafficOptions quiet = TrafficOptions.seeded(1).withAttemptsPerSecond(ATTEMPTS / 86_400.0);
        try (LogWriter writer = new LogWriter(Path.of(log()), LogWriterOptions.DEFAULT)) {
            new TrafficGenerator(quiet).generate(ATTEMPTS, writer::write);
        }
    }

    private record Result(int exitCode, String out) {}

    /** Runs a line of the shell, standard error with standard output. */
    private static Result run(Map<String, String> environment, String line) throws Exception {
        ProcessBuilder shell = new ProcessBuilder("sh", "-c", line).redirectErrorStream(true);
        for (String name : List.of("LC_ALL", "LC_CTYPE", "LANG", "NO_COLOR", "COLUMNS", "NODE_NAME")) {
            shell.environment().remove(name);
        }
        shell.environment().put("TERM", "xterm");
        shell.environment().putAll(environment);
        Process process = shell.start();
        process.getOutputStream().close();
        String out = new String(process.getInputStream().readAllBytes(), UTF_8);
        return new Result(process.waitFor(), out);
    }

    private static String policylog(String... arguments) {
        List<String> words = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName()));
        words.addAll(List.of(arguments));
        return String.join(" ", words.stream().map(ShellTest::quoted).toList());
    }

    private static String quoted(String word) {
        return "'" + word.replace("'", "'\\''") + "'";
    }

    /** The same in a terminal of so many columns. */
    private static Result runInTerminal(Map<String, String> environment, int columns, String line) throws Exception {
        assumeTrue(run(Map.of(), "command -v script").exitCode() == 0, "there is no script(1)");
        return run(
                environment, "script -qec " + quoted("stty cols " + columns + "; " + line) + " /dev/null </dev/null");
    }

    @Test
    void theTutorialsQuerySelectsTheRoguesLinesAndNoOther() throws Exception {
        ObjectMapper json = new ObjectMapper();
        List<String> wanted = new ArrayList<>();
        try (var files = Files.list(Path.of(log()))) {
            for (Path file : files.sorted().toList()) {
                for (String line : Files.readAllLines(file)) {
                    JsonNode node = json.readTree(line);
                    if (node.at("/disposition").asText().equals("deny")
                            && node.at("/src/pod_name").asText().startsWith("rogue-")
                            && node.at("/dest/pod_name").asText().startsWith("redis-cart")) {
                        wanted.add(line);
                    }
                }
            }
        }
        assertFalse(wanted.isEmpty());
        Result result = run(Map.of(), policylog("read", TUTORIAL, "--log", log(), "--format", "raw") + " 2>/dev/null");
        assertEquals(wanted, result.out().lines().toList());
    }

    @Test
    void theLocaleChangesNeitherWhatIsSelectedNorWhatAFileGets() throws IOException, Exception {
        Path file = folder.resolve("other.log");
        String line = Files.readAllLines(Path.of(log(), "policy_action.log")).getFirst();
        Files.writeString(
                file, line.replaceFirst("\"pod_name\":\"[^\"]*\"", "\"pod_name\":\"käse\"") + "\n" + line + "\n");
        String command = policylog("read", "src.pod_name=\"käse\" OR dest.pod_name=\"käse\"", "--log", file.toString());
        Result utf8 = run(Map.of("LANG", "C.UTF-8"), command);
        assertEquals(1, utf8.out().lines().count(), utf8.out());
        assertEquals(utf8, run(Map.of("LANG", "C"), command));
        assertEquals(utf8, run(Map.of(), command));
    }

    @Test
    void aPipeThatIsClosedEndsQuietly() throws Exception {
        Result result =
                run(Map.of(), "{ " + policylog("read", "--log", log()) + "; echo ended with $? >&2; } | head -n 1");
        assertEquals(2, result.out().lines().count(), result.out());
        assertTrue(result.out().contains("ended with 0"), result.out());
    }

    @Test
    void aTerminalHasColourAndItsOwnWidth() throws Exception {
        String command = policylog("read", "--log", log(), "--limit", "200", "disposition=deny");
        Result result = runInTerminal(Map.of("LANG", "C.UTF-8"), 72, command);
        assertTrue(result.out().contains("\u001b[31mdeny \u001b[0m"), result.out());
        List<String> lines =
                result.out().replaceAll("\u001b\\[[0-9]*m", "").lines().toList();
        assertEquals(200, lines.size(), result.out());
        assertTrue(lines.stream().allMatch(line -> line.strip().length() <= 72), result.out());
        assertTrue(lines.stream().anyMatch(line -> line.contains(" → ")), result.out());

        Result plain = runInTerminal(Map.of("LANG", "C", "NO_COLOR", "1"), 72, command);
        assertTrue(plain.out().chars().allMatch(c -> c == '\r' || c == '\n' || (c >= ' ' && c < 0x7f)), plain.out());
        assertTrue(plain.out().contains(" -> "), plain.out());
    }
}
