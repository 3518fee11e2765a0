package io.policylog.agent.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.policylog.agent.segments.Retention;
import io.policylog.agent.segments.SegmentScanner;
import io.policylog.agent.segments.SegmentStore;
import io.policylog.agent.segments.StateDirectory;
import io.policylog.parser.Limits;
import io.policylog.parser.MalformedLine;
import io.policylog.parser.Parser;
import io.policylog.parser.PolicyRecord;
import io.policylog.sinks.Batch;
import io.policylog.sinks.CommitPolicy;
import io.policylog.sinks.LineVisitor;
import io.policylog.sinks.Position;
import io.policylog.sinks.Sink;
import io.policylog.sinks.SinkException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** One sink that never returns: what the others get, and how fast, which is printed. */
final class StalledSinkTest {
    private static final int FILES = 4;
    private static final int LINES_IN_FILE = 25_000;
    private static final int SINGLE_LINES = 200;

    @TempDir
    private Path directory;

    private int lines;

    /** Takes note of what arrives and when, once it returns at all. */
    private static final class NotingSink implements Sink {
        private final CountDownLatch returns;
        private final List<Integer> counts = new ArrayList<>();
        private volatile long taken;
        private volatile long takenNanos;

        NotingSink(CountDownLatch returns) {
            this.returns = returns;
        }

        @Override
        public Optional<Position> open() {
            return Optional.empty();
        }

        @Override
        public CommitPolicy commitPolicy() {
            return new CommitPolicy(CommitPolicy.Pacing.CONTINUOUS, Duration.ofMillis(100));
        }

        @Override
        public void write(Batch batch) throws SinkException {
            try {
                returns.await();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
            batch.forEach(new LineVisitor() {
                @Override
                public void record(PolicyRecord record, long offset) {
                    counts.add((int) record.count());
                }

                @Override
                public void malformed(MalformedLine line, long offset) {
                    counts.add(-1);
                }
            });
            takenNanos = System.nanoTime();
            taken = counts.size();
        }

        @Override
        public void commit(Position position) {}

        @Override
        public void close() {}

        long awaitTaken(long count) throws InterruptedException {
            while (taken < count) {
                LockSupport.parkNanos(100_000);
                if (Thread.interrupted()) {
                    throw new InterruptedException("not in time");
                }
            }
            return takenNanos;
        }
    }

