package io.policylog.agent.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.policylog.agent.simulate.LogWriter;
import io.policylog.sinks.testing.KafkaBroker;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each line of the log reaches each sink: exactly once where the sink promises it, at least once elsewhere. */
final class DeliveryTest {
    @TempDir
    private Path directory;

    @Test
    void shipsTwoRotatedFilesAndAnActiveOneOnceAndInOrderToEachSink() throws Exception {
        try (KafkaBroker broker = KafkaBroker.start();
                AgentProcess agent = new AgentProcess(directory, """
                        - type: stdout
                        - type: prometheus
                        - {type: kafka, bootstrapServers: "%s", topic: log}
                        """.formatted(broker.bootstrapServers()))) {
            broker.createTopic("log", 1, Map.of());
            TestTraffic traffic = new TestTraffic(1);
            List<String> lines = traffic.lines();
            try (LogWriter log = new LogWriter(agent.log(), TestTraffic.FILES.withMaxFileBytes(10 << 20))) {
                traffic.write(log, 400);
                log.rotate();
                traffic.write(log, 400);
                log.rotate();
                traffic.write(log, 400);
            }
            agent.start();
            agent.await("stdout", () -> Files.readAllLines(agent.stdout()).size() >= lines.size());
            agent.await(
                    "counters",
                    () -> agent.metric("policylog_records_total", "pipeline=\"prometheus\"") == lines.size());
            agent.await("kafka", () -> broker.readCommitted("log").size() >= lines.size());
            assertEquals(lines, Files.readAllLines(agent.stdout()));
            assertEquals(lines, TestTraffic.values(broker, "log"));
            assertEquals(traffic.connections(), agent.metric("network_policy_connections_total", ""));
        }
    }

    @Test
    void deliversExactlyOnceThoughTheAgentIsKilled() throws Exception {
        killsAtRandom(20, 1_000);
    }

    @Test
    @Tag("soak")
    void deliversExactlyOnceThoughTheAgentIsKilledManyTimes() throws Exception {
        killsAtRandom(200, 1_000);
    }

    /** Kills an agent with three sinks while lines are written, and compares what each got with what was written. */
    private void killsAtRandom(int kills, int linesBetween) throws Exception {
        long seed = System.nanoTime();
        System.out.println("seed " + seed);
        Random random = new Random(seed);
        try (KafkaBroker broker = KafkaBroker.start();
                AgentProcess agent = new AgentProcess(directory, """
                        - type: stdout
                        - type: prometheus
                        - {type: kafka, bootstrapServers: "%s", topic: log, commitInterval: 50ms}
                        """.formatted(broker.bootstrapServers()));
                LogWriter log = new LogWriter(agent.log(), TestTraffic.FILES)) {
            broker.createTopic("log", 1, Map.of());
            TestTraffic traffic = new TestTraffic(seed);
            List<String> lines = traffic.lines();
            double counted = 0;
            for (int kill = 0; kill < kills; kill++) {
                agent.start();
                traffic.write(log, linesBetween);
                boolean early = random.nextInt(4) == 0;
                long goal = random.nextInt(linesBetween);
                agent.await(
                        "some progress",
                        () -> agent.metric("policylog_records_total", "pipeline=\"kafka\"") > (early ? -1 : goal));
                double now = agent.metric("network_policy_connections_total", "");
                // Nothing is served before the sink is open again.
                assertTrue(now <= 0 || now >= counted, "a counter went from " + counted + " to " + now);
                counted = Math.max(now, counted);
                agent.kill9();
            }
            agent.start();
            traffic.write(log, linesBetween);
            try (Arrivals arrivals = new Arrivals(broker, "log", lines)) {
                agent.await("all lines in Kafka", () -> arrivals.read() >= lines.size());
                assertEquals(lines.size(), arrivals.read());
            }
            double attempts = traffic.connections();
            agent.await("all lines counted", () -> agent.metric("network_policy_connections_total", "") >= attempts);
            assertEquals(attempts, agent.metric("network_policy_connections_total", ""));
            agent.await("all lines on stdout", () -> linesOf(agent.stdout()).containsAll(lines));
            assertOnlyGoesBack(lines, agent.stdout(), kills);
        }
    }

