package io.policylog.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

final class AgentServiceTest {
    @TempDir
    private Path log;

    @Test
    @Timeout(60)
    void anErrorOfTheAgentsThreadIsWhatItEndsWith() throws Exception {
        FakeSinks sinks = new FakeSinks(() -> {
            throw new NoClassDefFoundError("made up by the test");
        });
        try (AgentService service = AgentService.start(sinks.configuration(log))) {
            Exception e = assertThrows(IllegalStateException.class, service::await);
            assertEquals("the agent's thread has ended", e.getMessage());
            assertEquals("java.lang.NoClassDefFoundError: made up by the test", String.valueOf(e.getCause()));
        }
    }
}
