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
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What survives what, with pins of each kind: the table in docs/delivery.md, cell by cell. */
final class ModesTest {
    @TempDir
    private Path directory;

    /** What holds the log's bytes while they are not yet delivered. */
    enum Mode {
        /** State directory on the log's mount. */
        LINKS,
        /** State directory on another device, where links are impossible. */
        DESCRIPTORS,
        /** No state directory; the log's mount is read-only for the agent. */
        NO_STATE;

        boolean pinsSurviveTheAgent() {
            return this == LINKS;
        }
    }

    private static void start(AgentProcess agent, Mode mode, Path otherDevice) throws IOException {
        switch (mode) {
            case LINKS -> agent.start();
            case DESCRIPTORS -> agent.start(List.of(), "state.directory=" + otherDevice.resolve("state"));
            case NO_STATE ->
                agent.start(
                        List.of(
                                "unshare",
                                "--mount",
                                "sh",
                                "-c",
                                "log=$1; shift; mount --bind \"$log\" \"$log\" && mount -o remount,ro,bind \"$log\" && exec \"$@\"",
                                "sh",
                                agent.log().toString()),
                        "state.directory=none");
        }
    }

    /** A directory in memory: a device of its own. */
    private static Path otherDevice() throws IOException {
        return Files.createTempDirectory(Path.of("/dev/shm"), "policylog-test-");
    }

