package io.policylog.agent.simulate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

class DemoCommandTest {
    private final StringWriter err = new StringWriter();
    private final List<Path> directories = new ArrayList<>();
    private final List<String> log = new ArrayList<>();

    @Test
    void theAgentHasALogUntilTheEndAndTheDirectoryIsRemoved() {
        int code = demo(
                (directory, http) -> {
                    directories.add(directory);
                    assertEquals("rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(directory)));
                    assertTrue(http.getAddress().isLoopbackAddress());
                    assertEquals(9999, http.getPort());
                    Files.createDirectories(directory.resolve(".policylog/state"));
                    return new DemoCommand.Running(
                            new InetSocketAddress(http.getAddress(), 4711),
                            () -> log.addAll(Files.readAllLines(directory.resolve("policy_action.log"))));
                },
                "--for",
                "1s",
                "--rate",
                "200",
                "--http-port",
                "9999");
        assertEquals(0, code, err::toString);
        assertTrue(log.stream().anyMatch(line -> line.contains("\"pod_name\":\"rogue-")), "no line of the rogue");
        Path directory = directories.getFirst();
        assertFalse(Files.exists(directory));
        // Where the agent says it is: with port 0 the system chooses.
        assertTrue(err.toString().contains("curl localhost:4711/metrics"), err::toString);
        assertTrue(err.toString().contains(directory + "/policy_action.log"), err::toString);
        assertTrue(err.toString().endsWith("demo: ended, " + directory + " removed\n"), err::toString);
    }

    @Test
    void anAgentThatDoesNotStartIsAFailureAndLeavesNothing() {
        int code = demo((directory, http) -> {
            directories.add(directory);
            throw new IOException("port 9464 is in use: give another with --http-port");
        });
        assertEquals(1, code);
        assertEquals("demo: port 9464 is in use: give another with --http-port\n", err.toString());
        assertFalse(Files.exists(directories.getFirst()));
    }

    @Test
    void theFastestRateIsRefused() {
        assertEquals(2, demo(DemoCommandTest::unused, "--rate", "max"));
        assertTrue(err.toString().startsWith("--rate max is not for the demo: give a number"), err::toString);
    }

    @ParameterizedTest
    @ValueSource(strings = {"-1", "65536", "99999"})
    void aPortThatIsNoneIsRefused(String port) {
        assertEquals(2, demo(DemoCommandTest::unused, "--http-port", port));
        assertTrue(
                err.toString().startsWith("--http-port must be from 0 to 65535, found " + port + "\n"), err::toString);
    }

    private static DemoCommand.Running unused(Path directory, InetSocketAddress http) throws IOException {
        throw new IOException("not to be started");
    }

    private int demo(DemoCommand.Agent agent, String... arguments) {
        return new CommandLine(new DemoCommand(agent))
                .setErr(new PrintWriter(err))
                .execute(arguments);
    }
}
