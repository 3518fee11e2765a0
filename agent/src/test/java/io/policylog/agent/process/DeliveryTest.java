package io.policylog.agent.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.policylog.agent.simulate.LogWriter;
import io.policylog.agent.simulate.LogWriterOptions;
import io.policylog.agent.simulate.TrafficGenerator;
import io.policylog.agent.simulate.TrafficOptions;
import io.policylog.parser.Limits;
import io.policylog.parser.Parser;
import io.policylog.parser.PolicyRecord;
import io.policylog.sinks.testing.KafkaBroker;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each line of the log reaches each sink: exactly once where the sink promises it, at least once elsewhere. */
final class DeliveryTest {
    private static final LogWriterOptions FILES = LogWriterOptions.DEFAULT
            .withMaxFileBytes(1 << 20)
            .withMaxBackups(1000)
            .withBatchBytes(0);

    @TempDir
    private Path directory;

    /** Writes lines as a node does, and gives what they are when normalized. */
    private static List<String> write(LogWriter log, TrafficGenerator traffic, int count) throws Exception {
        List<String> lines = new ArrayList<>(count);
        Parser parser = new Parser(Limits.DEFAULT, "node-1");
        traffic.generate(count, (line, offset, length) -> {
            log.write(line, offset, length);
            if (!(parser.parse(line, offset, offset + length - 1) instanceof PolicyRecord record)) {
                throw new AssertionError(new String(line, offset, length, StandardCharsets.UTF_8));
            }
            lines.add(new String(record.json(), record.jsonOffset(), record.jsonLength(), StandardCharsets.UTF_8));
        });
        return lines;
    }

    private static TrafficGenerator traffic(long seed) {
        return new TrafficGenerator(TrafficOptions.seeded(seed).withNodeName("node-1"));
    }

    @Test
    void shipsTwoRotatedFilesAndAnActiveOneOnceAndInOrderToEachSink() throws Exception {
        try (KafkaBroker broker = KafkaBroker.start();
                AgentProcess agent = new AgentProcess(directory, """
                        - type: stdout
                        - type: prometheus
                        - {type: kafka, bootstrapServers: "%s", topic: log}
                        """.formatted(broker.bootstrapServers()))) {
            broker.createTopic("log", 1, Map.of());
            List<String> lines;
            try (LogWriter log = new LogWriter(agent.log(), FILES.withMaxFileBytes(10 << 20))) {
                TrafficGenerator traffic = traffic(1);
                lines = write(log, traffic, 400);
                log.rotate();
                lines.addAll(write(log, traffic, 400));
                log.rotate();
                lines.addAll(write(log, traffic, 400));
            }
            agent.start();
            agent.await("stdout", () -> Files.readAllLines(agent.stdout()).size() >= lines.size());
            agent.await(
                    "counters",
                    () -> agent.metric("policylog_records_total", "pipeline=\"prometheus\"") == lines.size());
            agent.await("kafka", () -> broker.readCommitted("log").size() >= lines.size());
            assertEquals(lines, Files.readAllLines(agent.stdout()));
            assertEquals(lines, values(broker));
            long attempts = lines.stream().mapToLong(DeliveryTest::count).sum();
            assertEquals((double) attempts, agent.metric("network_policy_connections_total", ""));
        }
    }

    private static long count(String line) {
        int at = line.lastIndexOf("\"count\":") + "\"count\":".length();
        int end = at;
        while (Character.isDigit(line.charAt(end))) {
            end++;
        }
        return Long.parseLong(line.substring(at, end));
    }

    private static List<String> values(KafkaBroker broker) {
        return broker.readCommitted("log").stream()
                .map(r -> new String(r.value(), StandardCharsets.UTF_8))
                .toList();
    }

    @Test
    void deliversExactlyOnceThoughTheAgentIsKilled() throws Exception {
        killsAtRandom(3, 8_000);
    }