    private static void remove(Path tree) throws IOException {
        try (Stream<Path> paths = Files.walk(tree)) {
            for (Path path : paths.sorted(java.util.Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }

    private interface Story {
        void tell(AgentProcess agent, KafkaBroker broker, LogWriter log, Path otherDevice) throws Exception;
    }

    private void inMode(Story story) throws Exception {
        Path otherDevice = otherDevice();
        try (KafkaBroker broker = KafkaBroker.start();
                AgentProcess agent = new AgentProcess(
                        directory,
                        "- {type: kafka, bootstrapServers: \"%s\", topic: log, commitInterval: 50ms}"
                                .formatted(broker.bootstrapServers()));
                LogWriter log = new LogWriter(agent.log(), TestTraffic.FILES.withMaxBackups(2))) {
            broker.createTopic("log", 1, Map.of());
            story.tell(agent, broker, log, otherDevice);
        } finally {
            remove(otherDevice);
        }
    }

    private static void assertArrived(List<String> lines, KafkaBroker broker, AgentProcess agent) throws Exception {
        agent.await("all lines", () -> TestTraffic.values(broker, "log").size() >= lines.size());
        assertEquals(lines, TestTraffic.values(broker, "log"));
        assertEquals(Set.of(), TestTraffic.repeatedIds(broker, "log"));
    }

    @ParameterizedTest
    @EnumSource
    void everythingSurvivesAnOutageOfTheSink(Mode mode) throws Exception {
        inMode((agent, broker, log, otherDevice) -> {
            TestTraffic traffic = new TestTraffic(1);
            start(agent, mode, otherDevice);
            traffic.write(log, 100);
            assertArrived(traffic.lines(), broker, agent);
            assertEquals(
                    mode == Mode.LINKS ? 0 : 1, agent.metric("policylog_descriptor_pins", ""), "what is said of pins");
            broker.kill9();
            for (int i = 1; i <= 6; i++) {
                traffic.write(log, 200);
                double segments = i;
                agent.await("it is seen", () -> agent.metric("policylog_segments", "") >= segments);
                log.rotate();
            }
            traffic.write(log, 200);
            agent.await("unlinked, and held", () -> agent.metric("policylog_retained_bytes", "") > 0);
            broker.restart();
            assertArrived(traffic.lines(), broker, agent);
            assertEquals(0, agent.metric("policylog_lost_bytes_total", ""));
        });
    }

    /** The long form: in these ten minutes the writer unlinks what it wrote ten times over. */
    @Test
    @Tag("soak")
    void everythingSurvivesTenMinutesWithoutTheSink() throws Exception {
        long outageNanos = TimeUnit.MINUTES.toNanos(10);
        inMode((agent, broker, log, otherDevice) -> {
            TestTraffic traffic = new TestTraffic(5);
            start(agent, Mode.LINKS, otherDevice);
            traffic.write(log, 100);
            assertArrived(traffic.lines(), broker, agent);
            broker.kill9();
            long begin = System.nanoTime();
            for (int second = 1; System.nanoTime() - begin < outageNanos; second++) {
                traffic.write(log, 100);
                if (second % 20 == 0) {
                    log.rotate();
                }
                LockSupport.parkNanos(begin + TimeUnit.SECONDS.toNanos(second) - System.nanoTime());
            }
            assertTrue(agent.metric("policylog_retained_bytes", "") > 0);
            broker.restart();
            assertArrived(traffic.lines(), broker, agent);
            assertEquals(0, agent.metric("policylog_lost_bytes_total", ""));
        });
    }

    @ParameterizedTest
    @EnumSource
    void aRestartResumesExactlyWhileTheFilesAreThere(Mode mode) throws Exception {
        inMode((agent, broker, log, otherDevice) -> {
            TestTraffic traffic = new TestTraffic(2);
            start(agent, mode, otherDevice);
            traffic.write(log, 500);
            assertArrived(traffic.lines(), broker, agent);
            agent.kill9();
            traffic.write(log, 200);
            log.rotate();
            traffic.write(log, 200);
            start(agent, mode, otherDevice);
            assertArrived(traffic.lines(), broker, agent);
            agent.terminate();
            traffic.write(log, 200);
            start(agent, mode, otherDevice);
            assertArrived(traffic.lines(), broker, agent);
            assertEquals(0, agent.metric("policylog_gap_seconds_total", ""));
        });
    }

    @ParameterizedTest
    @EnumSource
    void whatTheWriterUnlinkedBeforeARestartSurvivesInLinksOnlyAndElseIsReported(Mode mode) throws Exception {
        inMode((agent, broker, log, otherDevice) -> {
            TestTraffic traffic = new TestTraffic(3);
            start(agent, mode, otherDevice);
            List<String> expected = new ArrayList<>(traffic.write(log, 500));
            assertArrived(expected, broker, agent);
            broker.kill9();
            List<String> unlinked = new ArrayList<>(traffic.write(log, 500));
            log.rotate();
            for (int i = 2; i <= 4; i++) {
                List<String> lines = traffic.write(log, 500);
                double segments = i;
                agent.await("it is seen", () -> agent.metric("policylog_segments", "") >= segments);
                log.rotate();
                if (i <= 2) {
                    unlinked.addAll(lines);
                } else {
                    expected.addAll(lines);
                }
            }
            agent.await("unlinked, and held", () -> agent.metric("policylog_retained_bytes", "") > 0);
            agent.kill9();
            broker.restart();
            if (mode.pinsSurviveTheAgent()) {
                expected.addAll(500, unlinked);
            }
            start(agent, mode, otherDevice);
            assertArrived(expected, broker, agent);
            String said = Files.readString(agent.stderr());
            assertEquals(!mode.pinsSurviveTheAgent(), said.contains("came and went unseen"), said);
            assertTrue(
                    mode.pinsSurviveTheAgent() == (agent.metric("policylog_gap_seconds_total", "") == 0),
                    "the gap's seconds");
        });
    }

    /** With links: {@code RotationTest.losesExactlyTheFilesThatCameAndWentWhileItWasDownAndReportsTheGap}. */
    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "LINKS")
    void filesThatCameAndWentWhileNoAgentRanAreReported(Mode mode) throws Exception {
        inMode((agent, broker, log, otherDevice) -> {
            TestTraffic traffic = new TestTraffic(4);
            start(agent, mode, otherDevice);
            List<String> expected = new ArrayList<>(traffic.write(log, 500));
            assertArrived(expected, broker, agent);
            agent.terminate();
            log.rotate();
            for (int i = 1; i <= 4; i++) {
                List<String> lines = traffic.write(log, 500);
                log.rotate();
                if (i > 2) {
                    expected.addAll(lines);
                }
            }
            agent.await("the writer unlinked all but two", () -> {
                try (Stream<Path> files = Files.list(agent.log())) {
                    return files.filter(f -> f.toString().endsWith(".log")).count() == 3;
                }
            });
            start(agent, mode, otherDevice);
            assertArrived(expected, broker, agent);
            agent.await("the gap is told", () -> agent.metric("policylog_gap_seconds_total", "") > 0);
            String said = Files.readString(agent.stderr());
            assertTrue(said.contains("came and went unseen"), said);
        });
    }
}
