package io.policylog.sinks.kafka;

import static io.policylog.sinks.kafka.SharedBroker.assertExact;
import static io.policylog.sinks.kafka.SharedBroker.header;
import static io.policylog.sinks.kafka.SharedBroker.ids;
import static io.policylog.sinks.kafka.SharedBroker.options;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.policylog.sinks.CommitPolicy;
import io.policylog.sinks.PositionFile;
import io.policylog.sinks.Sink;
import io.policylog.sinks.SinkException;
import io.policylog.sinks.SinkException.Kind;
import io.policylog.sinks.testing.KafkaBroker;
import io.policylog.sinks.testing.TestSegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Exactly-once against a real broker: what is committed is there once, and the position agrees with it. */
class KafkaExactlyOnceTest {
    private static final KafkaBroker broker = SharedBroker.BROKER;

    @TempDir
    private Path folder;

    @Test
    void deliversEachLineWithKeyValueTimeAndHeaders() throws Exception {
        broker.createTopic("shape", 1, Map.of());
        TestSegment segment = TestSegment.ofRecords("shape", 100);
        try (Sink sink = TestSinks.sink("shape", options("shape"))) {
            assertEquals(Optional.empty(), sink.open());
            TestSinks.drain(sink, segment, 0, 30);
        }
        List<ConsumerRecord<byte[], byte[]>> records = broker.readCommitted("shape");
        assertEquals(
                segment.recordIds(), records.stream().map(r -> header(r, "id")).toList());
        ConsumerRecord<byte[], byte[]> record = records.get(42);
        assertEquals("default/shop-0", new String(record.key(), UTF_8));
        assertEquals(TestSegment.record("shape", 42), new String(record.value(), UTF_8));
        assertEquals(Instant.parse("2024-08-20T14:02:00.042Z").toEpochMilli(), record.timestamp());
        assertEquals("node-1", header(record, "node"));
        assertEquals("prod-1", header(record, "cluster"));
        assertEquals("policylog.v1", header(record, "schema"));
        assertEquals(4, record.headers().toArray().length);
    }

    @Test
    void deliversLogEntriesWhereThatIsWanted() throws Exception {
        broker.createTopic("entries", 1, Map.of());
        TestSegment segment = TestSegment.ofRecords("entries", 3);
        Map<String, Object> options = options("entries");
        options.put("format", "logentry");
        try (Sink sink = TestSinks.sink("entries", options)) {
            sink.open();
            TestSinks.drain(sink, segment, 0, 3);
        }
        assertEquals(
                "{\"insertId\":\"" + segment.recordIds().get(1) + "\",\"jsonPayload\":"
                        + TestSegment.record("entries", 1)
                        + ",\"resource\":{\"type\":\"k8s_node\",\"labels\":{\"project_id\":\"project\","
                        + "\"location\":\"us-east1\",\"cluster_name\":\"prod-1\",\"node_name\":\"node-1\"}},"
                        + "\"timestamp\":\"2024-08-20T14:02:00.001000001Z\","
                        + "\"logName\":\"projects/project/logs/policy-action\"}",
                new String(broker.readCommitted("entries").get(1).value(), UTF_8));
    }

    @Test
    void resumesAtTheLastCommitAndHidesWhatFollowedIt() throws Exception {
        broker.createTopic("resume", 1, Map.of());
        TestSegment segment = TestSegment.ofRecords("resume", 100);
        Sink sink = TestSinks.sink("resume", options("resume"));
        sink.open();
        var first = segment.batch(0, 40);
        sink.write(first);
        sink.commit(first.position());
        sink.write(segment.batch(first.position().offset(), 40));
        sink.close();

        assertEquals(Optional.of(first.position()), sink.open());
        assertEquals(segment.recordIds().subList(0, 40), ids("resume"));
        TestSinks.drain(sink, segment, first.position().offset(), 100);
        sink.close();
        assertExact(broker, segment, "resume", "");
    }

