package io.policylog.sinks.kafka;

import static io.policylog.sinks.kafka.SharedBroker.assertExact;
import static io.policylog.sinks.kafka.SharedBroker.options;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.policylog.sinks.Sink;
import io.policylog.sinks.SinkException;
import io.policylog.sinks.testing.KafkaBroker;
import io.policylog.sinks.testing.TestSegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.admin.TransactionState;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What takes longer than a transaction may, with both versions of the transaction protocol. */
@Tag("soak")
class KafkaStoppedProcessTest {
    @TempDir
    private Path folder;

    /** Version 1 is what brokers before 4.0 speak. */
    private static KafkaBroker broker(int transactionVersion) {
        return KafkaBroker.start(new KafkaBroker.Options(
                Map.of("transaction.abort.timed.out.transaction.cleanup.interval.ms", "500"),
                Map.of(),
                List.of("--feature", "transaction.version=" + transactionVersion),
                List.of()));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void aTransactionOpenForTooLongIsDoneAgain(int transactionVersion) throws Exception {
        try (KafkaBroker broker = broker(transactionVersion)) {
            broker.createTopic("slow", 1, Map.of());
            TestSegment segment = TestSegment.ofRecords("slow", 100);
            try (Sink sink = TestSinks.sink("slow", options(broker, "slow"))) {
                sink.open();
                var first = segment.batch(0, 50);
                sink.write(first);
                sink.commit(first.position());
                var second = segment.batch(first.position().offset());
                sink.write(second);
                KafkaBroker.await("the transaction to be aborted", () -> {
                    try (var admin = broker.admin()) {
                        return admin.listTransactions().all().get().stream()
                                .anyMatch(t -> t.state().toString().equals("CompleteAbort"));
                    }
                });
                SinkException failure = assertThrows(SinkException.class, () -> sink.commit(second.position()));
                TestSinks.assertSays(failure, "policylog/prod-1/node-1/slow");
                assertEquals(Optional.of(first.position()), sink.open());
                TestSinks.drain(sink, segment, first.position().offset(), 50);
            }
            assertExact(broker, segment, "slow", "");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void aStoppedProcessThatComesBackRepeatsNothing(int transactionVersion) throws Exception {
        try (KafkaBroker broker = broker(transactionVersion)) {
            broker.createTopic("stopped", 1, Map.of());
            TestSegment segment = TestSegment.ofRecords("stopped", 20_000);
            Path file = Files.write(folder.resolve("segment"), segment.bytes());
            try (KafkaSinkProcess process = KafkaSinkProcess.start(broker, "stopped", file, 500)) {
                for (int i = 0; i < 23; i++) {
                    process.step();
                }
                KafkaBroker.signal(process.pid(), "STOP");
                try (Sink twin = TestSinks.sink("stopped", options(broker, "stopped"))) {
                    long from = twin.open().orElseThrow().offset();
                    KafkaBroker.signal(process.pid(), "CONT");
                    // What the stopped one still does runs into the fence.
                    process.awaitExit(Duration.ofSeconds(60));
                    TestSinks.drain(twin, segment, from, 1_000);
                }
            }
            assertExact(broker, segment, "stopped", "");
        }
    }

    /** What docs/delivery.md says about the stall, with the broker's defaults. */
    @Test
    void whatADeadNodeLeftOpenHidesTheRecordsOfOthersForAWhileAndNoLonger() throws Exception {
        try (KafkaBroker broker = KafkaBroker.start()) {
            broker.createTopic("stall", 1, Map.of());
            TestSegment segment = TestSegment.ofRecords("stall", 5_000);
            Path file = Files.write(folder.resolve("segment"), segment.bytes());
            try (KafkaSinkProcess process = KafkaSinkProcess.start(broker, "stall", file, Integer.MAX_VALUE)) {
                process.awaitEnd();
                KafkaBroker.await("some of its records to arrive", () -> {
                    try (var admin = broker.admin()) {
                        return admin.listTransactions().all().get().stream()
                                .anyMatch(t -> t.state() == TransactionState.ONGOING);
                    }
                });
            }
            long dead = System.nanoTime();
            TestSegment other = TestSegment.ofRecords("other", 10);
            try (Sink sink = TestSinks.sink("other", options(broker, "stall"))) {
                sink.open();
                TestSinks.drain(sink, other, 0, 10);
            }
            assertExact(broker, other, "stall", "");
            Duration stall = Duration.ofNanos(System.nanoTime() - dead);
            System.out.println("stall " + stall);
            assertTrue(stall.toSeconds() >= 5 && stall.toSeconds() <= 30, stall::toString);
        }
    }

    @Test
    void malformedLinesThatMayNotBeWrittenStopNothingInTheOldProtocol() throws Exception {
        try (KafkaBroker broker = broker(1)) {
            broker.createTopic("old", 4, Map.of("max.message.bytes", "3000"));
            Map<String, Object> options = options(broker, "old");
            options.put("partitionBy", "key");
            options.put("properties", Map.of("compression.type", "none"));
            TestSegment segment = TestSegment.of(List.of(
                    "not json",
                    TestSegment.record("old", 0),
                    TestSegment.record("x".repeat(4000), 1),
                    TestSegment.record("old", 2)));
            try (Sink sink = TestSinks.sink("old", options)) {
                TestSinks.drainThroughFailures(sink, segment, 1);
            }
            assertEquals(2, SharedBroker.ids(broker, "old").size());
        }
    }
}
