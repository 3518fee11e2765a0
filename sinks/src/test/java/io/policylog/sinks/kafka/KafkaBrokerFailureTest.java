package io.policylog.sinks.kafka;

import static io.policylog.sinks.kafka.SharedBroker.assertExact;
import static io.policylog.sinks.kafka.SharedBroker.options;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.policylog.sinks.Sink;
import io.policylog.sinks.SinkException;
import io.policylog.sinks.SinkException.Kind;
import io.policylog.sinks.testing.KafkaBroker;
import io.policylog.sinks.testing.TestSegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A broker of its own, which is killed, frozen, and forgets. */
class KafkaBrokerFailureTest {
    private static KafkaBroker broker;

    @BeforeAll
    static void startBroker() {
        broker = KafkaBroker.start(KafkaBroker.Options.broker(Map.of(
                "transactional.id.expiration.ms", "10000",
                "transaction.remove.expired.transaction.cleanup.interval.ms", "500",
                "transaction.abort.timed.out.transaction.cleanup.interval.ms", "500")));
    }

    @AfterAll
    static void stopBroker() {
        broker.close();
    }

    @Test
    void deliversExactlyThroughTheBrokersDeath() throws Exception {
        broker.createTopic("outage", 1, Map.of());
        deliverThroughDeaths("outage", "exactly-once", 1, 20_000, true);
    }

    @Test
    @Tag("soak")
    void losesNothingThroughTheBrokersDeathWithoutTransactions() throws Exception {
        broker.createTopic("repeats", 1, Map.of());
        deliverThroughDeaths("repeats", "at-least-once", 1, 20_000, false);
    }

    @Test
    @Tag("soak")
    void deliversExactlyThroughManyDeathsOfTheBroker() throws Exception {
        broker.createTopic("outages", 1, Map.of());
        deliverThroughDeaths("outages", "exactly-once", 10, 200_000, true);
    }

    private static void deliverThroughDeaths(String topic, String delivery, int deaths, int lines, boolean exact)
            throws Exception {
        long seed = ThreadLocalRandom.current().nextLong();
        System.out.println("seed " + seed);
        Random random = new Random(seed);
        TestSegment segment = TestSegment.ofRecords(topic, lines);
        Map<String, Object> options = options(broker, topic);
        options.put("delivery", delivery);
        AtomicBoolean done = new AtomicBoolean();
        Thread killer = Thread.ofPlatform().start(() -> {
            for (int i = 0; i < deaths && !done.get(); i++) {
                try {
                    Thread.sleep(100 + random.nextInt(600)); // Somewhere in the middle, or in a transaction.
                } catch (InterruptedException e) {
                    return;
                }
                broker.kill9();
                broker.restart();
            }
        });
        try (Sink sink = TestSinks.sink(topic, options)) {
            TestSinks.drainThroughFailures(sink, segment, lines / 100);
        }
        done.set(true);
        killer.join();
        if (exact) {
            assertExact(broker, segment, topic, "seed " + seed);
        } else {
            assertEquals(Set.copyOf(segment.recordIds()), Set.copyOf(SharedBroker.ids(broker, topic)), "seed " + seed);
        }
    }

    @Test
    void aForgottenTransactionalIdIsTakenAgain() throws Exception {
        broker.createTopic("forgotten", 1, Map.of());
        TestSegment segment = TestSegment.ofRecords("forgotten", 20);
        try (Sink sink = TestSinks.sink("forgotten", options(broker, "forgotten"))) {
            sink.open();
            var first = segment.batch(0, 10);
            sink.write(first);
            sink.commit(first.position());
            KafkaBroker.await("the broker to forget the transactional id", () -> {
                try (var admin = broker.admin()) {
                    return admin.listTransactions().all().get().stream()
                            .noneMatch(t -> t.transactionalId().endsWith("/forgotten"));
                }
            });
            var second = segment.batch(first.position().offset());
            SinkException failure = assertThrows(SinkException.class, () -> {
                sink.write(second);
                sink.commit(second.position());
            });
            assertTrue(failure.retriable(), failure::toString);
            assertEquals(Kind.UNAVAILABLE, failure.kind(), failure::toString);
            assertEquals(Optional.of(first.position()), sink.open());
            TestSinks.drain(sink, segment, first.position().offset(), 10);
        }
        assertExact(broker, segment, "forgotten", "");
    }

