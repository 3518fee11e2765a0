package io.policylog.agent.process;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An agent whose log is not there when it starts. */
final class WaitingTest {
    @TempDir
    private Path directory;

    @Test
    void aFileInThePlaceOfTheDirectoryIsCalledSoAndWaitedFor() throws Exception {
        try (AgentProcess agent = new AgentProcess(directory, "- type: stdout")) {
            Files.delete(agent.log());
            Files.createFile(agent.log());
            agent.start();
            String file = agent.log() + " is no directory but a file; waiting until it is one";
            agent.await("said", () -> Files.readString(agent.stderr()).contains("waiting"));
            assertTrue(Files.readString(agent.stderr()).contains(file), Files.readString(agent.stderr()));
            Files.delete(agent.log());
            String none = "there is no directory " + agent.log() + " yet; waiting for it";
            agent.await("gone", () -> Files.readString(agent.stderr()).contains(none));
            Files.createDirectory(agent.log());
            agent.await("taken", () -> Files.exists(agent.log().resolve(".policylog/store")));
            assertTrue(agent.alive());
            assertFalse(Files.readString(agent.stderr()).contains("\tat "));
        }
    }
}
