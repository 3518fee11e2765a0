package io.policylog.sinks.kafka;

import static io.policylog.sinks.kafka.SharedBroker.assertExact;
import static io.policylog.sinks.kafka.SharedBroker.header;
import static io.policylog.sinks.kafka.SharedBroker.ids;
import static io.policylog.sinks.kafka.SharedBroker.options;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.policylog.sinks.Position;
import io.policylog.sinks.Sink;
import io.policylog.sinks.SinkException;
import io.policylog.sinks.SinkException.Kind;
import io.policylog.sinks.testing.KafkaBroker;
import io.policylog.sinks.testing.TestSegment;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What topics must be like, and where lines go that Kafka or the parser does not take. */
class KafkaTopicsTest {
    private static final KafkaBroker broker = SharedBroker.BROKER;

    @Test
    void aMissingTopicIsAClearErrorUntilItIsCreated() throws Exception {
        TestSegment segment = TestSegment.ofRecords("later", 10);
        try (Sink sink = TestSinks.sink("later", options("later"))) {
            SinkException failure = assertThrows(SinkException.class, sink::open);
            assertEquals(Kind.DESTINATION, failure.kind());
            assertEquals(
                    "the topic later does not exist; create it, or set createTopics: kafka-topics.sh --bootstrap-server "
                            + broker.bootstrapServers() + " --create --topic later --partitions 1",
                    failure.getMessage());
            broker.createTopic("later", 1, Map.of());
            assertEquals(Optional.empty(), sink.open());
            TestSinks.drain(sink, segment, 0, 10);
        }
        assertExact(broker, segment, "later", "");
    }

    @Test
    void tryingADestinationDisturbsNoSinkThatRuns() throws Exception {
        broker.createTopic("tried", 1, Map.of());
        broker.createTopic("tried.malformed", 1, Map.of());
        TestSegment segment = TestSegment.ofRecords("tried", 10);
        KafkaSinkFactory factory = new KafkaSinkFactory();
        var options = TestSinks.options(options("tried"));
        assertEquals(List.of(), factory.tryDestination(options, TestSinks.NODE, "tried", false));
        try (Sink sink = TestSinks.sink("tried", options("tried"))) {
            assertEquals(Optional.empty(), sink.open());
            assertEquals(List.of(), factory.tryDestination(options, TestSinks.NODE, "tried", false));
            TestSinks.drain(sink, segment, 0, 10);
        }
        assertExact(broker, segment, "tried", "");
    }

    @Test
    void aDestinationThatDoesNotAnswerIsOneProblem() {
        Map<String, Object> options = options("nowhere");
        options.put("bootstrapServers", "127.0.0.1:1");
        List<String> problems =
                new KafkaSinkFactory().tryDestination(TestSinks.options(options), TestSinks.NODE, "nowhere", false);
        assertEquals(1, problems.size());
        assertTrue(problems.getFirst().contains("no answer in time from Kafka at 127.0.0.1:1"), problems::getFirst);
    }

    @Test
    void aFileThatIsMissingIsNamedWithItsProperty() {
        Map<String, Object> options = options("nowhere");
        options.put("bootstrapServers", "127.0.0.1:1");
        options.put(
                "properties",
                Map.of("security.protocol", "SSL", "ssl.truststore.location", "/no/such.jks", "client.id", "x"));
        assertEquals(
                List.of("can't make a Kafka client: the file \"/no/such.jks\" in properties.ssl.truststore.location"
                        + " can't be read: java.nio.file.NoSuchFileException: /no/such.jks"),
                new KafkaSinkFactory().tryDestination(TestSinks.options(options), TestSinks.NODE, "nowhere", true));
    }

