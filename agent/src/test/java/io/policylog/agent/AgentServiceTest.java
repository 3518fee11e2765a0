package io.policylog.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.Socket;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
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

    /** It takes less than five seconds by what it waits for; how long a busy machine takes besides is not known here. */
    @Test
    @Timeout(60)
    void aShutdownEndsWithinThePodsGracePeriodWhateverHangs() throws Exception {
        BlockedSink sink = new BlockedSink();
        AgentService service = AgentService.start(new FakeSinks(() -> sink).configuration(log));
        sink.awaitOpening();
        try (Socket client =
                new Socket(service.http().getAddress(), service.http().getPort())) {
            client.getOutputStream().write('G');
            long before = System.nanoTime();
            service.close();
            long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - before);
            assertTrue(millis < 15_000, () -> millis + " ms");
        } finally {
            sink.letOpen();
            service.await(); // Else the agent could still be in the directory when that is removed.
        }
    }
}
