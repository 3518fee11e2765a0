package io.policylog.sinks.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.policylog.sinks.CommitPolicy;
import io.policylog.sinks.Sink;
import io.policylog.sinks.SinkException;
import io.policylog.sinks.SinkException.Kind;
import io.policylog.sinks.testing.KafkaBroker;
import io.policylog.sinks.testing.TestSegment;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Exactly-once against a real broker: what is committed is there once, and the position agrees with it. */
class KafkaExactlyOnceTest {
    private static KafkaBroker broker;

    @BeforeAll
    static void startBroker() {
        broker = KafkaBroker.start();
    }

    @AfterAll
    static void stopBroker() {
        broker.close();
    }

    private static Map<String, Object> options(String topic) {
        return new HashMap<>(Map.of("bootstrapServers", broker.bootstrapServers(), "topic", topic));
    }

    private static List<String> ids(String topic) {
        return broker.readCommitted(topic).stream().map(r -> header(r, "id")).toList();
    }

    private static String header(ConsumerRecord<byte[], byte[]> record, String key) {
        Header header = record.headers().lastHeader(key);
        return header == null ? "" : new String(header.value(), UTF_8);
    }

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
        assertEquals(segment.recordIds(), ids("resume"));
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
        assertEquals(segment.recordIds(), ids("twins"));
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
}