    @Test
    void commitsAPositionWithoutRecords() throws Exception {
        broker.createTopic("quiet", 1, Map.of());
        TestSegment segment = TestSegment.ofRecords("quiet", 2);
        try (Sink sink = TestSinks.sink("quiet", options("quiet"))) {
            sink.open();
            sink.commit(segment.position(17));
            sink.commit(segment.position(17));
            assertEquals(Optional.of(segment.position(17)), sink.open());
        }
        assertEquals(List.of(), ids("quiet"));
    }

    @Test
    void aTwinFencesTheFirstAndNothingIsTwice() throws Exception {
        broker.createTopic("twins", 1, Map.of());
        TestSegment segment = TestSegment.ofRecords("twins", 60);
        try (Sink one = TestSinks.sink("twins", options("twins"));
                Sink other = TestSinks.sink("twins", options("twins"))) {
            one.open();
            var first = segment.batch(0, 20);
            one.write(first);
            one.commit(first.position());
            var second = segment.batch(first.position().offset(), 20);
            one.write(second);
            assertEquals(Optional.of(first.position()), other.open());

            SinkException fenced = assertThrows(SinkException.class, () -> one.commit(second.position()));
            assertEquals(Kind.FENCED, fenced.kind());
            TestSinks.assertSays(fenced, "policylog/prod-1/node-1/twins", "second agent");

            other.write(second);
            other.commit(second.position());
            assertEquals(Optional.of(second.position()), one.open());
            TestSinks.drain(one, segment, second.position().offset(), 7);
        }
        assertExact(broker, segment, "twins", "");
    }

    @Test
    void twoSinksHavePositionsOfTheirOwn() throws Exception {
        broker.createTopic("shared", 1, Map.of());
        TestSegment segment = TestSegment.ofRecords("shared", 50);
        try (Sink all = TestSinks.sink("all", options("shared"));
                Sink denies = TestSinks.sink("denies", options("shared"))) {
            all.open();
            denies.open();
            var some = segment.batch(0, 10);
            all.write(some);
            denies.write(segment.batch(0, 30));
            all.commit(some.position());
            assertEquals(Optional.empty(), denies.open());
            assertEquals(Optional.of(some.position()), all.open());
            TestSinks.drain(denies, segment, 0, 50);
            TestSinks.drain(all, segment, some.position().offset(), 50);
        }
        assertEquals(100, ids("shared").size());
        assertEquals(
                segment.recordIds().stream().sorted().toList(),
                ids("shared").stream().distinct().sorted().toList());
    }

    @Test
    void holdsInputForTheCommitInterval() {
        Map<String, Object> options = options("policy");
        options.put("commitInterval", Duration.ofMillis(20));
        assertEquals(
                new CommitPolicy(CommitPolicy.Pacing.HOLD_INPUT, Duration.ofMillis(20)),
                TestSinks.sink("policy", options).commitPolicy());
    }

    @Test
    void aKilledProcessLeavesNothingHalfDone() throws Exception {
        broker.createTopic("killed", 1, Map.of());
        TestSegment segment = TestSegment.ofRecords("killed", 20_000);
        Path file = Files.write(folder.resolve("segment"), segment.bytes());
        long seed = Long.getLong("policylog.seed", ThreadLocalRandom.current().nextLong());
        Random random = new Random(seed);
        System.out.println("seed " + seed);
        for (int round = 0; round < 3; round++) {
            try (KafkaSinkProcess process = KafkaSinkProcess.start(broker, "killed", file, 700)) {
                if (round == 0) {
                    // So that the others have something to resume at.
                    process.awaitCommit();
                }
                for (int step = 1 + random.nextInt(12); step > 0; step--) {
                    process.step();
                }
            }
        }
        try (Sink sink = TestSinks.sink("killed", options("killed"))) {
            TestSinks.drainThroughFailures(sink, segment, 5_000);
        }
        assertExact(broker, segment, "killed", "seed " + seed);
    }

