package io.policylog.sinks.kafka;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.policylog.sinks.Sink;
import io.policylog.sinks.SinkException;
import io.policylog.sinks.testing.KafkaBroker;
import io.policylog.sinks.testing.TestSegment;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListTopicsOptions;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Three brokers, of which the one that matters dies while a transaction is committed: the outcome is unknown at first. */
class KafkaClusterTest {
    private static List<KafkaBroker> brokers = List.of();

    /** What a broker is for a sink. */
    enum Role {
        LEADER {
            @Override
            int broker(Admin admin, String topic) throws Exception {
                return admin.describeTopics(List.of(topic)).allTopicNames().get().values().stream()
                        .mapToInt(t -> t.partitions().getFirst().leader().id())
                        .sum();
            }
        },
        TRANSACTION_COORDINATOR {
            @Override
            int broker(Admin admin, String topic) throws Exception {
                String id = "policylog/prod-1/node-1/" + topic;
                return admin.describeTransactions(List.of(id))
                        .description(id)
                        .get()
                        .coordinatorId();
            }
        },
        GROUP_COORDINATOR {
            @Override
            int broker(Admin admin, String topic) throws Exception {
                String id = "policylog/prod-1/node-1/" + topic;
                return admin.describeConsumerGroups(List.of(id)).all().get().values().stream()
                        .mapToInt(group -> group.coordinator().id())
                        .sum();
            }
        };

        abstract int broker(Admin admin, String topic) throws Exception;
    }

    @BeforeAll
    static void startBrokers() {
        brokers = KafkaBroker.cluster(3, KafkaBroker.Options.PLAIN);
    }

    @BeforeEach
    void restartWhatIsDead() {
        brokers.stream().filter(broker -> !broker.alive()).forEach(KafkaBroker::restart);
        awaitInSync();
    }

    @AfterAll
    static void stopBrokers() {
        brokers.forEach(KafkaBroker::close);
    }

    @Test
    void deliversExactlyThoughTheCoordinatorDiesInMidCommit() throws Exception {
        throughDeaths(Role.TRANSACTION_COORDINATOR, 1);
    }

    @ParameterizedTest
    @EnumSource
    @Tag("soak")
    void deliversExactlyThoughABrokerDiesInMidCommitAgainAndAgain(Role role) throws Exception {
        throughDeaths(role, 8);
    }

    private static void throughDeaths(Role role, int deaths) throws Exception {
        long seed = Long.getLong("policylog.seed", ThreadLocalRandom.current().nextLong());
        System.out.println("seed " + seed);
        Random random = new Random(seed);
        String topic = role.name().toLowerCase(Locale.ROOT).replace('_', '-') + "-" + deaths;
        brokers.getFirst().createTopic(topic, 1, Map.of());
        TestSegment segment = TestSegment.ofRecords(topic, 1_000 * deaths);
        Map<String, Object> options = new HashMap<>(Map.of(
                "topic",
                topic,
                "bootstrapServers",
                brokers.stream().map(KafkaBroker::bootstrapServers).collect(Collectors.joining(","))));
        try (Sink sink = TestSinks.sink(topic, options)) {
            sink.open();
            long offset = 0;
            for (int death = 0; death < deaths; death++) {
                var before = segment.batch(offset, 500);
                sink.write(before);
                sink.commit(before.position());
                KafkaBroker victim = holder(role, topic);
                var during = segment.batch(before.position().offset(), 500);
                sink.write(during);
                int delayMillis = random.nextInt(20);
                Thread killer = Thread.ofPlatform().start(() -> {
                    try {
                        Thread.sleep(delayMillis); // Before, in the middle of or after the commit.
                    } catch (InterruptedException e) {
                        return;
                    }
                    victim.kill9();
                });
                try {
                    sink.commit(during.position());
                } catch (SinkException e) {
                    System.out.println(role + ": " + e.kind() + ": " + e.getMessage());
                }
                killer.join();
                // Opened again as after a failure, and also when there was none: the position tells which it was.
                offset = reopened(sink);
                if (offset != during.position().offset()) {
                    assertEquals(before.position().offset(), offset, "half a transaction");
                    sink.write(during);
                    sink.commit(during.position());
                    offset = during.position().offset();
                }
                KafkaBroker other =
                        brokers.stream().filter(b -> b != victim).findFirst().orElseThrow();
                assertEquals(
                        segment.recordIds().subList(0, 1_000 * (death + 1)),
                        SharedBroker.ids(other, topic),
                        "seed " + seed);
                if (death < deaths - 1) {
                    victim.restart();
                    awaitInSync();
                }
            }
        }
    }

    private static KafkaBroker holder(Role role, String topic) throws Exception {
        try (Admin admin = brokers.getFirst().admin()) {
            int id = role.broker(admin, topic);
            return brokers.get(id - 1);
        }
    }

    /** Where the sink resumes, after as many attempts as it takes. */
    private static long reopened(Sink sink) {
        long[] offset = new long[1];
        KafkaBroker.await("the sink to open", () -> {
            sink.close();
            try {
                offset[0] = sink.open().orElseThrow().offset();
                return true;
            } catch (SinkException e) {
                return false;
            }
        });
        return offset[0];
    }

    private static void awaitInSync() {
        KafkaBroker.await("all replicas to be in sync", () -> {
            try (Admin admin = brokers.getFirst().admin()) {
                return admin
                        .describeTopics(admin.listTopics(new ListTopicsOptions().listInternal(true))
                                .names()
                                .get())
                        .allTopicNames()
                        .get()
                        .values()
                        .stream()
                        .flatMap(description -> description.partitions().stream())
                        .allMatch(p -> p.isr().size() == 3);
            }
        });
    }
}
