package io.policylog.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.policylog.agent.segments.StateDirectory;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** {@code policylog position} and {@code policylog state}, on a real log and state directory. */
final class PositionCommandTest {
    private static final String LINE = """
            {"connection":{"src_ip":"10.0.0.1","dest_ip":"10.0.0.2","src_port":1,"dest_port":2,"protocol":"tcp",\
            "direction":"ingress"},"disposition":"deny","count":1,"timestamp":"2026-01-01T00:00:%02dZ"}
            """;

    @TempDir
    private Path directory;

    private String file = "";
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @BeforeEach
    void writeLogAndConfiguration() throws Exception {
        Files.createDirectory(log());
        StringBuilder lines = new StringBuilder();
        for (int second = 0; second < 20; second++) {
            lines.append(LINE.formatted(second));
        }
        Files.writeString(log().resolve("policy_action.log"), lines);
        file = Files.writeString(directory.resolve("policylog.yaml"), """
                node: node-1
                log: {directory: '%s'}
                sinks: [{type: stdout}]
                """.formatted(log()))
                .toString();
    }

    private Path log() {
        return directory.resolve("log");
    }

    private Path state() {
        return log().resolve(".policylog");
    }

    /** Runs a command, and gives what it printed on the standard output. */
    private String run(int exitCode, String... words) {
        List<String> arguments = new ArrayList<>(List.of(words));
        arguments.addAll(List.of("--config", file));
        out.getBuffer().setLength(0);
        err.getBuffer().setLength(0);
        int found = Main.commandLine()
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(arguments.toArray(String[]::new));
        assertEquals(exitCode, found, err::toString);
        return out.toString();
    }

    private long offset() {
        String listed = run(0, "position", "list");
        return Long.parseLong(listed.replaceAll("(?s)stdout: [0-9a-f]{32}:([0-9]+),.*", "$1"));
    }

    private static long lineBytes() {
        return LINE.formatted(0).length();
    }

    @Test
    void saysThatThereIsNoPositionYet() {
        assertEquals("stdout: no position; a start begins at the beginning\n", run(0, "position", "list"));
        assertEquals("policylog: there is no state in " + state() + " yet\n", err.toString());
    }

    @Test
    void aLookMakesNoState() throws Exception {
        run(0, "position", "list");
        run(1, "position", "export", "stdout");
        assertEquals("policylog: sink stdout has no position\n", err.toString());
        assertFalse(Files.exists(state()));
    }

    @Test
    void namesTheDirectoryThatThereIsNot() throws Exception {
        Files.delete(log().resolve("policy_action.log"));
        Files.delete(log());
        run(1, "position", "list");
        assertEquals("policylog: there is no directory " + log() + ", so there is no state in it\n", err.toString());
        run(1, "position", "set", "stdout", "end");
        assertEquals(
                "policylog: state.directory " + state() + " can't be made: there is no directory " + log()
                        + "; make that, or name another directory\n",
                err.toString());
    }

    @Test
    void movesToTheBeginningTheEndAndATime() {
        run(0, "position", "set", "stdout", "end");
        assertEquals(20 * lineBytes(), offset());
        run(0, "position", "set", "stdout", "2026-01-01T00:00:06.5Z");
        assertEquals(7 * lineBytes(), offset());
        assertTrue(run(0, "position", "list").contains(", " + 13 * lineBytes() + " bytes to go"), out::toString);
        run(0, "position", "set", "stdout", "beginning");
        assertEquals(0, offset());
        run(0, "position", "set", "stdout", "2030-01-01T00:00:00Z");
        assertEquals(20 * lineBytes(), offset());
    }

    @Test
    void refusesAPlaceThatIsNone() {
        run(2, "position", "set", "stdout", "yesterday");
        assertTrue(err.toString().contains("must be beginning, end, or a time"), err::toString);
    }

    @Test
    void saysWhichSinksThereAre() {
        run(1, "position", "set", "kafka", "end");
        assertEquals(
                "policylog: there is no sink kafka; the configuration has stdout",
                err.toString().strip());
    }

    @Test
    void exportsWhatItImports() {
        run(0, "position", "set", "stdout", "2026-01-01T00:00:06.5Z");
        String exported = run(0, "position", "export", "stdout");
        run(0, "position", "set", "stdout", "beginning");
        int empty = new CommandLine(new PositionCommand.ImportCommand(InputStream.nullInputStream()).spec())
                .execute("stdout", "--config", file);
        assertEquals(1, empty);
        InputStream in = new ByteArrayInputStream(exported.getBytes(StandardCharsets.US_ASCII));
        int imported =
                new CommandLine(new PositionCommand.ImportCommand(in).spec()).execute("stdout", "--config", file);
        assertEquals(0, imported);
        assertEquals(7 * lineBytes(), offset());
    }

    @Test
    void replacesAPositionThatIsDamagedOrOfANewerVersion() throws Exception {
        for (String content : List.of("garbage", "policylog position v9\nv9 whatever\n")) {
            run(0, "position", "set", "stdout", "beginning");
            Files.writeString(state().resolve("position-stdout"), content);
            assertTrue(run(1, "position", "list").startsWith("stdout: the position file "), out::toString);
            run(0, "position", "set", "stdout", "end");
            assertEquals(20 * lineBytes(), offset());
        }
    }

    @Test
    void namesThePositionOfASinkThatIsNotConfigured() throws Exception {
        run(0, "position", "set", "stdout", "end");
        Files.move(state().resolve("position-stdout"), state().resolve("position-old"));
        assertTrue(run(0, "position", "list").contains("old: left by a sink that is not configured"), out::toString);
    }

    @Test
    void refusesWhileTheStateIsHeld() throws Exception {
        try (StateDirectory held = StateDirectory.open(state())) {
            assertFalse(held.positions().contains("stdout"));
            run(1, "position", "list");
            assertTrue(err.toString().contains("an agent holds the state in " + state()), err::toString);
            run(1, "state", "purge");
            assertTrue(err.toString().contains("an agent holds the state in " + state()), err::toString);
        }
    }

    @Test
    void removesEverythingOfOurs() throws Exception {
        run(0, "position", "set", "stdout", "end");
        assertTrue(Files.exists(state().resolve("segments")));
        assertEquals("removed " + state() + "\n", run(0, "state", "purge"));
        assertFalse(Files.exists(state()));
        assertTrue(Files.exists(log().resolve("policy_action.log")));
        assertEquals("there is no state to remove\n", run(0, "state", "purge"));
    }
}
