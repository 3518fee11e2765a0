package io.policylog.agent.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.policylog.agent.simulate.LogWriter;
import io.policylog.sinks.testing.KafkaBroker;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.TransactionListing;
import org.apache.kafka.clients.admin.TransactionState;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Agents with Kafka sinks beside each other, and what happens to one of them. */
final class KafkaSinksTest {
    private static final Predicate<String> DENIED = line -> line.contains("\"disposition\":\"deny\"");

    @TempDir
    private Path directory;

    @Test
    void sinksWithFiltersOfTheirOwnAreEachExactThoughAClusterAndTheAgentDie() throws Exception {
        try (KafkaBroker one = KafkaBroker.start();
                KafkaBroker other = KafkaBroker.start();
                AgentProcess agent =
                        new AgentProcess(directory, """
                        - {type: kafka, name: denied, bootstrapServers: "%1$s", topic: log, commitInterval: 50ms,
                           filter: 'jsonPayload.disposition="deny"'}
                        - {type: kafka, name: allowed, bootstrapServers: "%1$s", topic: log, commitInterval: 50ms,
                           filter: 'jsonPayload.disposition="allow"'}
                        - {type: kafka, name: elsewhere, bootstrapServers: "%2$s", topic: log, commitInterval: 50ms,
                           filter: 'jsonPayload.disposition="allow"'}
                        """.formatted(one.bootstrapServers(), other.bootstrapServers()));
                LogWriter log = new LogWriter(agent.log(), TestTraffic.FILES)) {
            one.createTopic("log", 1, Map.of());
            other.createTopic("log", 1, Map.of());
            TestTraffic traffic = new TestTraffic(6);
            agent.start();
            traffic.write(log, 2_000);
            agent.await(
                    "something everywhere",
                    () -> !TestTraffic.values(other, "log").isEmpty()
                            && !TestTraffic.values(one, "log").isEmpty());
            traffic.write(log, 5_000);
            other.kill9();
            log.rotate();
            traffic.write(log, 5_000);
            // What is down harms nobody else.
            agent.await(
                    "all at the one that is up",
                    () -> values(one).size() >= traffic.lines().size());
            agent.kill9();
            traffic.write(log, 5_000);
            agent.start();
            agent.await("some of it", () -> values(one).size() > 12_000);
            agent.kill9();
            agent.start();
            traffic.write(log, 1_000);
            agent.await(
                    "all at the one that is up",
                    () -> values(one).size() >= traffic.lines().size());
            other.restart();
            List<String> allowed =
                    traffic.lines().stream().filter(DENIED.negate()).toList();
            List<String> denied = traffic.lines().stream().filter(DENIED).toList();
            agent.await("all at the other", () -> values(other).size() >= allowed.size());
            assertEquals(allowed, values(other));
            assertEquals(Set.of(), TestTraffic.repeatedIds(other, "log"));
            // Each sink's in their order, in one topic.
            assertEquals(allowed, values(one).stream().filter(DENIED.negate()).toList());
            assertEquals(denied, values(one).stream().filter(DENIED).toList());
            assertEquals(Set.of(), TestTraffic.repeatedIds(one, "log"));
        }
    }

    private static List<String> values(KafkaBroker broker) {
        return TestTraffic.values(broker, "log");
    }

    @Test
    void ofTwoAgentsWithOneIdentityOneDeliversAndTheOtherSaysWhyItDoesNot() throws Exception {
        try (KafkaBroker broker = KafkaBroker.start();
                AgentProcess first = new AgentProcess(
                        directory,
                        "- {type: kafka, bootstrapServers: \"%s\", topic: log, commitInterval: 50ms}"
                                .formatted(broker.bootstrapServers()));
                AgentProcess twin = new AgentProcess(first, "twin");
                LogWriter log = new LogWriter(first.log(), TestTraffic.FILES)) {
            broker.createTopic("log", 1, Map.of());
            TestTraffic traffic = new TestTraffic(7);
            first.start();
            traffic.write(log, 500);
            first.await("the first lines", () -> values(broker).size() == 500);
            twin.start(List.of(), "state.directory=" + directory.resolve("twin-state"));
            // They take the identity from each other until one of them stays away for minutes.
            first.await("one of them comes back rarely", () -> {
                traffic.write(log, 10);
                return fencedFor(first) || fencedFor(twin);
            });
            AgentProcess fenced = fencedFor(first) ? first : twin;
            AgentProcess other = fenced == first ? twin : first;
            traffic.write(log, 1_000);
            other.await(
                    "the other delivers",
                    () -> values(broker).size() >= traffic.lines().size());
            assertEquals(traffic.lines(), values(broker));
            assertEquals(Set.of(), TestTraffic.repeatedIds(broker, "log"));
            assertEquals(200, fenced.get("/livez").statusCode());
            String said = Files.readString(fenced.stderr());
            for (String part :
                    List.of("policylog/test/node-1/kafka", "second agent", "cluster.name, node and sink name")) {
                assertTrue(said.contains(part), said);
            }
        }
    }

    /** Whether the agent waits for more than a minute because it was fenced. */
    private static boolean fencedFor(AgentProcess agent) throws Exception {
        try (Stream<String> lines = Files.lines(agent.stderr())) {
            return lines.anyMatch(line -> line.contains("fenced: ")
                    && Long.parseLong(line.replaceFirst(".*trying again in (\\d+) ms.*", "$1")) >= 60_000);
        }
    }

    @Test
    void deliversExactlyOnceThoughBrokerAndAgentAreKilledTogether() throws Exception {
        killsBoth(1, 3_000);
    }

    @Test
    @Tag("soak")
    void deliversExactlyOnceThoughBrokerAndAgentAreKilledTogetherManyTimes() throws Exception {
        killsBoth(40, 20_000);
    }