    /** A sink with a position file repeats what followed its last commit, and nothing else; a kill may tear a line. */
    private static void assertOnlyGoesBack(List<String> lines, Path arrived, int kills) throws IOException {
        Map<String, Integer> places = new HashMap<>();
        for (int i = 0; i < lines.size(); i++) {
            places.put(lines.get(i), i);
        }
        int backwards = 0;
        int torn = 0;
        int expected = 0;
        try (BufferedReader reader = Files.newBufferedReader(arrived)) {
            // Not all at once: a kill repeats up to a second's work, which is all of the log for an agent that is fast.
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                Integer place = places.get(line);
                if (place == null) {
                    String half = line;
                    assertTrue(lines.stream().anyMatch(whole -> whole.startsWith(half)), () -> "no line: " + half);
                    torn++;
                } else if (place != expected) {
                    int skippedFrom = expected;
                    assertTrue(place < expected, () -> "skipped from line " + skippedFrom + " to " + place);
                    backwards++;
                }
                expected = place == null ? expected : place + 1;
            }
        }
        assertTrue(torn <= kills, torn + " torn lines after " + kills + " kills");
        assertTrue(backwards <= kills, "went back " + backwards + " times after " + kills + " kills");
    }

    private static Set<String> linesOf(Path file) throws Exception {
        try (Stream<String> lines = Files.lines(file)) {
            return lines.collect(Collectors.toSet());
        }
    }

    @Test
    void goesOnAfterTheBrokerWasAwayWhileTheWriterRotatedAndUnlinked() throws Exception {
        try (KafkaBroker broker = KafkaBroker.start();
                AgentProcess agent = new AgentProcess(
                        directory,
                        "- {type: kafka, bootstrapServers: \"%s\", topic: log}".formatted(broker.bootstrapServers()));
                LogWriter log = new LogWriter(agent.log(), TestTraffic.FILES.withMaxBackups(2))) {
            broker.createTopic("log", 1, Map.of());
            agent.start();
            TestTraffic traffic = new TestTraffic(2);
            List<String> lines = traffic.lines();
            traffic.write(log, 100);
            agent.await(
                    "the first lines", () -> TestTraffic.values(broker, "log").size() >= 100);
            broker.kill9();
            for (int i = 0; i < 8; i++) {
                traffic.write(log, 800);
                log.rotate();
                long pinned = i + 1L;
                agent.await("pinned", () -> agent.metric("policylog_segments", "") >= pinned);
            }
            agent.await("unlinked, and held by pins alone", () -> agent.metric("policylog_retained_bytes", "") > 0);
            broker.restart();
            agent.await("all lines", () -> TestTraffic.values(broker, "log").size() >= lines.size());
            assertEquals(lines, TestTraffic.values(broker, "log"));
            assertEquals(0, agent.metric("policylog_lost_bytes_total", ""));
        }
    }

    /** As in a rolling update whose new pod is early, and after an old one was killed. */
    @Test
    void aNewAgentWaitsForTheOldOneAndTakesOverWithoutLossOrRepetition() throws Exception {
        try (KafkaBroker broker = KafkaBroker.start();
                AgentProcess first = new AgentProcess(
                        directory,
                        "- {type: kafka, bootstrapServers: \"%s\", topic: log, commitInterval: 50ms}"
                                .formatted(broker.bootstrapServers()));
                AgentProcess second = new AgentProcess(first, "second");
                AgentProcess third = new AgentProcess(second, "third");
                LogWriter log = new LogWriter(first.log(), TestTraffic.FILES)) {
            broker.createTopic("log", 1, Map.of());
            first.start();
            TestTraffic traffic = new TestTraffic(5);
            List<String> lines = traffic.lines();
            traffic.write(log, 1_000);
            first.await(
                    "the first lines", () -> TestTraffic.values(broker, "log").size() >= 1_000);

            second.start();
            second.await(
                    "it says who has the state",
                    () -> Files.readString(second.stderr()).contains("is held by process " + first.pid()));
            assertEquals(200, second.get("/livez").statusCode());
            assertEquals(503, second.get("/readyz").statusCode());
            traffic.write(log, 1_000);
            first.await(
                    "the old one goes on",
                    () -> TestTraffic.values(broker, "log").size() >= lines.size());

            third.start();
            third.await("it waits too", () -> Files.readString(third.stderr()).contains("is held by process"));
            traffic.write(log, 5_000);
            first.terminate();
            second.await(
                    "one of them has taken over",
                    () -> second.get("/readyz").statusCode() == 200
                            || third.get("/readyz").statusCode() == 200);
            AgentProcess now = second.get("/readyz").statusCode() == 200 ? second : third;
            AgentProcess last = now == second ? third : second;
            traffic.write(log, 5_000);
            now.kill9();
            last.await("the last one has", () -> last.get("/readyz").statusCode() == 200);
            traffic.write(log, 100);
            last.await("all lines", () -> TestTraffic.values(broker, "log").size() >= lines.size());
            assertEquals(lines, TestTraffic.values(broker, "log"));
            assertEquals(Set.of(), TestTraffic.repeatedIds(broker, "log"));
        }
    }

    @Test
    void stopsWithinFiveSecondsWithEverythingCommitted() throws Exception {
        try (AgentProcess agent = new AgentProcess(directory, "- type: stdout\n- type: prometheus");
                LogWriter log = new LogWriter(agent.log(), TestTraffic.FILES)) {
            agent.start();
            TestTraffic traffic = new TestTraffic(3);
            List<String> lines = traffic.lines();
            traffic.write(log, 1000);
            agent.await("all lines", () -> linesOf(agent.stdout()).size() >= lines.size());
            agent.await("counted", () -> agent.metric("policylog_records_total", "prometheus") == lines.size());
            long millis = agent.terminate();
            assertTrue(millis < 5_000, "took " + millis + " ms");
            agent.start();
            agent.await("ready", () -> agent.metric("policylog_sink_up", "stdout") == 1);
            traffic.write(log, 10);
            agent.await("the new lines", () -> linesOf(agent.stdout()).size() >= lines.size());
            assertEquals(lines, Files.readAllLines(agent.stdout()), "nothing twice after an orderly end");
        }
    }
}
