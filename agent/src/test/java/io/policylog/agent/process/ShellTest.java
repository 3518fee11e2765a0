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
import java.io.OutputStream;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
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
        Process process = shell(environment, line).start();
        process.getOutputStream().close();
        String out = new String(process.getInputStream().readAllBytes(), UTF_8);
        return new Result(process.waitFor(), out);
    }

    private static ProcessBuilder shell(Map<String, String> environment, String line) {
        ProcessBuilder shell = new ProcessBuilder("sh", "-c", line).redirectErrorStream(true);
        for (String name : List.of("LC_ALL", "LC_CTYPE", "LANG", "NO_COLOR", "COLUMNS", "NODE_NAME")) {
            shell.environment().remove(name);
        }
        shell.environment().put("TERM", "xterm");
        shell.environment().putAll(environment);
        return shell;
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
        return run(environment, inTerminal(columns, line));
    }

    private static String inTerminal(int columns, String line) throws Exception {
        assumeTrue(
                run(Map.of(), "command -v script").exitCode() == 0,
                "there is no script(1); install the package bsdutils");
        return "script -qec " + quoted("stty cols " + columns + "; " + line) + " /dev/null </dev/null";
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
    void aNameThatTheLocaleLacksIsWrongUsageAndNamesTheLocale() throws Exception {
        Path file = folder.resolve("config.yaml");
        Files.writeString(file, "node: n\nlog: {directory: /tmp/ö}\nsinks: [{type: stdout}]\n");
        Map<String, String> c = Map.of("LC_ALL", "POSIX");
        String why = ", which has characters that are none in the locale POSIX; set LC_ALL=C.UTF-8";
        for (List<String> command : List.of(
                List.of("read", "--log", "ö.log"),
                List.of("read", "--follow", "--log", "ö.log"),
                List.of("explain", "a", "b", "--log", "ö.log"),
                List.of("validate", "-c", "ö.yaml"),
                List.of("simulate", "--directory", "ö"),
                List.of("validate", "-c", file.toString()))) {
            Result result = run(c, policylog(command.toArray(String[]::new)));
            assertEquals(2, result.exitCode(), result.out());
            assertTrue(result.out().lines().findFirst().orElseThrow().endsWith(why), result.out());
            assertFalse(result.out().contains("\tat "), result.out());
        }
        Result utf8 = run(Map.of("LC_ALL", "C.UTF-8"), policylog("read", "--log", "ö.log"));
        assertEquals("policylog: there is no ö.log; say with --log where the log is, or - for stdin\n", utf8.out());
    }

    @Test
    void aDestinationIsTriedWithoutAWordOfTheClientsOwn() throws Exception {
        Path file = folder.resolve("kafka.yaml");
        Files.writeString(file, """
                node: n
                cluster: {name: c}
                sinks: [{type: kafka, bootstrapServers: 'no-such-host.invalid:9092', topic: t}]
                """);
        Result result = run(Map.of(), policylog("validate", "--connect", "-c", file.toString()) + " 2>&1 >/dev/null");
        assertEquals(1, result.exitCode());
        assertEquals(1, result.out().lines().count(), result.out());
        assertTrue(result.out().startsWith("sink kafka: "), result.out());
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

    @Test
    void aTerminalIsGivenNothingToObeyWhateverTheLogHolds() throws Exception {
        // The clipboard (OSC 52), cursor up and clear (CSI, also as a C1 control), and a title.
        String payload = "\\u001b]52;c;cm0gLXJm\\u0007\\u001b[9A\\u001b[2J\u009b2J\u202e\\u009d0;x\\u009c";
        Path file = folder.resolve("hostile.log");
        String line = Files.readAllLines(Path.of(log(), "policy_action.log")).getFirst();
        Files.writeString(
                file,
                line.replaceAll(
                                "\"(pod_name|workload_name|name|node_name|src_ip)\":\"[^\"]*\"",
                                "\"$1\":\"" + payload.replace("\\", "\\\\") + "\"")
                        + "\n\u001b]52;c;cm0gLXJm\u0007\n");
        List<String> commands = new ArrayList<>();
        for (String format : List.of("table", "json", "logentry", "raw")) {
            commands.add(policylog("read", "--log", file.toString(), "--format", format));
        }
        commands.add(policylog("read", "--log", file.toString(), "--count-by", "src.pod_name,connection.src_ip"));
        commands.add(policylog("explain", "nobody", "nowhere", "--log", file.toString()));
        Result result =
                runInTerminal(Map.of("LANG", "C.UTF-8", "NO_COLOR", "1"), 200, String.join("; ", commands) + "; true");
        assertTrue(result.out().contains("]52;c;cm0gLXJm"), result.out());
        assertTrue(
                result.out()
                        .codePoints()
                        .allMatch(c -> c == '\r' || c == '\n' || c == '→' || c == '…' || (c >= ' ' && c < 0x7f)),
                result.out());
    }

    @Test
    void aTerminalSeesHowFarReadingHasComeAndNothingOfItAtTheEnd() throws Exception {
        String fifo = folder.resolve("fifo").toString();
        assertEquals(0, run(Map.of(), "mkfifo " + quoted(fifo)).exitCode());
        String command = policylog("read", "disposition=nothing", "--log", fifo) + "; echo ended with $?";
        Process terminal = shell(Map.of(), inTerminal(80, command)).start();
        CountDownLatch seen = new CountDownLatch(1);
        byte[] lines = Files.readAllBytes(Path.of(log(), "policy_action.log"));
        Thread writer = Thread.ofPlatform().start(() -> {
            try (OutputStream pipe = Files.newOutputStream(Path.of(fifo))) {
                while (seen.getCount() > 0) {
                    pipe.write(lines);
                }
            } catch (IOException e) {
                // Whoever read it has ended, and what it said shows why.
            }
        });
        StringBuilder out = new StringBuilder();
        try (Reader screen = terminal.inputReader(UTF_8)) {
            for (int c = screen.read(); c >= 0; c = screen.read()) {
                out.append((char) c);
                if (out.indexOf(" MB/s\u001b[K") >= 0) {
                    seen.countDown();
                }
            }
        } finally {
            seen.countDown();
            writer.join();
        }
        assertTrue(
                out.toString().matches("(\r[0-9.]+ MB, [0-9.]+ MB/s\u001b\\[K)+\r\u001b\\[Kended with 0\\s*"),
                out::toString);
        Result piped = run(Map.of(), policylog("read", "disposition=nothing", "--log", log()));
        assertEquals(new Result(0, ""), piped);
    }

    @Test
    void theShellLearnsToComplete() throws Exception {
        String learned = "eval \"$(" + policylog("completion") + ")\" && complete -p policylog";
        Result result = run(Map.of(), "bash -c " + quoted(learned));
        assertEquals(0, result.exitCode(), result.out());
        assertTrue(result.out().contains("-F _complete_policylog"), result.out());
    }

    @Test
    void whatTheDiskHasNoRoomForIsAFailure() throws Exception {
        for (String command : List.of(policylog("version"), policylog("read", "--log", log()))) {
            Result result = run(Map.of(), command + " 3>&1 >/dev/full 2>&3");
            assertEquals(
                    new Result(1, "policylog: can't write to the standard output: No space left on device\n"), result);
        }
    }
}