    @Test
    void createsMissingTopicsWhereThatIsWanted() throws Exception {
        Map<String, Object> options = options("made");
        options.put("createTopics", Map.of("partitions", "3", "replicationFactor", "1", "retention.ms", "86400000"));
        TestSegment segment = TestSegment.ofRecords("made", 10);
        try (Sink sink = TestSinks.sink("made", options)) {
            TestSinks.drainThroughFailures(sink, segment, 10);
        }
        assertExact(broker, segment, "made", "");
        try (Admin admin = broker.admin()) {
            Map<String, Integer> partitions = new HashMap<>();
            admin.describeTopics(List.of("made", "made.malformed", "policylog.positions"))
                    .allTopicNames()
                    .get()
                    .forEach((name, topic) ->
                            partitions.put(name, topic.partitions().size()));
            assertEquals(Map.of("made", 3, "made.malformed", 1, "policylog.positions", 1), partitions);
        }
    }

    @Test
    void aTopicThatCannotBeCreatedIsAClearError() {
        Map<String, Object> options = options("unmakeable");
        options.put("createTopics", Map.of("replicationFactor", "3"));
        try (Sink sink = TestSinks.sink("unmakeable", options)) {
            SinkException failure = assertThrows(SinkException.class, sink::open);
            assertEquals(Kind.DESTINATION, failure.kind());
            TestSinks.assertSays(failure, "can't be created", "--replication-factor 3");
        }
    }

    @Test
    void deletingTheTopicKeepsThePosition() throws Exception {
        broker.createTopic("deleted", 1, Map.of());
        TestSegment segment = TestSegment.ofRecords("deleted", 20);
        try (Sink sink = TestSinks.sink("deleted", options("deleted"))) {
            sink.open();
            var first = segment.batch(0, 12);
            sink.write(first);
            sink.commit(first.position());
            broker.deleteTopic("deleted");
            broker.createTopic("deleted", 1, Map.of());
            assertEquals(Optional.of(first.position()), sink.open());
            TestSinks.drain(sink, segment, first.position().offset(), 20);
        }
        assertEquals(segment.recordIds().subList(12, 20), ids("deleted"));
    }

    @Test
    void malformedLinesGoToATopicOfTheirOwn() throws Exception {
        broker.createTopic("mixed", 1, Map.of());
        broker.createTopic("mixed.malformed", 3, Map.of());
        String longLine = "x".repeat(100_000);
        TestSegment segment = TestSegment.of(
                List.of(TestSegment.record("mixed", 0), "not json", longLine, TestSegment.record("mixed", 1)));
        try (Sink sink = TestSinks.sink("mixed", options("mixed"))) {
            sink.open();
            TestSinks.drain(sink, segment, 0, 10);
        }
        List<String> ids = segment.recordIds();
        assertEquals(List.of(ids.get(0), ids.get(3)), ids("mixed"));
        List<ConsumerRecord<byte[], byte[]>> malformed = broker.readCommitted("mixed.malformed");
        assertEquals(
                List.of(ids.get(1), ids.get(2)),
                malformed.stream().map(r -> header(r, "id")).toList());
        ConsumerRecord<byte[], byte[]> record = malformed.get(0);
        assertEquals("not json", new String(record.value(), UTF_8));
        assertEquals("not-json", header(record, "reason"));
        assertEquals("8", header(record, "length"));
        assertEquals("node-1", header(record, "node"));
        assertEquals(4, record.headers().toArray().length);
        assertEquals(64 << 10, malformed.get(1).value().length);
        assertEquals("100000", header(malformed.get(1), "length"));
    }

    @Test
    void malformedLinesAreCountedAsLostWithoutTheirTopic() throws Exception {
        broker.createTopic("alone", 1, Map.of());
        TestSegment segment = TestSegment.of(
                List.of(TestSegment.record("alone", 0), "not json", "neither", TestSegment.record("alone", 1)));
        MeterRegistry registry = new SimpleMeterRegistry();
        try (Sink sink = TestSinks.sink("alone", options("alone"), Optional.empty(), registry)) {
            sink.open();
            var all = segment.batch(0);
            sink.write(all);
            assertEquals(0, lostBytes(registry));
            sink.commit(all.position());
            assertEquals(8 + 7, lostBytes(registry));
        }
        assertEquals(List.of(segment.recordIds().get(0), segment.recordIds().get(3)), ids("alone"));
    }