    private void killsBoth(int kills, int linesBetween) throws Exception {
        long seed = Long.getLong("policylog.seed", System.nanoTime());
        System.out.println("seed " + seed);
        Random random = new Random(seed);
        try (KafkaBroker broker = KafkaBroker.start();
                AgentProcess agent = new AgentProcess(
                        directory,
                        "- {type: kafka, bootstrapServers: \"%s\", topic: log, commitInterval: 20ms}"
                                .formatted(broker.bootstrapServers()));
                LogWriter log = new LogWriter(agent.log(), TestTraffic.FILES)) {
            broker.createTopic("log", 1, Map.of());
            TestTraffic traffic = new TestTraffic(seed);
            agent.start();
            for (int kill = 0; kill < kills; kill++) {
                double before = agent.metric("policylog_records_total", "");
                int goal = random.nextInt(linesBetween / 2);
                traffic.write(log, linesBetween);
                agent.await("some progress", () -> agent.metric("policylog_records_total", "") > before + goal);
                boolean brokerFirst = random.nextBoolean();
                boolean agentToo = random.nextInt(3) != 0;
                if (brokerFirst) {
                    broker.kill9();
                }
                if (agentToo) {
                    agent.kill9();
                }
                if (!brokerFirst) {
                    broker.kill9();
                }
                traffic.write(log, linesBetween);
                log.rotate();
                if (agentToo) {
                    agent.start();
                }
                broker.restart();
                agent.await("open", () -> agent.metric("policylog_sink_up", "kafka") == 1);
            }
            List<String> lines = traffic.lines();
            try (Arrivals arrivals = new Arrivals(broker, "log", lines)) {
                agent.await("all lines", () -> arrivals.read() >= lines.size());
                assertEquals(lines.size(), arrivals.read());
            }
            assertEquals(0, agent.metric("policylog_lost_bytes_total", ""));
        }
    }

    /** A broker takes nothing that is an hour ahead of its own clock; a malformed line has no time but the node's. */
    @Test
    @Tag("soak")
    void aWrongClockHoldsUpButLosesNothing() throws Exception {
        assumeTrue(
                Files.isExecutable(Path.of("/usr/bin/faketime")), "there is no faketime; install the package faketime");
        try (KafkaBroker broker = KafkaBroker.start();
                AgentProcess agent = new AgentProcess(
                        directory,
                        "- {type: kafka, bootstrapServers: \"%s\", topic: log}".formatted(broker.bootstrapServers()));
                LogWriter log = new LogWriter(agent.log(), TestTraffic.FILES)) {
            broker.createTopic("log", 1, Map.of());
            broker.createTopic("log.malformed", 1, Map.of());
            TestTraffic traffic = new TestTraffic(10);
            traffic.write(log, 100);
            byte[] noRecord = "not json\n".getBytes(StandardCharsets.UTF_8);
            log.write(noRecord, 0, noRecord.length);
            traffic.write(log, 100);
            agent.start(List.of("env", "FAKETIME_DONT_FAKE_MONOTONIC=1", "faketime", "-f", "+3h"));
            agent.await(
                    "it says what is wrong",
                    () -> Files.readString(agent.stderr()).contains("look at this node's clock"));
            assertEquals(0, agent.metric("policylog_lost_bytes_total", ""));
            agent.kill9();
            agent.start();
            agent.await(
                    "all lines", () -> values(broker).size() >= traffic.lines().size());
            assertEquals(traffic.lines(), values(broker));
            assertEquals(List.of("not json"), TestTraffic.values(broker, "log.malformed"));
            assertEquals(0, agent.metric("policylog_lost_bytes_total", ""));
        }
    }

    @Test
    @Tag("soak")
    void anAgentThatWasStoppedForLongerThanATransactionMayGoesOnExactly() throws Exception {
        try (KafkaBroker broker = KafkaBroker.start(KafkaBroker.Options.broker(
                        Map.of("transaction.abort.timed.out.transaction.cleanup.interval.ms", "500")));
                AgentProcess agent = new AgentProcess(
                        directory,
                        "- {type: kafka, bootstrapServers: \"%s\", topic: log}".formatted(broker.bootstrapServers()));
                LogWriter log = new LogWriter(agent.log(), TestTraffic.FILES)) {
            broker.createTopic("log", 1, Map.of());
            TestTraffic traffic = new TestTraffic(8);
            traffic.write(log, 60_000);
            agent.start();
            agent.await("stopped in mid-transaction", () -> {
                if (agent.metric("policylog_sink_up", "") < 1) {
                    return false;
                }
                KafkaBroker.signal(agent.pid(), "STOP");
                if (states(broker).contains(TransactionState.ONGOING)) {
                    return true;
                }
                KafkaBroker.signal(agent.pid(), "CONT");
                traffic.write(log, 5_000);
                return false;
            });
            agent.await(
                    "the broker ends the transaction", () -> states(broker).contains(TransactionState.COMPLETE_ABORT));
            int before = values(broker).size();
            assertTrue(before < traffic.lines().size());
            KafkaBroker.signal(agent.pid(), "CONT");
            agent.await(
                    "all lines", () -> values(broker).size() >= traffic.lines().size());
            assertTrue(traffic.lines().equals(values(broker)), "not what was written, or in another order");
            assertEquals(Set.of(), TestTraffic.repeatedIds(broker, "log"));
            assertFalse(agent.metric("policylog_sink_errors_total", "") < 1, "nothing was noticed");
        }
    }

    private static List<TransactionState> states(KafkaBroker broker) throws Exception {
        try (var admin = broker.admin()) {
            return admin.listTransactions().all().get().stream()
                    .map(TransactionListing::state)
                    .toList();
        }
    }
}