    /** Kafka ends a broker that can't write. */
    @Test
    void goesOnExactlyAfterTheBrokersDiskWasFull(@TempDir Path folder) throws Exception {
        Path disk = Files.createDirectory(folder.resolve("disk"));
        assumeTrue(
                run("mount", "-t", "tmpfs", "-o", "size=12m", "tmpfs", disk.toString()) == 0,
                "a small disk can't be mounted; only root may");
        try (KafkaBroker small = KafkaBroker.start(KafkaBroker.Options.broker(
                Map.of("log.dirs", disk.resolve("data").toString())))) {
            small.createTopic("full", 1, Map.of());
            TestSegment segment = TestSegment.ofRecords("full", 30_000);
            Map<String, Object> options = options(small, "full");
            options.put("properties", Map.of("compression.type", "none"));
            try (Sink sink = TestSinks.sink("full", options)) {
                sink.open();
                SinkException failure =
                        assertThrows(SinkException.class, () -> TestSinks.drain(sink, segment, 0, 1_000));
                assertTrue(failure.retriable(), failure::toString);
                KafkaBroker.await("the broker to give up", () -> !small.alive());
                assertEquals(0, run("mount", "-o", "remount,size=200m", disk.toString()));
                small.restart();
                TestSinks.drainThroughFailures(sink, segment, 1_000);
            }
            assertExact(small, segment, "full", "");
        } finally {
            assertEquals(0, run("umount", disk.toString()));
        }
    }

    private static int run(String... command) throws Exception {
        return new ProcessBuilder(command).inheritIO().start().waitFor();
    }

    /** As after a week without an agent, in a minute: nothing that Kafka knew of the sink is left. */
    @Test
    @Tag("soak")
    void aForgottenPositionIsTakenFromItsFile(@TempDir Path folder) throws Exception {
        try (KafkaBroker forgetful = KafkaBroker.start(KafkaBroker.Options.broker(Map.of(
                "offsets.retention.minutes", "1",
                "offsets.retention.check.interval.ms", "1000",
                "transactional.id.expiration.ms", "10000",
                "transaction.remove.expired.transaction.cleanup.interval.ms", "500")))) {
            forgetful.createTopic("expired", 1, Map.of());
            TestSegment segment = TestSegment.ofRecords("expired", 20);
            try (Sink sink = TestSinks.sink(
                    "expired",
                    options(forgetful, "expired"),
                    Optional.of(folder.resolve("position")),
                    new SimpleMeterRegistry())) {
                sink.open();
                var first = segment.batch(0, 10);
                sink.write(first);
                sink.commit(first.position());
                // The offset is there when the transaction's marker has arrived, a moment after the commit.
                KafkaBroker.await("the broker to know the position", () -> knowsPosition(forgetful));
                KafkaBroker.await("the broker to forget the position", () -> !knowsPosition(forgetful));
                var second = segment.batch(first.position().offset());
                SinkException failure = assertThrows(SinkException.class, () -> {
                    sink.write(second);
                    sink.commit(second.position());
                });
                assertTrue(failure.retriable(), failure::toString);
                assertEquals(Optional.of(first.position()), sink.open());
                TestSinks.drain(sink, segment, first.position().offset(), 10);
            }
            assertExact(forgetful, segment, "expired", "");
        }
    }

    private static boolean knowsPosition(KafkaBroker broker) throws Exception {
        try (var admin = broker.admin()) {
            return !admin.listConsumerGroupOffsets("policylog/prod-1/node-1/expired")
                    .partitionsToOffsetAndMetadata()
                    .get()
                    .isEmpty();
        }
    }

    @Test
    void closesThoughTheBrokerDoesNotAnswer() throws Exception {
        broker.createTopic("frozen", 1, Map.of());
        TestSegment segment = TestSegment.ofRecords("frozen", 10);
        Sink sink = TestSinks.sink("frozen", options(broker, "frozen"));
        sink.open();
        sink.write(segment.batch(0));
        broker.freeze();
        try {
            long start = System.nanoTime();
            sink.close();
            Duration took = Duration.ofNanos(System.nanoTime() - start);
            // The contract is "a few seconds"; without the bound it would be minutes, or for ever.
            assertTrue(took.compareTo(Duration.ofSeconds(30)) < 0, took::toString);
        } finally {
            broker.thaw();
        }
        deliversAllOnceItIsOpenedAgain(sink, segment, "frozen");
    }