    @Test
    void malformedLinesCanBeLeftOut() throws Exception {
        broker.createTopic("none", 1, Map.of());
        Map<String, Object> options = options("none");
        options.put("malformedTopic", "none");
        TestSegment segment = TestSegment.of(List.of("not json", TestSegment.record("none", 1)));
        MeterRegistry registry = new SimpleMeterRegistry();
        try (Sink sink = TestSinks.sink("none", options, Optional.empty(), registry)) {
            sink.open();
            TestSinks.drain(sink, segment, 0, 10);
        }
        assertEquals(List.of(segment.recordIds().get(1)), ids("none"));
        assertEquals(0, lostBytes(registry));
    }

    @Test
    void aRecordThatTheBrokerRefusesAsTooLargeIsTreatedAsMalformed() throws Exception {
        broker.createTopic("small", 1, Map.of("max.message.bytes", "3000"));
        broker.createTopic("small.malformed", 1, Map.of());
        Map<String, Object> options = options("small");
        options.put("properties", Map.of("compression.type", "none"));
        List<String> lines = List.of(
                TestSegment.record("small", 0),
                TestSegment.record("x".repeat(4000), 1),
                TestSegment.record("small", 2),
                TestSegment.record("y".repeat(5000), 3),
                TestSegment.record("small", 4));
        TestSegment segment = TestSegment.of(lines);
        try (Sink sink = TestSinks.sink("small", options)) {
            TestSinks.drainThroughFailures(sink, segment, 2);
        }
        List<String> ids = segment.recordIds();
        assertEquals(List.of(ids.get(0), ids.get(2), ids.get(4)), ids("small"));
        List<ConsumerRecord<byte[], byte[]>> malformed = broker.readCommitted("small.malformed");
        assertEquals(
                List.of(ids.get(1), ids.get(3)),
                malformed.stream().map(r -> header(r, "id")).toList());
        assertEquals("too-large", header(malformed.get(0), "reason"));
        assertArrayEquals(lines.get(1).getBytes(UTF_8), malformed.get(0).value());
    }

    @Test
    void aRecordThatTheClientRefusesAsTooLargeDoomsNoTransaction() throws Exception {
        broker.createTopic("tiny", 1, Map.of());
        broker.createTopic("tiny.malformed", 1, Map.of());
        Map<String, Object> options = options("tiny");
        options.put("properties", Map.of("max.request.size", "131072"));
        TestSegment segment = TestSegment.of(List.of(
                TestSegment.record("tiny", 0),
                TestSegment.record("x".repeat(140_000), 1),
                TestSegment.record("tiny", 2)));
        try (Sink sink = TestSinks.sink("tiny", options)) {
            sink.open();
            TestSinks.drain(sink, segment, 0, 10);
        }
        List<String> ids = segment.recordIds();
        assertEquals(List.of(ids.get(0), ids.get(2)), ids("tiny"));
        assertEquals(List.of(ids.get(1)), ids("tiny.malformed"));
    }

    @Test
    void aBatchThatTheBrokerRefusesIsSplit() throws Exception {
        broker.createTopic("split", 1, Map.of("max.message.bytes", "20000"));
        Map<String, Object> options = options("split");
        options.put("properties", Map.of("compression.type", "none"));
        TestSegment segment = TestSegment.ofRecords("split", 500);
        try (Sink sink = TestSinks.sink("split", options)) {
            sink.open();
            TestSinks.drain(sink, segment, 0, 500);
        }
        assertExact(broker, segment, "split", "");
    }