    @Test
    @Tag("soak")
    void deliversExactlyOnceThoughTheAgentIsKilledManyTimes() throws Exception {
        killsAtRandom(100, 10_000);
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
                LogWriter log = new LogWriter(agent.log(), FILES)) {
            broker.createTopic("log", 1, Map.of());
            TrafficGenerator traffic = traffic(seed);
            List<String> lines = new ArrayList<>();
            double counted = 0;
            for (int kill = 0; kill < kills; kill++) {
                agent.start();
                lines.addAll(write(log, traffic, linesBetween));
                long goal = random.nextInt(lines.size());
                agent.await("some progress", () -> broker.readCommitted("log").size() >= goal);
                double now = agent.metric("network_policy_connections_total", "");
                assertTrue(now < 0 || now >= counted, "a counter went from " + counted + " to " + now);
                counted = Math.max(now, counted);
                agent.kill9();
            }
            agent.start();
            lines.addAll(write(log, traffic, linesBetween));
            agent.await("all lines in Kafka", () -> broker.readCommitted("log").size() >= lines.size());
            assertEquals(lines, values(broker));
            assertUniqueIds(broker.readCommitted("log"));
            long attempts = lines.stream().mapToLong(DeliveryTest::count).sum();
            agent.await("all lines counted", () -> agent.metric("network_policy_connections_total", "") >= attempts);
            assertEquals((double) attempts, agent.metric("network_policy_connections_total", ""));
            agent.await("all lines on stdout", () -> linesOf(agent.stdout()).containsAll(lines));
        }
    }

    private static Set<String> linesOf(Path file) throws Exception {
        try (Stream<String> lines = Files.lines(file)) {
            return lines.collect(Collectors.toSet());
        }
    }

    private static void assertUniqueIds(List<ConsumerRecord<byte[], byte[]>> records) {
        Set<String> ids = new HashSet<>();
        for (ConsumerRecord<byte[], byte[]> record : records) {
            String id = new String(record.headers().lastHeader("id").value(), StandardCharsets.UTF_8);
            assertTrue(ids.add(id), id);
        }
    }

    @Test
    void goesOnAfterTheBrokerWasAwayWhileTheWriterRotatedAndUnlinked() throws Exception {
        try (KafkaBroker broker = KafkaBroker.start();
                AgentProcess agent = new AgentProcess(
                        directory,
                        "- {type: kafka, bootstrapServers: \"%s\", topic: log}".formatted(broker.bootstrapServers()));
                LogWriter log = new LogWriter(agent.log(), FILES.withMaxBackups(2))) {
            broker.createTopic("log", 1, Map.of());
            agent.start();
            TrafficGenerator traffic = traffic(2);
            List<String> lines = write(log, traffic, 100);
            agent.await("the first lines", () -> values(broker).size() >= 100);
            broker.kill9();
            for (int i = 0; i < 8; i++) {
                lines.addAll(write(log, traffic, 800));
                log.rotate();
                long pinned = i + 1L;
                agent.await("pinned", () -> agent.metric("policylog_segments", "") >= pinned);
            }
            agent.await("unlinked, and held by pins alone", () -> agent.metric("policylog_retained_bytes", "") > 0);
            broker.restart();
            agent.await("all lines", () -> values(broker).size() >= lines.size());
            assertEquals(lines, values(broker));
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
                LogWriter log = new LogWriter(first.log(), FILES)) {
            broker.createTopic("log", 1, Map.of());
            first.start();
            TrafficGenerator traffic = traffic(5);
            List<String> lines = write(log, traffic, 1_000);
            first.await("the first lines", () -> values(broker).size() >= 1_000);

            second.start();
            second.await(
                    "it says who has the state",
                    () -> Files.readString(second.stderr()).contains("is held by process " + first.pid()));
            assertEquals(200, second.get("/livez").statusCode());
            assertEquals(503, second.get("/readyz").statusCode());
            lines.addAll(write(log, traffic, 1_000));
            first.await("the old one goes on", () -> values(broker).size() >= lines.size());

            third.start();
            third.await("it waits too", () -> Files.readString(third.stderr()).contains("is held by process"));
            lines.addAll(write(log, traffic, 5_000));
            first.terminate();
            second.await(
                    "one of them has taken over",
                    () -> second.get("/readyz").statusCode() == 200
                            || third.get("/readyz").statusCode() == 200);
            AgentProcess now = second.get("/readyz").statusCode() == 200 ? second : third;
            AgentProcess last = now == second ? third : second;
            lines.addAll(write(log, traffic, 5_000));
            now.kill9();
            last.await("the last one has", () -> last.get("/readyz").statusCode() == 200);
            lines.addAll(write(log, traffic, 100));
            last.await("all lines", () -> values(broker).size() >= lines.size());
            assertEquals(lines, values(broker));
            assertUniqueIds(broker.readCommitted("log"));
        }
    }

    @Test
    void stopsWithinFiveSecondsWithEverythingCommitted() throws Exception {
        try (AgentProcess agent = new AgentProcess(directory, "- type: stdout\n- type: prometheus");
                LogWriter log = new LogWriter(agent.log(), FILES)) {
            agent.start();
            List<String> lines = write(log, traffic(3), 1000);
            agent.await("all lines", () -> linesOf(agent.stdout()).size() >= lines.size());
            agent.await("counted", () -> agent.metric("policylog_records_total", "prometheus") == lines.size());
            long millis = agent.terminate();
            assertTrue(millis < 5_000, "took " + millis + " ms");
            agent.start();
            agent.await("ready", () -> agent.metric("policylog_sink_up", "stdout") == 1);
            lines.addAll(write(log, traffic(4), 10));
            agent.await("the new lines", () -> linesOf(agent.stdout()).size() >= lines.size());
            assertEquals(lines, Files.readAllLines(agent.stdout()), "nothing twice after an orderly end");
        }
    }
}
