package io.policylog.sinks.prometheus;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.policylog.sinks.CommitRequest;
import io.policylog.sinks.Position;
import io.policylog.sinks.Sink;
import io.policylog.sinks.SinkException;
import io.policylog.sinks.prometheus.PrometheusText.Sample;
import io.policylog.sinks.testing.Line;
import io.policylog.sinks.testing.TestSegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What Prometheus saw is never taken back, and what the log says is counted once, whenever the process dies. */
class CrashConsistencyTest {
    private static final int LINES = 8_000;
    private static final int MIN_KILLS = 150;

    private final long seed = new Random().nextLong();
    private final Random random = new Random(seed);

    @TempDir
    private Path state;

    private final List<Line> lines = new ArrayList<>();
    private TestSegment segment = TestSegment.ofRecords("none", 1);
    /** Where each line begins, and where the last one ends. */
    private long[] offsets = {};

    private void makeLog() {
        System.out.println("seed " + seed);
        Traffic traffic = new Traffic(random);
        for (int i = 0; i < LINES; i++) {
            lines.add(traffic.next());
        }
        segment = Traffic.segment(lines);
        offsets = LongStream.concat(
                        segment.recordIds().stream().mapToLong(id -> Long.parseLong(id.substring(id.indexOf(':') + 1))),
                        LongStream.of(segment.length()))
                .toArray();
    }

    /** A pipeline without a thread: commits when a scrape asks for it, unless it is said to be stuck. */
    private final class Pipeline {
        private final AgentProcess process = new AgentProcess();
        private final Sink sink;
        private int line;
        private int committedLine;

        Pipeline(Path file) throws SinkException {
            sink = process.sink("prometheus", Optional.of(file), Clock.systemUTC(), commitUnlessStuck(), Map.of());
            Optional<Position> position = sink.open();
            line = position.isEmpty()
                    ? 0
                    : Arrays.binarySearch(offsets, position.get().offset());
            committedLine = line;
        }

        private CommitRequest commitUnlessStuck() {
            return maxWait -> {
                if (random.nextInt(4) == 0) {
                    return false;
                }
                try {
                    commit();
                } catch (SinkException e) {
                    throw new AssertionError(e);
                }
                return true;
            };
        }

        void write() throws SinkException {
            int count = Math.min(LINES - line, 1 + random.nextInt(60));
            sink.write(segment.batch(offsets[line], count));
            line += count;
        }

        void commit() throws SinkException {
            sink.commit(segment.position(offsets[line]));
            committedLine = line;
        }

        Map<Sample, Double> scrape() {
            return process.scrape("network_policy_");
        }
    }

    @Test
    void countersAreExactAndNeverDecreaseOverKillsAtRandomPoints() throws Exception {
        makeLog();
        Path file = state.resolve("prometheus.counters");
        Map<Sample, Double> lastScrape = new HashMap<>();
        Pipeline pipeline = new Pipeline(file);
        int kills = 0;
        int scrapes = 0;
        while (pipeline.line < LINES || kills < MIN_KILLS) {
            switch (random.nextInt(6)) {
                case 0 -> {
                    // The process is gone, possibly while it wrote the next snapshot.
                    if (random.nextBoolean()) {
                        Files.writeString(state.resolve("prometheus.counters.tmp"), "policylog counters v1\nv1 sto");
                    }
                    pipeline = new Pipeline(file);
                    kills++;
                    Map<Sample, Double> afterRestart = pipeline.scrape();
                    assertNothingDecreased(lastScrape, afterRestart);
                    lastScrape = afterRestart;
                }
                case 1 -> {
                    Map<Sample, Double> scrape = pipeline.scrape();
                    scrapes++;
                    assertNothingDecreased(lastScrape, scrape);
                    assertEquals(
                            Model.of(lines.subList(0, pipeline.committedLine)).counts(), scrape, "seed " + seed);
                    lastScrape = scrape;
                }
                case 2 -> pipeline.commit();
                case 3 -> {
                    // What a pipeline does after a failure: nothing survives that the position does not cover.
                    pipeline.sink.close();
                    Position position = pipeline.sink.open().orElse(segment.position(0));
                    assertEquals(offsets[pipeline.committedLine], position.offset(), "seed " + seed);
                    pipeline.line = pipeline.committedLine;
                }
                default -> pipeline.write();
            }
        }
        pipeline.commit();
        assertEquals(Model.of(lines).counts(), pipeline.scrape(), "seed " + seed);
        assertTrue(scrapes > MIN_KILLS / 4, scrapes + " scrapes, seed " + seed);
    }

    private void assertNothingDecreased(Map<Sample, Double> before, Map<Sample, Double> after) {
        before.forEach((sample, value) -> {
            Double now = after.get(sample);
            assertNotNull(now, () -> sample + " is gone, seed " + seed);
            assertTrue(now >= value, () -> sample + " went from " + value + " to " + now + ", seed " + seed);
        });
    }

    @Test
    void scrapesOfOtherThreadsSeeWholeCommitsOnly() throws Exception {
        makeLog();
        BlockingQueue<CountDownLatch> requests = new ArrayBlockingQueue<>(8);
        CommitRequest commits = maxWait -> {
            CountDownLatch done = new CountDownLatch(1);
            return requests.offer(done) && done.await(maxWait.toMillis(), TimeUnit.MILLISECONDS);
        };
        AgentProcess process = new AgentProcess();
        Sink sink = process.sink(
                "prometheus", Optional.of(state.resolve("counters")), Clock.systemUTC(), commits, Map.of());
        AtomicReference<Throwable> failure = new AtomicReference<>();
        CountDownLatch finished = new CountDownLatch(1);
        Map<Double, Integer> linesByTotal = new HashMap<>();
        double sum = 0;
        linesByTotal.put(sum, 0);
        for (int i = 0; i < LINES; i++) {
            sum += lines.get(i).count();
            linesByTotal.put(sum, i + 1);
        }
        double total = sum;
        Thread pipeline = Thread.ofPlatform().start(() -> {
            try {
                sink.open();
                int line = 0;
                while (finished.getCount() > 0) {
                    CountDownLatch request = line < LINES ? requests.poll() : requests.poll(10, TimeUnit.MILLISECONDS);
                    if (request != null) {
                        sink.commit(segment.position(offsets[line]));
                        request.countDown();
                    } else if (line < LINES) {
                        sink.write(segment.batch(offsets[line], 1));
                        line++;
                    }
                }
            } catch (Exception e) {
                failure.set(e);
            }
        });
        Map<Sample, Double> last = new HashMap<>();
        try {
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
            double seen = -1;
            while (seen < total) {
                assertTrue(System.nanoTime() < deadline, "seed " + seed);
                Map<Sample, Double> scrape = process.scrape("network_policy_connections");
                assertNothingDecreased(last, scrape);
                last = scrape;
                seen = scrape.values().stream().mapToDouble(Double::doubleValue).sum();
                // A total that lies between two lines would be half of one.
                assertNotNull(linesByTotal.get(seen), "seed " + seed);
            }
        } finally {
            finished.countDown();
            pipeline.join();
        }
        assertEquals(null, failure.get());
    }
}