    @Test
    void recordsWhoseTimeTheBrokerRefusesAreTreatedAsMalformed() throws Exception {
        broker.createTopic("recent", 1, Map.of("message.timestamp.before.max.ms", "3600000"));
        broker.createTopic("recent.malformed", 1, Map.of());
        String now = Instant.now().toString();
        TestSegment segment = TestSegment.of(List.of(
                TestSegment.record("recent", 0).replaceAll("2024-08-20T14:02:[0-9.]+Z", now),
                TestSegment.record("recent", 1),
                TestSegment.record("recent", 2),
                TestSegment.record("recent", 3).replaceAll("2024-08-20T14:02:[0-9.]+Z", now)));
        try (Sink sink = TestSinks.sink("recent", options("recent"))) {
            TestSinks.drainThroughFailures(sink, segment, 10);
        }
        List<String> ids = segment.recordIds();
        assertEquals(List.of(ids.get(0), ids.get(3)), ids("recent"));
        assertEquals(List.of(ids.get(1), ids.get(2)), ids("recent.malformed"));
        assertEquals("refused", header(broker.readCommitted("recent.malformed").get(0), "reason"));
    }

    @Test
    void timesThatKafkaCannotHoldAreBroughtWithinItsBounds() throws Exception {
        broker.createTopic("times", 1, Map.of());
        TestSegment segment = TestSegment.of(List.of(
                TestSegment.record("times", 0).replace("2024-08-20", "1969-08-20"),
                TestSegment.record("times", 1).replace("2024-08-20", "2999-08-20")));
        long before = System.currentTimeMillis();
        try (Sink sink = TestSinks.sink("times", options("times"))) {
            sink.open();
            TestSinks.drain(sink, segment, 0, 10);
        }
        List<ConsumerRecord<byte[], byte[]>> records = broker.readCommitted("times");
        assertEquals(0, records.get(0).timestamp());
        assertTrue(records.get(1).timestamp() >= before && records.get(1).timestamp() <= System.currentTimeMillis());
        assertFalse(new String(records.get(1).value(), UTF_8).contains("2024"));
    }

    /** The client gives what failed a transaction to every record that was not sent yet. */
    @ParameterizedTest
    @CsvSource({"time, refused", "size, too-large"})
    void whatTheBrokerRefusesTakesNothingElseWithIt(String what, String reason) throws Exception {
        String topic = "alone-" + what;
        broker.createTopic(
                topic, 1, Map.of("message.timestamp.before.max.ms", "3600000", "max.message.bytes", "20000"));
        broker.createTopic(topic + ".malformed", 1, Map.of());
        String now = Instant.now().toString();
        List<String> lines = new ArrayList<>();
        lines.add("not json");
        lines.add(
                what.equals("time")
                        ? TestSegment.record(topic, 0)
                        : TestSegment.record("x".repeat(30_000), 0).replaceAll("2024-08-20T14:02:[0-9.]+Z", now));
        for (int i = 1; i < 3_000; i++) {
            lines.add(TestSegment.record(topic, i).replaceAll("2024-08-20T14:0[0-9]:[0-9.]+Z", now));
        }
        lines.add("nor this");
        TestSegment segment = TestSegment.of(lines);
        Map<String, Object> options = options(topic);
        options.put("properties", Map.of("compression.type", "none", "batch.size", "16384"));
        MeterRegistry registry = new SimpleMeterRegistry();
        try (Sink sink = TestSinks.sink(topic, options, Optional.empty(), registry)) {
            TestSinks.drainThroughFailures(sink, segment, 10_000);
        }
        List<String> ids = segment.recordIds();
        assertEquals(ids.subList(2, 3_001), ids(topic));
        assertEquals(List.of(ids.get(0), ids.get(1), ids.get(3_001)), ids(topic + ".malformed"));
        assertEquals(reason, header(broker.readCommitted(topic + ".malformed").get(1), "reason"));
        assertEquals(0, lostBytes(registry));
    }