    /** Each line's count is its number. */
    private void append(int count) throws IOException {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < count; i++) {
            text.append(
                            "{\"connection\":{\"src_ip\":\"10.0.0.1\",\"dest_ip\":\"10.0.0.2\",\"src_port\":1,\"dest_port\":2,")
                    .append("\"protocol\":\"tcp\",\"direction\":\"ingress\"},\"disposition\":\"deny\",\"src\":{},")
                    .append("\"dest\":{},\"count\":")
                    .append(++lines)
                    .append(",\"timestamp\":\"2026-01-01T00:00:00.")
                    .append(lines)
                    .append("Z\"}\n");
        }
        Files.writeString(
                directory.resolve("policy_action.log"), text, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    private void writeFiles() throws IOException {
        for (int file = 0; file < FILES; file++) {
            append(LINES_IN_FILE);
            Files.move(
                    directory.resolve("policy_action.log"),
                    directory.resolve("policy_action-2026-01-01T00-00-00.%03d.log".formatted(file)));
        }
    }

    private SegmentStore store() throws Exception {
        return new SegmentStore(
                directory,
                "policy_action*",
                Optional.of(StateDirectory.open(directory.resolve(".policylog"))),
                new Retention(1L << 30, 10_000, 0),
                System::nanoTime,
                InstantSource.system());
    }

    /** One for each sink, that has been told of the log. */
    private static List<Pipeline> pipelines(List<NotingSink> sinks, SegmentStore store, SegmentScanner scanner) {
        MeterRegistry registry = new SimpleMeterRegistry();
        List<Pipeline> pipelines = new ArrayList<>();
        for (NotingSink sink : sinks) {
            Pipeline pipeline = new Pipeline(
                    "sink" + pipelines.size(),
                    sink,
                    StartAt.BEGINNING,
                    new CommitRequests(),
                    new Parser(Limits.DEFAULT, null),
                    LineFilter.ALL,
                    new ReadLimits(1 << 20, ReadLimits.DEFAULT_BUFFER_BYTES),
                    store,
                    scanner,
                    registry,
                    System::nanoTime);
            store.addHold(pipeline);
            scanner.addWake(pipeline::wake);
            pipelines.add(pipeline);
        }
        store.scan();
        pipelines.forEach(Pipeline::logScanned);
        return pipelines;
    }

    private static List<Thread> start(List<Pipeline> pipelines, SegmentScanner scanner) {
        List<Thread> threads = new ArrayList<>();
        for (Pipeline pipeline : pipelines) {
            threads.add(Thread.ofPlatform().name(pipeline.name()).start(pipeline));
        }
        threads.add(Thread.ofPlatform().name("segments").start(scanner));
        return threads;
    }

    private static void stop(List<Pipeline> pipelines, SegmentScanner scanner, List<Thread> threads)
            throws InterruptedException {
        pipelines.forEach(Pipeline::stop);
        scanner.stop();
        for (Thread thread : threads) {
            assertTrue(thread.join(Duration.ofSeconds(60)));
        }
    }

    /** Waits until the sinks have all lines, and gives the time at which the last one did. */
    private long awaitLines(List<NotingSink> sinks) throws InterruptedException {
        long lastNanos = Long.MIN_VALUE;
        for (NotingSink sink : sinks) {
            lastNanos = Math.max(lastNanos, sink.awaitTaken(lines));
        }
        return lastNanos;
    }

    /** How long single lines take to the last of the sinks, in nanoseconds, sorted. */
    private long[] latencies(List<NotingSink> sinks) throws IOException, InterruptedException {
        long[] latencies = new long[SINGLE_LINES];
        for (int i = 0; i < SINGLE_LINES; i++) {
            long before = System.nanoTime();
            append(1);
            latencies[i] = Math.max(0, awaitLines(sinks) - before);
        }
        Arrays.sort(latencies);
        return latencies;
    }

    private static void print(boolean stalled, long tookNanos, long[] latencies) {
        System.out.printf(
                "%s: %d lines to each of two sinks, %.0f lines/s; one line p50 %.2f ms, p99 %.2f ms%n",
                stalled ? "one sink stalled" : "no sink stalled",
                FILES * LINES_IN_FILE,
                FILES * LINES_IN_FILE * 1e9 / tookNanos,
                latencies[SINGLE_LINES / 2] / 1e6,
                latencies[SINGLE_LINES * 99 / 100] / 1e6);
    }

    private void assertEachLineOnceAndInOrder(List<NotingSink> sinks) {
        for (NotingSink sink : sinks) {
            for (int i = 0; i < lines; i++) {
                assertEquals(i + 1, sink.counts.get(i));
            }
            assertEquals(lines, sink.counts.size());
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    @Timeout(120)
    void delaysNoOther(boolean stalled) throws Exception {
        writeFiles();
        CountDownLatch never = new CountDownLatch(stalled ? 1 : 0);
        List<NotingSink> healthy =
                List.of(new NotingSink(new CountDownLatch(0)), new NotingSink(new CountDownLatch(0)));
        List<NotingSink> sinks = new ArrayList<>(healthy);
        sinks.addFirst(new NotingSink(never));
        try (SegmentStore store = store()) {
            SegmentScanner scanner = new SegmentScanner(store, directory, System::nanoTime);
            List<Pipeline> pipelines = pipelines(sinks, store, scanner);
            long startNanos = System.nanoTime();
            List<Thread> threads = start(pipelines, scanner);
            long tookNanos = awaitLines(healthy) - startNanos;
            print(stalled, tookNanos, latencies(healthy));
            if (stalled) {
                assertEquals(0, sinks.getFirst().taken);
                assertTrue(pipelines.getFirst().lagBytes() > 0);
                assertTrue(pipelines.getFirst().sinceLastStepNanos() > tookNanos, "what livez goes by");
            }
            never.countDown();
            awaitLines(sinks);
            stop(pipelines, scanner, threads);
        }
        assertEachLineOnceAndInOrder(sinks);
    }
}