    @Test
    void aDeadNodesOpenTransactionIsAbortedByItsSuccessor() throws Exception {
        broker.createTopic("dead", 1, Map.of());
        TestSegment segment = TestSegment.ofRecords("dead", 3_000);
        Path file = Files.write(folder.resolve("segment"), segment.bytes());
        try (KafkaSinkProcess process = KafkaSinkProcess.start(broker, "dead", file, Integer.MAX_VALUE)) {
            process.awaitEnd();
        }
        try (Sink sink = TestSinks.sink("dead", options("dead"))) {
            assertEquals(Optional.empty(), sink.open());
            TestSinks.drain(sink, segment, 0, 1_000);
        }
        assertExact(broker, segment, "dead", "");
    }

    @Test
    void aPositionFileServesOnlyWhenKafkaHasNoPosition() throws Exception {
        broker.createTopic("witness", 1, Map.of());
        TestSegment segment = TestSegment.ofRecords("witness", 30);
        Optional<Path> file = Optional.of(folder.resolve("position"));
        var first = segment.batch(0, 10);
        try (Sink sink = TestSinks.sink("witness", options("witness"), file, new SimpleMeterRegistry())) {
            sink.open();
            TestSinks.drain(sink, segment, 0, 30);
            new PositionFile(file.get()).write(first.position());
            assertEquals(Optional.of(segment.position(segment.length())), sink.open());
        }
        try (Admin admin = broker.admin()) {
            admin.deleteConsumerGroups(List.of("policylog/prod-1/node-1/witness"))
                    .all()
                    .get();
        }
        try (Sink sink = TestSinks.sink("witness", options("witness"), file, new SimpleMeterRegistry())) {
            assertEquals(Optional.of(first.position()), sink.open());
        }
    }

    @Test
    void aPositionOfANewerReleaseStopsThePipelineAndIsNotTakenForNone() throws Exception {
        broker.createTopic("newer", 1, Map.of());
        try (Sink sink = TestSinks.sink("newer", options("newer"))) {
            sink.open();
            try (Admin admin = broker.admin()) {
                admin.alterConsumerGroupOffsets(
                                "policylog/prod-1/node-1/newer",
                                Map.of(
                                        new TopicPartition("policylog.positions", 0),
                                        new OffsetAndMetadata(0, "v9 something=else")))
                        .all()
                        .get();
            }
            SinkException failure = assertThrows(SinkException.class, sink::open);
            assertEquals(Kind.POSITION, failure.kind());
            TestSinks.assertSays(failure, "version v9", "policylog/prod-1/node-1/newer");
        }
    }

    /** A broker can lose the end of a transaction; the position is then not to be had until somebody ends it. */
    @Test
    void saysThatATransactionWhichDoesNotEndKeepsThePositionFromBeingRead() throws Exception {
        broker.createTopic("hanging", 1, Map.of());
        Map<String, Object> client = Map.of(
                "bootstrap.servers",
                broker.bootstrapServers(),
                "transactional.id",
                "hanging",
                "group.id",
                "policylog/prod-1/node-1/hanging");
        try (Sink sink = TestSinks.sink("hanging", options("hanging"));
                KafkaConsumer<byte[], byte[]> group =
                        new KafkaConsumer<>(client, new ByteArrayDeserializer(), new ByteArrayDeserializer());
                KafkaProducer<byte[], byte[]> other =
                        new KafkaProducer<>(client, new ByteArraySerializer(), new ByteArraySerializer())) {
            assertEquals(Optional.empty(), sink.open());
            other.initTransactions();
            other.beginTransaction();
            other.sendOffsetsToTransaction(
                    Map.of(new TopicPartition("policylog.positions", 0), new OffsetAndMetadata(0, "v1")),
                    group.groupMetadata());
            SinkException failure = assertThrows(SinkException.class, sink::open);
            assertEquals(Kind.TIMEOUT, failure.kind());
            assertTrue(failure.getMessage().contains("kafka-transactions.sh find-hanging"), failure::getMessage);
            other.abortTransaction();
            assertEquals(Optional.empty(), sink.open());
        }
    }

