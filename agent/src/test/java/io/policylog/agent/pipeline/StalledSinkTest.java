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

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    @Timeout(120)
    void delaysNoOther(boolean stalled) throws Exception {
        MeterRegistry registry = new SimpleMeterRegistry();
        for (int file = 0; file < FILES; file++) {
            append(LINES_IN_FILE);
            Files.move(
                    directory.resolve("policy_action.log"),
                    directory.resolve("policy_action-2026-01-01T00-00-00.%03d.log".formatted(file)));
        }
        CountDownLatch never = new CountDownLatch(stalled ? 1 : 0);
        List<NotingSink> healthy =
                List.of(new NotingSink(new CountDownLatch(0)), new NotingSink(new CountDownLatch(0)));
        List<NotingSink> sinks = new ArrayList<>(healthy);
        sinks.addFirst(new NotingSink(never));
        try (SegmentStore store = new SegmentStore(
                directory,
                "policy_action*",
                Optional.of(StateDirectory.open(directory.resolve(".policylog"))),
                new Retention(1L << 30, 10_000, 0),
                System::nanoTime,
                InstantSource.system())) {
            SegmentScanner scanner = new SegmentScanner(store, directory, System::nanoTime);
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
            long startNanos = System.nanoTime();
            List<Thread> threads = new ArrayList<>();
            for (Pipeline pipeline : pipelines) {
                threads.add(Thread.ofPlatform().name(pipeline.name()).start(pipeline));
            }
            threads.add(Thread.ofPlatform().name("segments").start(scanner));

            long endNanos = 0;
            for (NotingSink sink : healthy) {
                endNanos = Math.max(endNanos, sink.awaitTaken(lines));
            }
            long[] latencies = new long[SINGLE_LINES];
            for (int i = 0; i < SINGLE_LINES; i++) {
                long before = System.nanoTime();
                append(1);
                for (NotingSink sink : healthy) {
                    latencies[i] = Math.max(latencies[i], sink.awaitTaken(lines) - before);
                }
            }
            Arrays.sort(latencies);
            System.out.printf(
                    "%s: %d lines to each of two sinks, %.0f lines/s; one line p50 %.2f ms, p99 %.2f ms%n",
                    stalled ? "one sink stalled" : "no sink stalled",
                    FILES * LINES_IN_FILE,
                    FILES * LINES_IN_FILE * 1e9 / (endNanos - startNanos),
                    latencies[SINGLE_LINES / 2] / 1e6,
                    latencies[SINGLE_LINES * 99 / 100] / 1e6);
            if (stalled) {
                assertEquals(0, sinks.getFirst().taken);
                assertTrue(pipelines.getFirst().lagBytes() > 0);
                assertTrue(pipelines.getFirst().sinceLastStepNanos() > endNanos - startNanos, "what livez goes by");
            }
            never.countDown();
            for (NotingSink sink : sinks) {
                sink.awaitTaken(lines);
            }
            pipelines.forEach(Pipeline::stop);
            scanner.stop();
            for (Thread thread : threads) {
                assertTrue(thread.join(Duration.ofSeconds(60)));
            }
        }
        for (NotingSink sink : sinks) {
            for (int i = 0; i < lines; i++) {
                assertEquals(i + 1, sink.counts.get(i));
            }
            assertEquals(lines, sink.counts.size());
        }
    }
}
