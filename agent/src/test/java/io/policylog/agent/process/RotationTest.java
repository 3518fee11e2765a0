package io.policylog.agent.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.policylog.agent.simulate.LogWriter;
import io.policylog.sinks.testing.KafkaBroker;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A writer that rotates far more often than any node's, and keeps few files. */
final class RotationTest {
    private static final int LINES_BETWEEN_ROTATIONS = 4_000;
    private static final long ROTATION_NANOS = TimeUnit.MILLISECONDS.toNanos(200);
    /** Lines written with one look at the clock: 20,000 lines a second in all. */
    private static final int LINES_AT_ONCE = 100;

    @TempDir
    private Path directory;

    private KafkaBroker broker() {
        KafkaBroker broker = KafkaBroker.start();
        broker.createTopic("log", 1, Map.of());
        return broker;
    }

    private AgentProcess agent(KafkaBroker broker) throws IOException {
        return new AgentProcess(
                directory,
                "- {type: kafka, bootstrapServers: \"%s\", topic: log, commitInterval: 100ms}"
                        .formatted(broker.bootstrapServers()));
    }

    /** Writes evenly, and rotates at the end. */
    private static void writeAndRotate(LogWriter log, TestTraffic traffic) throws IOException {
        long begin = System.nanoTime();
        for (int written = 0; written < LINES_BETWEEN_ROTATIONS; written += LINES_AT_ONCE) {
            traffic.write(log, LINES_AT_ONCE);
            long due = begin + ROTATION_NANOS * (written + LINES_AT_ONCE) / LINES_BETWEEN_ROTATIONS;
            LockSupport.parkNanos(due - System.nanoTime());
        }
        log.rotate();
    }

    @Test
    void losesAndRepeatsNothingWhileFilesRotateFiveTimesASecond() throws Exception {
        rotates(25);
    }

    @Test
    @Tag("soak")
    void losesAndRepeatsNothingWhileFilesRotateFiveTimesASecondForLong() throws Exception {
        rotates(500);
    }

    private void rotates(int rotations) throws Exception {
        try (KafkaBroker broker = broker();
                AgentProcess agent = agent(broker);
                LogWriter log = new LogWriter(
                        agent.log(),
                        TestTraffic.FILES.withMaxFileBytes(1L << 30).withMaxBackups(5))) {
            TestTraffic traffic = new TestTraffic(1);
            agent.start();
            traffic.write(log, 100);
            agent.await("begun", () -> !TestTraffic.values(broker, "log").isEmpty());
            for (int i = 0; i < rotations; i++) {
                writeAndRotate(log, traffic);
            }
            traffic.write(log, 100);
            assertDelivered(traffic.lines(), broker, agent);
            assertEquals(0, agent.metric("policylog_lost_bytes_total", ""));
        }
    }

    private static void assertDelivered(List<String> lines, KafkaBroker broker, AgentProcess agent) throws Exception {
        try (Arrivals arrivals = new Arrivals(broker, "log", lines)) {
            agent.await("all lines", () -> arrivals.read() >= lines.size());
            assertEquals(lines.size(), arrivals.read());
        }
    }

    @Test
    void losesAndRepeatsNothingWhenItIsKilledWhileFilesRotate() throws Exception {
        rotatesAndKills(2);
    }

    @Test
    @Tag("soak")
    void losesAndRepeatsNothingWhenItIsKilledWhileFilesRotateForLong() throws Exception {
        rotatesAndKills(30);
    }

    private void rotatesAndKills(int kills) throws Exception {
        try (KafkaBroker broker = broker();
                AgentProcess agent = agent(broker);
                LogWriter log = new LogWriter(
                        agent.log(),
                        TestTraffic.FILES.withMaxFileBytes(1L << 30).withMaxBackups(50))) {
            TestTraffic traffic = new TestTraffic(2);
            for (int kill = 0; kill <= kills; kill++) {
                agent.start();
                for (int i = 0; i < 10; i++) {
                    writeAndRotate(log, traffic);
                }
                if (kill < kills) {
                    agent.kill9();
                }
            }
            traffic.write(log, 100);
            assertDelivered(traffic.lines(), broker, agent);
        }
    }

    @Test
    void losesExactlyTheFilesThatCameAndWentWhileItWasDownAndReportsTheGap() throws Exception {
        try (KafkaBroker broker = broker();
                AgentProcess agent = agent(broker);
                LogWriter log = new LogWriter(
                        agent.log(),
                        TestTraffic.FILES.withMaxFileBytes(1L << 30).withMaxBackups(5))) {
            TestTraffic traffic = new TestTraffic(3);
            List<String> expected = new ArrayList<>();
            agent.start();
            expected.addAll(traffic.write(log, 500));
            agent.await(
                    "the first lines", () -> TestTraffic.values(broker, "log").size() >= 500);
            agent.kill9();
            // Its file was pinned when it was killed, so this is not lost though it is unlinked now.
            expected.addAll(traffic.write(log, 500));
            log.rotate();
            for (int file = 0; file < 10; file++) {
                List<String> lines = traffic.write(log, 500);
                log.rotate();
                if (file >= 5) {
                    expected.addAll(lines);
                }
            }
            expected.addAll(traffic.write(log, 500));
            agent.await("the writer's own thread to unlink", () -> files(agent.log()) == 6);
            agent.start();
            assertDelivered(expected, broker, agent);
            agent.await("the gap is told", () -> agent.metric("policylog_gap_seconds_total", "") > 0);
            assertTrue(Files.readString(agent.stderr()).contains("came and went unseen"));
        }
    }

    private static int files(Path log) throws IOException {
        try (var files = Files.newDirectoryStream(log, "policy_action*")) {
            int found = 0;
            for (Path _ : files) {
                found++;
            }
            return found;
        }
    }
}