    @Test
    void anInterruptEndsACallAndIsKept() throws Exception {
        broker.createTopic("interrupted", 1, Map.of());
        TestSegment segment = TestSegment.ofRecords("interrupted", 10);
        Sink sink = TestSinks.sink("interrupted", options(broker, "interrupted"));
        sink.open();
        sink.write(segment.batch(0));
        Thread.currentThread().interrupt();
        SinkException stopped =
                assertThrows(SinkException.class, () -> sink.commit(segment.position(segment.length())));
        assertEquals(Kind.STOPPED, stopped.kind());
        sink.close();
        assertTrue(Thread.interrupted());
        assertFalse(Thread.currentThread().isInterrupted());
    }

    private static void deliversAllOnceItIsOpenedAgain(Sink sink, TestSegment segment, String topic)
            throws SinkException {
        assertEquals(Optional.empty(), sink.open());
        TestSinks.drain(sink, segment, 0, segment.recordIds().size());
        sink.close();
        assertExact(broker, segment, topic, "");
    }

    /** By key the producer looks for the topic itself, with each record. */
    @Test
    void theFirstRecordThatCannotBeSentIsTheLastOneTried() throws Exception {
        broker.createTopic("no-answer", 1, Map.of());
        TestSegment segment = TestSegment.ofRecords("no-answer", 100);
        Map<String, Object> options = options(broker, "no-answer");
        options.put("partitionBy", "key");
        options.put("properties", Map.of("max.block.ms", "1000"));
        Sink sink = TestSinks.sink("no-answer", options);
        sink.open();
        broker.freeze();
        try {
            long start = System.nanoTime();
            assertThrows(SinkException.class, () -> sink.write(segment.batch(0)));
            Duration took = Duration.ofNanos(System.nanoTime() - start);
            // One time max.block.ms, not a hundred times.
            assertTrue(took.compareTo(Duration.ofSeconds(30)) < 0, took::toString);
        } finally {
            broker.thaw();
        }
        deliversAllOnceItIsOpenedAgain(sink, segment, "no-answer");
    }

    /** More than the producer and the queue before it hold in memory. */
    @Test
    void anInterruptEndsAWriteThatWaitsForTheBroker() throws Exception {
        broker.createTopic("full-memory", 1, Map.of());
        TestSegment segment = TestSegment.ofRecords("full-memory", 20_000);
        Map<String, Object> options = options(broker, "full-memory");
        options.put("properties", Map.of("compression.type", "none"));
        Sink sink = TestSinks.sink("full-memory", options);
        sink.open();
        sink.write(segment.batch(0, 1));
        broker.freeze();
        try {
            AtomicReference<SinkException> failure = new AtomicReference<>();
            Thread writer = Thread.ofPlatform()
                    .start(() -> failure.set(assertThrows(SinkException.class, () -> sink.write(segment.batch(0)))));
            KafkaBroker.await(
                    "the writer to wait",
                    () -> Arrays.stream(writer.getStackTrace())
                            .anyMatch(frame -> frame.getMethodName().equals("awaitOne")));
            writer.interrupt();
            writer.join();
            assertEquals(Kind.STOPPED, failure.get().kind());
            sink.close();
        } finally {
            broker.thaw();
        }
        deliversAllOnceItIsOpenedAgain(sink, segment, "full-memory");
    }

    @Test
    void anAddressThatAnswersNotIsUnavailable() {
        Map<String, Object> options = options(broker, "any");
        options.put("bootstrapServers", "no-such-host.invalid:9092");
        try (Sink sink = TestSinks.sink("any", options)) {
            SinkException failure = assertThrows(SinkException.class, sink::open);
            assertEquals(Kind.UNAVAILABLE, failure.kind());
            TestSinks.assertSays(failure, "no-such-host.invalid:9092", "DNS");
        }
    }
}
