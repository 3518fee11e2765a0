package io.policylog.agent.simulate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

class SimulateCommandTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final StringWriter err = new StringWriter();

    @TempDir
    Path directory;

    /** The command as a process of its own, so that it can be terminated. */
    static final class Main {
        private Main() {}

        static void main(String[] arguments) {
            System.exit(new CommandLine(new SimulateCommand()).execute(arguments));
        }
    }

    @Test
    void writesExactlyTheLinesAskedForAndSaysWhatItDid() throws IOException {
        assertEquals(0, simulate("--rate", "max", "--lines", "20000", "--max-backups", "0", "--max-file-size", "1MiB"));
        assertEquals(20_000, lines().size());
        assertTrue(err.toString().matches("""
                                simulate: writing to \\S+, seed 1
                                simulate: [0-9,]+ attempts, 20,000 lines \\(0 malformed\\), 1[0-9] rotations in [0-9.]+ s
                                simulate: policy_logging_drop_count\\{reason="rate_limit"} 0
                                simulate: policy_logging_drop_count\\{reason="aggregation_limit"} 0
                                """), err::toString);
    }

    @Test
    void linesThatTheLimitDropsAreNotAmongThoseAskedFor() throws IOException {
        assertEquals(
                0, simulate("--rate", "max", "--lines", "2000", "--max-log-rate", "7", "--deny", "0.9", "--seed", "3"));
        assertEquals(2_000, lines().size());
        assertFalse(err.toString().contains("{reason=\"rate_limit\"} 0\n"), err::toString);
    }

    @Test
    void theSameSeedWritesTheSameBytesBatchedOrTorn() throws IOException {
        simulate("--rate", "max", "--lines", "2000", "--generation", "mixed", "--batch");
        List<String> first = lines();
        Files.delete(directory.resolve("policy_action.log"));
        simulate("--rate", "max", "--lines", "2000", "--generation", "mixed", "--torn", "0.5");
        assertEquals(first, lines());
    }

    @Test
    void pacedTrafficTakesItsTime() throws IOException {
        long startNanos = System.nanoTime();
        Instant start = Instant.now();
        assertEquals(0, simulate("--rate", "400", "--for", "500ms", "--deny", "0", "--torn", "0.02"));
        assertTrue(System.nanoTime() - startNanos >= 500_000_000);
        assertEquals(200, lines().size(), 1);
        for (String line : lines()) {
            Instant time = Instant.parse(
                    new ObjectMapper().readTree(line).get("timestamp").asText());
            assertFalse(
                    time.isBefore(start.minusSeconds(5))
                            || time.isAfter(Instant.now().plusSeconds(5)),
                    line);
        }
    }

    @Test
    void makesTheDirectory() throws IOException {
        directory = directory.resolve("var/log/network");
        assertEquals(0, simulate("--rate", "max", "--lines", "1"));
        assertEquals(1, lines().size());
    }

    @Test
    void aFullDiskEndsItWithAMessage() throws IOException {
        Path full = Files.createSymbolicLink(directory.resolve("policy_action.log"), Path.of("/dev/full"));
        assertEquals(1, simulate("--rate", "max", "--lines", "10", "--deny", "0"));
        Files.delete(full);
        assertTrue(
                err.toString().endsWith("simulate: cannot write the log after 1 lines: No space left on device\n"),
                err::toString);
    }

    @Test
    void aDirectoryThatCannotBeMadeIsAFailure() throws IOException {
        Path file = Files.createFile(directory.resolve("file"));
        directory = file;
        assertEquals(1, simulate("--rate", "max", "--lines", "1"));
        assertEquals("simulate: cannot make the directory: FileAlreadyExists: " + file + "\n", err.toString());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    --rate max                  | --rate max fills the disk without --lines or --for: give one of them
                    --rate 0                    | Invalid value for option '--rate': must be max or a number above 0
                    --lines -1                  | --lines must not be negative, found -1
                    --max-log-rate -1           | --max-log-rate must not be negative, found -1
                    --deny 2                    | Invalid value for option '--deny': must be a number from 0 to 1, such as 0.3, found '2'
                    --deny 30%                  | Invalid value for option '--deny': must be a number from 0 to 1, such as 0.3, found '30%'
                    --malformed NaN             | Invalid value for option '--malformed': must be a number from 0 to 1, such as 0.3, found 'NaN'
                    --torn -1                   | Invalid value for option '--torn': must be a number from 0 to 1, such as 0.3, found '-1'
                    --for soon                  | Invalid value for option '--for': must be a duration such as 200ms, 5s, 1m, 2h or 7d, found 'soon'
                    --max-file-size 10MB        | Invalid value for option '--max-file-size': must be a size such as
                    --max-file-size 0           | --max-file-size must be at least 1 byte, found 0
                    --max-backups -1            | --max-backups must not be negative, found -1
                    --gzip                      | --gzip needs another --rotation than writer, which never compresses
                    --generation 4              | Invalid value for option '--generation': must be one of 1, 2, 3, mixed, found '4'
                    --rotation daily            | Invalid value for option '--rotation': must be one of writer, numbered, dated, copytruncate, found 'daily'
                    --start 2026-01-01          | Invalid value for option '--start': must be a time such as 2026-01-01T00:00:00Z, from 1970-01-01 to 2116-02-20, found '2026-01-01'
                    --start 1969-12-31T23:59:59Z | Invalid value for option '--start': must be a time such as
                    --start 2200-01-01T00:00:00Z | Invalid value for option '--start': must be a time such as
                    """)
    void wrongUsageIsRefused(String arguments, String message) throws IOException {
        assertEquals(2, simulate(arguments.split(" ")));
        assertTrue(err.toString().startsWith(message), err::toString);
        assertFalse(Files.exists(directory.resolve("policy_action.log")));
    }

    @Test
    void terminationWritesTheFoldsAndEndsWithAWholeLine() throws Exception {
        Path errFile = directory.resolve("err");
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Main.class.getName(),
                        "--directory",
                        directory.toString(),
                        "--rate",
                        "1000",
                        "--deny",
                        "0.9",
                        "--max-log-rate",
                        "0")
                .redirectError(errFile.toFile())
                .start();
        try {
            Path active = directory.resolve("policy_action.log");
            awaitTrue(() -> Files.exists(active) && Files.size(active) > 50_000);
            process.destroy();
            assertTrue(process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS));
        } finally {
            process.destroyForcibly();
        }
        String said = Files.readString(errFile);
        Matcher report =
                Pattern.compile("simulate: ([0-9,]+) attempts, ([0-9,]+) lines").matcher(said);
        assertTrue(report.find(), said);
        assertTrue(said.contains("{reason=\"rate_limit\"} 0\n"), said);
        List<String> lines = lines();
        assertEquals(Integer.parseInt(report.group(2).replace(",", "")), lines.size());
        long attempts = 0;
        for (String line : lines) {
            attempts += new ObjectMapper().readTree(line).get("count").asLong();
        }
        assertEquals(Long.parseLong(report.group(1).replace(",", "")), attempts);
    }

    private interface Condition {
        boolean holds() throws IOException;
    }

    private static void awaitTrue(Condition condition) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.holds()) {
            assertTrue(System.nanoTime() < deadline, "not within " + PATIENCE);
            Thread.sleep(20);
        }
    }

    private int simulate(String... arguments) {
        List<String> all = new ArrayList<>(List.of("--directory", directory.toString()));
        all.addAll(List.of(arguments));
        return new CommandLine(new SimulateCommand())
                .setErr(new PrintWriter(err))
                .execute(all.toArray(String[]::new));
    }

    private List<String> lines() throws IOException {
        List<String> lines = new ArrayList<>();
        try (var files = Files.newDirectoryStream(directory, "policy_action*")) {
            for (Path file : files) {
                String text = Files.readString(file);
                assertTrue(text.isEmpty() || text.endsWith("\n"), "torn tail in " + file);
                lines.addAll(text.lines().toList());
            }
        }
        return lines;
    }
}
