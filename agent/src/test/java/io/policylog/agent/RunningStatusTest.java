package io.policylog.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.policylog.agent.config.Configuration;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

final class RunningStatusTest {
    @TempDir
    private Path directory;

    /** A node without the log has nothing that could be waited for; but what is there must be opened first. */
    @Test
    @Timeout(60)
    void isReadyOnceTheLogIsFollowedOrIsNotThere() throws Exception {
        Path log = directory.resolve("log");
        BlockedSink sink = new BlockedSink();
        Configuration configuration = new FakeSinks(() -> sink).configuration(log);
        Agent agent = new Agent(configuration, new SimpleMeterRegistry());
        RunningStatus status = new RunningStatus(configuration, agent);
        assertEquals(List.of("the agent is starting"), status.notReadyReasons());
        Thread thread = Thread.ofPlatform().start(() -> {
            try {
                agent.run();
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        });
        while (!status.notReadyReasons().isEmpty()) {
            Thread.onSpinWait();
        }
        Files.createDirectory(log);
        while (agent.running().isEmpty() || agent.waitingFor().isPresent()) {
            Thread.onSpinWait();
        }
        assertEquals(List.of("prometheus: the sink was not opened yet"), status.notReadyReasons());
        sink.letOpen();
        while (!status.notReadyReasons().isEmpty()) {
            Thread.onSpinWait();
        }
        agent.stop();
        thread.join();
    }
}