    /** A transaction holds more lines than refused ones are remembered. */
    @Test
    void aBacklogOfWhichTheBrokerRefusesEverythingIsGotOver() throws Exception {
        broker.createTopic("backlog", 1, Map.of("message.timestamp.before.max.ms", "3600000"));
        broker.createTopic("backlog.malformed", 1, Map.of());
        TestSegment segment = TestSegment.ofRecords("backlog", 6_000);
        int failures = 0;
        MeterRegistry registry = new SimpleMeterRegistry();
        try (Sink sink = TestSinks.sink("backlog", options("backlog"), Optional.empty(), registry)) {
            long offset = 0;
            while (offset < segment.length()) {
                try {
                    offset = sink.open().map(Position::offset).orElse(0L);
                    while (offset < segment.length()) {
                        // As a pipeline that drains: it commits after an interval that is longer than all of this.
                        var batch = segment.batch(offset, 400);
                        sink.write(batch);
                        offset = batch.position().offset();
                        if (sink.commitPolicy().interval().isZero() || offset == segment.length()) {
                            sink.commit(batch.position());
                        }
                    }
                } catch (SinkException e) {
                    failures++;
                    offset = 0;
                    assertTrue(failures < 200, "goes round in circles");
                }
            }
        }
        assertEquals(0, lostBytes(registry));
        assertTrue(failures > 0, "nothing was refused");
        assertEquals(List.of(), ids("backlog"));
        assertExact(broker, segment, "backlog.malformed", "");
    }

    @Test
    void aTopicThatIsDeletedAndRecreatedWhileTheSinkIsOpenLosesNothingThatComesAfter() throws Exception {
        broker.createTopic("replaced", 1, Map.of());
        TestSegment segment = TestSegment.ofRecords("replaced", 30);
        try (Sink sink = TestSinks.sink("replaced", options("replaced"))) {
            sink.open();
            var first = segment.batch(0, 10);
            sink.write(first);
            sink.commit(first.position());
            broker.deleteTopic("replaced");
            var second = segment.batch(first.position().offset(), 10);
            SinkException failure = assertThrows(SinkException.class, () -> {
                sink.write(second);
                sink.commit(second.position());
            });
            assertTrue(failure.retriable(), failure::toString);
            TestSinks.assertSays(assertThrows(SinkException.class, sink::open), "the topic replaced does not exist");
            broker.createTopic("replaced", 1, Map.of());
            assertEquals(Optional.of(first.position()), sink.open());
            sink.write(second);
            sink.commit(second.position());
            broker.deleteTopic("replaced");
            broker.createTopic("replaced", 1, Map.of());
            // The client still knows the old one: whatever it does, nothing of the rest may be missing.
            TestSinks.drainThroughFailures(sink, segment, 10);
        }
        assertEquals(segment.recordIds().subList(20, 30), ids("replaced"));
    }

    @Test
    void keepsToTheBytesPerSecond() throws Exception {
        broker.createTopic("throttled", 1, Map.of());
        TestSegment segment = TestSegment.ofRecords("throttled", 2_000);
        Map<String, Object> options = options("throttled");
        options.put("maxBytesPerSecond", 512L << 10);
        try (Sink sink = TestSinks.sink("throttled", options)) {
            sink.open();
            long begun = System.nanoTime();
            TestSinks.drain(sink, segment, 0, 100);
            Duration took = Duration.ofNanos(System.nanoTime() - begun);
            // All but the last batch is paid for.
            long paidBytes =
                    segment.length() - 2 * segment.batch(0, 100).position().offset();
            Duration atLeast = Duration.ofMillis(paidBytes * 1_000 / (512 << 10));
            assertTrue(took.compareTo(atLeast) >= 0, took + " is less than " + atLeast);
            assertTrue(atLeast.toMillis() > 1_000, atLeast::toString);
        }
        assertExact(broker, segment, "throttled", "");
    }

    private static double lostBytes(MeterRegistry registry) {
        return registry.get("policylog.lost.bytes")
                .tag("reason", "malformed")
                .counter()
                .count();
    }
}
