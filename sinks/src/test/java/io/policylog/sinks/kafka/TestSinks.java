package io.policylog.sinks.kafka;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.policylog.sinks.NodeIdentity;
import io.policylog.sinks.Sink;
import io.policylog.sinks.SinkContext;
import io.policylog.sinks.SinkException;
import io.policylog.sinks.SinkOption;
import io.policylog.sinks.SinkOptions;
import io.policylog.sinks.testing.TestSegment;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** Makes sinks as the agent does, and drains segments into them. */
final class TestSinks {
    static final NodeIdentity NODE =
            new NodeIdentity("node-1", Optional.of("project"), Optional.of("us-east1"), Optional.of("prod-1"));

    private TestSinks() {}

    /** Options with the defaults filled in. */
    static SinkOptions options(Map<String, Object> given) {
        Map<String, Object> values = new HashMap<>();
        for (SinkOption option : new KafkaSinkFactory().options()) {
            if (option.defaultValue() != null) {
                switch (option.kind()) {
                    case TEXT, CHOICE -> values.put(option.key(), option.defaultValue());
                    case DURATION -> values.put(option.key(), Duration.ofSeconds(1));
                    case SIZE, INTEGER, BOOLEAN, TEXT_LIST, TEXT_MAP -> {}
                }
            }
        }
        values.putAll(given);
        return new SinkOptions(values);
    }

    static Sink sink(String name, Map<String, Object> given) {
        return sink(name, given, Optional.empty(), new SimpleMeterRegistry());
    }

    static Sink sink(String name, Map<String, Object> given, Optional<Path> positionFile, MeterRegistry registry) {
        return new KafkaSinkFactory()
                .create(
                        options(given),
                        new SinkContext(name, NODE, positionFile, registry, Clock.systemUTC(), wait -> true));
    }

    /** The message holds all these parts. */
    static void assertSays(SinkException failure, String... parts) {
        String message = String.valueOf(failure.getMessage());
        for (String part : parts) {
            assertTrue(message.contains(part), () -> "\"" + part + "\" is not in: " + message);
        }
    }

    /** Writes what is left of a segment, a commit after every so many lines. The sink is open. */
    static void drain(Sink sink, TestSegment segment, long from, int linesPerCommit) throws SinkException {
        for (long offset = from; offset < segment.length(); ) {
            var batch = segment.batch(offset, linesPerCommit);
            sink.write(batch);
            sink.commit(batch.position());
            offset = batch.position().offset();
        }
    }

    /** As a pipeline does: opens, resumes, and begins again after each failure, until all is committed. */
    static void drainThroughFailures(Sink sink, TestSegment segment, int linesPerCommit) throws InterruptedException {
        long deadline = System.nanoTime() + Duration.ofMinutes(2).toNanos();
        while (true) {
            try {
                System.out.println(Instant.now() + " open");
                long from = sink.open().map(p -> p.offset()).orElse(0L);
                drain(sink, segment, from, linesPerCommit);
                return;
            } catch (SinkException e) {
                System.out.println(Instant.now() + " " + e.kind() + ": " + e.getMessage());
                if (System.nanoTime() > deadline) {
                    throw new IllegalStateException("failed for too long", e);
                }
                sink.close();
                Thread.sleep(100);
            }
        }
    }
}
