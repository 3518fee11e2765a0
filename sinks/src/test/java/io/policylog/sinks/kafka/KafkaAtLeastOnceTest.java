package io.policylog.sinks.kafka;

import static io.policylog.sinks.kafka.SharedBroker.assertExact;
import static io.policylog.sinks.kafka.SharedBroker.ids;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.policylog.sinks.CommitPolicy;
import io.policylog.sinks.PositionFile;
import io.policylog.sinks.Sink;
import io.policylog.sinks.testing.KafkaBroker;
import io.policylog.sinks.testing.TestSegment;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** At-least-once: a failure can repeat records, but not lose any. */
class KafkaAtLeastOnceTest {
    private static final KafkaBroker broker = SharedBroker.BROKER;

    @TempDir
    private Path folder;

    private static Map<String, Object> options(String topic) {
        Map<String, Object> options = SharedBroker.options(topic);
        options.put("delivery", "at-least-once");
        return options;
    }

    @Test
    void writesAsLinesCome() {
        assertEquals(
                new CommitPolicy(CommitPolicy.Pacing.CONTINUOUS, Duration.ofSeconds(1)),
                TestSinks.sink("policy", options("policy")).commitPolicy());
    }

    @Test
    void keepsThePositionInAFile() throws Exception {
        broker.createTopic("filed", 1, Map.of());
        TestSegment segment = TestSegment.ofRecords("filed", 1000);
        Path file = folder.resolve("position");
        try (Sink sink = TestSinks.sink("filed", options("filed"), Optional.of(file), new SimpleMeterRegistry())) {
            assertEquals(Optional.empty(), sink.open());
            var some = segment.batch(0, 400);
            sink.write(some);
            sink.commit(some.position());
            assertEquals(Optional.of(some.position()), new PositionFile(file).read());
            assertEquals(Optional.of(some.position()), sink.open());
            TestSinks.drain(sink, segment, some.position().offset(), 300);
        }
        assertExact(broker, segment, "filed", "");
    }

    @Test
    void keepsThePositionInKafkaWithoutAStateDirectory() throws Exception {
        broker.createTopic("unfiled", 1, Map.of());
        TestSegment segment = TestSegment.ofRecords("unfiled", 1000);
        try (Sink sink = TestSinks.sink("unfiled", options("unfiled"))) {
            assertEquals(Optional.empty(), sink.open());
            var some = segment.batch(0, 400);
            sink.write(some);
            sink.commit(some.position());
            assertEquals(Optional.of(some.position()), sink.open());
            TestSinks.drain(sink, segment, some.position().offset(), 300);
        }
        assertExact(broker, segment, "unfiled", "");
    }

    @Test
    void repeatsWhatWasNotCommittedAndLosesNothing() throws Exception {
        broker.createTopic("repeated", 1, Map.of());
        TestSegment segment = TestSegment.ofRecords("repeated", 100);
        try (Sink sink = TestSinks.sink("repeated", options("repeated"))) {
            sink.open();
            sink.write(segment.batch(0, 60));
            assertEquals(Optional.empty(), sink.open());
            TestSinks.drain(sink, segment, 0, 50);
        }
        assertEquals(new HashSet<>(segment.recordIds()), new HashSet<>(ids("repeated")));
    }
}