    @Test
    void keepsTheOrderOfTheFileHoweverMuchIsWrittenAtOnce() throws Exception {
        long seed = ThreadLocalRandom.current().nextLong();
        System.out.println("seed " + seed);
        Random random = new Random(seed);
        broker.createTopic("order", 1, Map.of());
        List<String> lines = new ArrayList<>();
        for (int i = 0; i < 6_000; i++) {
            String record = TestSegment.record("order", i);
            boolean isLong = random.nextInt(50) == 0;
            lines.add(isLong ? record.replace("shop-", "x".repeat(random.nextInt(100_000)) + "shop-") : record);
        }
        TestSegment segment = TestSegment.of(lines);
        try (Sink sink = TestSinks.sink("order", options("order"))) {
            sink.open();
            for (long offset = 0; offset < segment.length(); ) {
                var batch = segment.batch(offset, 1 + random.nextInt(random.nextInt(1_500) + 1));
                sink.write(batch);
                offset = batch.position().offset();
                if (offset == segment.length() || random.nextInt(3) == 0) {
                    sink.commit(batch.position());
                }
            }
        }
        assertExact(broker, segment, "order", "seed " + seed);
        List<String> values = broker.readCommitted("order").stream()
                .map(r -> new String(r.value(), UTF_8))
                .toList();
        for (int i = 0; i < lines.size(); i++) {
            assertEquals(lines.get(i), values.get(i));
        }
    }

    @Test
    void recordsOfANodeStayTogetherAndThoseOfAKeyToo() throws Exception {
        broker.createTopic("by-node", 5, Map.of());
        broker.createTopic("by-key", 5, Map.of());
        TestSegment segment = TestSegment.ofRecords("spread", 200);
        Map<String, Object> byKey = options("by-key");
        byKey.put("partitionBy", "key");
        try (Sink node = TestSinks.sink("by-node", options("by-node"));
                Sink key = TestSinks.sink("by-key", byKey)) {
            for (Sink sink : List.of(node, key)) {
                sink.open();
                TestSinks.drain(sink, segment, 0, 60);
            }
        }
        assertExact(broker, segment, "by-node", "");
        assertEquals(
                1,
                broker.readCommitted("by-node").stream()
                        .map(r -> r.partition())
                        .distinct()
                        .count());
        Map<String, Set<Integer>> partitions = broker.readCommitted("by-key").stream()
                .collect(Collectors.groupingBy(
                        r -> new String(r.key(), UTF_8), Collectors.mapping(r -> r.partition(), Collectors.toSet())));
        assertEquals(7, partitions.size());
        assertTrue(partitions.values().stream().allMatch(p -> p.size() == 1), partitions::toString);
        assertTrue(partitions.values().stream().distinct().count() > 1, partitions::toString);
    }

    @Test
    void aTopicThatGrowsPartitionsKeepsANodesRecordsInOne() throws Exception {
        broker.createTopic("grown", 1, Map.of());
        TestSegment segment = TestSegment.ofRecords("grown", 20);
        try (Sink sink = TestSinks.sink("grown", options("grown"))) {
            sink.open();
            TestSinks.drain(sink, segment, 0, 20);
            try (Admin admin = broker.admin()) {
                admin.createPartitions(Map.of("grown", NewPartitions.increaseTo(64)))
                        .all()
                        .get();
            }
            KafkaBroker.await("the client to see the new partitions", () -> {
                sink.open();
                TestSinks.drain(sink, segment, 0, 20);
                return broker.readCommitted("grown").getLast().partition() != 0;
            });
        }
        assertTrue(broker.readCommitted("grown").stream()
                        .map(r -> r.partition())
                        .distinct()
                        .count()
                <= 3);
    }
}
