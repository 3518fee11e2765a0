package io.policylog.agent.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.policylog.agent.segments.Retention;
import io.policylog.agent.segments.SegmentHold;
import io.policylog.agent.segments.SegmentScanner;
import io.policylog.agent.segments.SegmentStore;
import io.policylog.agent.segments.Segments;
import io.policylog.agent.segments.StateDirectory;
import io.policylog.parser.Limits;
import io.policylog.parser.Parser;
import io.policylog.sinks.CommitPolicy;
import io.policylog.sinks.SinkException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

final class PipelineTest {
    private static final CommitPolicy AT_ONCE = new CommitPolicy(CommitPolicy.Pacing.HOLD_INPUT, Duration.ofMillis(1));

    @TempDir
    private Path directory;

    private final MeterRegistry registry = new SimpleMeterRegistry();
    private final List<Thread> threads = new ArrayList<>();
    private final List<Pipeline> pipelines = new ArrayList<>();
    /** How far the pipelines' clock is ahead. */
    private final AtomicLong aheadNanos = new AtomicLong();

    private CommitRequests commits = new CommitRequests();
    private SegmentStore store;
    private SegmentScanner scanner;
    private int lines;

    @BeforeEach
    void open() throws Exception {
        open(new Retention(1L << 30, 10_000, 0));
    }

    private void open(Retention retention) throws Exception {
        store = new SegmentStore(
                directory,
                "policy_action*",
                Optional.of(StateDirectory.open(directory.resolve(".policylog"))),
                retention,
                System::nanoTime,
                InstantSource.system());
        scanner = new SegmentScanner(store, directory, System::nanoTime);
    }

    @AfterEach
    void close() throws Exception {
        stop();
        scanner.stop();
        for (Thread thread : threads) {
            thread.join();
        }
        store.close();
    }

    private void stop() throws InterruptedException {
        pipelines.forEach(Pipeline::stop);
        for (Thread thread : threads) {
            if (thread.getName().equals("pipeline")) {
                thread.join();
            }
        }
    }

    private Pipeline start(RecordingSink sink, LineFilter filter, StartAt startAt) {
        Pipeline pipeline = new Pipeline(
                "test",
                sink,
                startAt,
                commits,
                new Parser(Limits.DEFAULT, null),
                filter,
                new ReadLimits(1 << 20, 1 << 12),
                store,
                scanner,
                registry,
                () -> System.nanoTime() + aheadNanos.get());
        store.addHold(pipeline);
        scanner.addWake(pipeline::wake);
        store.scan();
        pipelines.add(pipeline);
        threads.add(Thread.ofPlatform().name("pipeline").start(pipeline));
        pipeline.logScanned();
        threads.add(Thread.ofPlatform().name("segments").start(scanner));
        return pipeline;
    }

    private List<String> append(int count) throws Exception {
        List<String> appended = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            appended.add("{\"connection\":{\"src_ip\":\"10.0.0.1\",\"dest_ip\":\"10.0.0.2\",\"src_port\":"
                    + (1 + lines++ % 60000)
                    + ",\"protocol\":\"tcp\",\"direction\":\"ingress\"},\"disposition\":\"deny\",\"src\":{},\"dest\":{},"
                    + "\"count\":1,\"timestamp\":\"2026-01-01T00:00:00." + lines + "Z\"}");
        }
        appendText(String.join("\n", appended) + "\n");
        return appended;
    }

    private void appendText(String text) throws Exception {
        Files.writeString(
                directory.resolve("policy_action.log"), text, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    private void rotate() throws Exception {
        Files.move(
                directory.resolve("policy_action.log"),
                directory.resolve(
                        "policy_action-2026-01-01T00-00-%02d.%03d.log".formatted(lines / 1000, lines % 1000)));
    }

    private static void await(String what, BooleanSupplier condition) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                fail("not within a minute: " + what);
            }
            TimeUnit.MILLISECONDS.sleep(2);
        }
    }

    @Test
    void deliversEveryLineOnceAndInOrderWhileFilesRotate() throws Exception {
        RecordingSink sink = new RecordingSink(AT_ONCE, call -> false);
        start(sink, LineFilter.ALL, StartAt.BEGINNING);
        List<String> written = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            written.addAll(append(50));
            if (i % 4 == 3) {
                rotate();
            }
        }
        await("all lines", () -> sink.committed().size() >= written.size());
        assertEquals(written, sink.committed());
    }

    @Test
    void deliversEveryLineOnceThoughTheSinkFailsAtRandom() throws Exception {
        long seed = System.nanoTime();
        System.out.println("seed " + seed);
        Random random = new Random(seed);
        RecordingSink sink = new RecordingSink(AT_ONCE, call -> random.nextInt(150) == 0);
        start(sink, LineFilter.ALL, StartAt.BEGINNING);
        List<String> written = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            written.addAll(append(40));
            rotate();
        }
        await("all lines", () -> sink.committed().size() >= written.size());
        stop();
        assertEquals(written, sink.committed());
        double errors = registry.get("policylog.sink.errors")
                .tag("kind", SinkException.Kind.UNAVAILABLE.label())
                .counter()
                .count();
        assertEquals(sink.failures(), errors, "seed " + seed);
    }

    /** A slow one: what is read in the interval is more than it takes before a timeout. */
    @Test
    void deliversABacklogToADestinationThatTakesLittleAtOnce() throws Exception {
        AtomicReference<RecordingSink> slow = new AtomicReference<>();
        RecordingSink sink = new RecordingSink(
                new CommitPolicy(CommitPolicy.Pacing.HOLD_INPUT, Duration.ofMinutes(1)),
                call -> slow.get().written().size() - slow.get().committed().size() > 500);
        slow.set(sink);
        List<String> written = append(3000);
        start(sink, LineFilter.ALL, StartAt.BEGINNING);
        await("all lines", () -> sink.committed().size() >= written.size());
        assertEquals(written, sink.committed());
        assertTrue(registry.get("policylog.early.commits").counter().count() > 0);
    }

    /** Else the next start would take them for what follows it. */
    @Test
    void commitsTheNewNumberOfItsSegmentAtOnce() throws Exception {
        RecordingSink sink = new RecordingSink(AT_ONCE, call -> false);
        start(sink, LineFilter.ALL, StartAt.BEGINNING);
        List<String> written = append(3);
        await("a commit", () -> sink.commits() == 1);
        long number = sink.position().orElseThrow().sequence();
        stop();
        scanner.stop();
        for (Thread thread : threads) {
            thread.join();
        }
        store.close();
        Path pins = directory.resolve(".policylog/segments");
        try (DirectoryStream<Path> links = Files.newDirectoryStream(pins)) {
            for (Path link : links) {
                Files.delete(link);
            }
        }
        open();
        start(sink, LineFilter.ALL, StartAt.BEGINNING);
        await("the new number", () -> sink.position().orElseThrow().sequence() > number);
        assertEquals(written, sink.committed());
    }

    @Test
    void holdsInputUntilTheIntervalHasPassed() throws Exception {
        RecordingSink sink =
                new RecordingSink(new CommitPolicy(CommitPolicy.Pacing.HOLD_INPUT, Duration.ofHours(1)), call -> false);
        List<String> first = append(3);
        start(sink, LineFilter.ALL, StartAt.BEGINNING);
        await("the first lines, at once", () -> sink.committed().size() == 3);
        append(3);
        store.scan();
        // Answered by the pipeline's thread, so it has been through its loop with the new lines there.
        assertTrue(commits.commit(Duration.ofMinutes(1)));
        assertTrue(commits.commit(Duration.ofMinutes(1)));
        assertEquals(first, sink.written());
    }

    @Test
    void writesContinuouslyAndCommitsWhenAsked() throws Exception {
        RecordingSink sink =
                new RecordingSink(new CommitPolicy(CommitPolicy.Pacing.CONTINUOUS, Duration.ofHours(1)), call -> false);
        start(sink, LineFilter.ALL, StartAt.BEGINNING);
        List<String> written = append(3);
        await("written", () -> sink.written().equals(written));
        assertEquals(List.of(), sink.committed());
        assertTrue(commits.commit(Duration.ofMinutes(1)));
        assertEquals(written, sink.committed());
    }

    @Test
    void commitsWhatWasWrittenWhenItIsStopped() throws Exception {
        RecordingSink sink =
                new RecordingSink(new CommitPolicy(CommitPolicy.Pacing.CONTINUOUS, Duration.ofHours(1)), call -> false);
        start(sink, LineFilter.ALL, StartAt.BEGINNING);
        List<String> written = append(3);
        await("written", () -> sink.written().equals(written));
        stop();
        assertEquals(written, sink.committed());
        assertFalse(sink.isOpen());
    }

    @Test
    void refusesToCommitWhileTheSinkIsNotOpen() throws Exception {
        RecordingSink sink = new RecordingSink(AT_ONCE, call -> true);
        Pipeline pipeline = start(sink, LineFilter.ALL, StartAt.BEGINNING);
        await("tried", () -> pipeline.status().lastError().isPresent());
        assertFalse(pipeline.ready());
        assertFalse(commits.commit(Duration.ofMinutes(1)));
        assertEquals(SegmentHold.ALL, pipeline.heldFrom());
        assertEquals(Optional.of("unavailable: told to fail"), pipeline.status().lastError());
    }

    @Test
    void handsOnMalformedLinesWhateverTheFilter() throws Exception {
        RecordingSink sink = new RecordingSink(AT_ONCE, call -> false);
        start(sink, (record, segmentId, offset) -> false, StartAt.BEGINNING);
        append(1);
        appendText("{\"broken\":\n\n[1]\n");
        appendText("x".repeat((1 << 20) + 10) + "\n");
        append(1);
        await("the malformed lines", () -> sink.committed().size() >= 4);
        assertEquals(
                List.of("not-json 10", "not-json 0", "not-an-object 3", "too-long " + ((1 << 20) + 10)),
                sink.committed());
        await(
                "read to the end",
                () -> registry.get("policylog.filtered.records").counter().count() == 2);
    }

    @Test
    void commitsAPositionThatMovedWithoutLinesAtTheEndOfASegment() throws Exception {
        RecordingSink sink = new RecordingSink(AT_ONCE, call -> false);
        start(sink, (record, segmentId, offset) -> false, StartAt.BEGINNING);
        append(3);
        rotate();
        append(3);
        await("a commit", () -> sink.commits() > 0);
        assertEquals(List.of(), sink.committed());
    }

    /** So that neither it nor the identity expires. */
    @Test
    void commitsAPositionThatDoesNotMoveOnceADayAndNotSooner() throws Exception {
        RecordingSink sink = new RecordingSink(AT_ONCE, call -> false);
        Pipeline pipeline = start(sink, LineFilter.ALL, StartAt.BEGINNING);
        append(3);
        await("a commit", () -> sink.commits() == 1);
        advance(pipeline, Duration.ofHours(21));
        assertEquals(1, sink.commits());
        advance(pipeline, Duration.ofHours(3));
        await("the same again", () -> sink.commits() == 2);
        advance(pipeline, Duration.ofHours(1));
        assertEquals(2, sink.commits());
    }

    @Test
    void commitsAPositionThatMovedWithoutLinesAfterHalfAMinuteAndNotSooner() throws Exception {
        RecordingSink sink = new RecordingSink(AT_ONCE, call -> false);
        Pipeline pipeline = start(sink, (record, segmentId, offset) -> false, StartAt.BEGINNING);
        append(3);
        await("read", () -> registry.get("policylog.filtered.records").counter().count() == 3);
        advance(pipeline, Duration.ofSeconds(20));
        assertEquals(0, sink.commits());
        advance(pipeline, Duration.ofSeconds(10));
        await("a commit", () -> sink.commits() == 1);
    }

    /** Moves the clock, and returns when the pipeline has taken a step since. */
    private void advance(Pipeline pipeline, Duration by) throws InterruptedException {
        long ahead = aheadNanos.addAndGet(by.toNanos());
        pipeline.wake();
        // Two steps: the first can have begun before.
        for (int step = 0; step < 2; step++) {
            long since = System.nanoTime() + ahead;
            await("a step", () -> {
                pipeline.wake();
                return System.nanoTime() + ahead - pipeline.sinceLastStepNanos() > since;
            });
        }
    }

    @Test
    void startsAtTheEndWhenToldTo() throws Exception {
        RecordingSink sink = new RecordingSink(AT_ONCE, call -> false);
        append(5);
        start(sink, LineFilter.ALL, StartAt.END);
        await("open", sink::isOpen);
        await("a step", () -> {
            try {
                return commits.commit(Duration.ofSeconds(1));
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
        List<String> written = append(2);
        await("the new lines", () -> sink.committed().size() >= 2);
        assertEquals(written, sink.committed());
    }

    @Test
    void saysWhatRetentionTookByFileBytesAndTime() throws Exception {
        store.close();
        open(new Retention(1000, 10_000, 0));
        ListAppender<ILoggingEvent> said = new ListAppender<>();
        said.start();
        Logger logger = (Logger) LoggerFactory.getLogger(Pipeline.class);
        logger.addAppender(said);
        try {
            AtomicBoolean down = new AtomicBoolean();
            RecordingSink sink = new RecordingSink(AT_ONCE, call -> down.get());
            List<String> expected = new ArrayList<>(append(3));
            start(sink, LineFilter.ALL, StartAt.BEGINNING);
            await("the first lines", () -> sink.committed().size() == 3);
            rotate();
            down.set(true);
            String lost = String.join("\n", append(10));
            await("seen", () -> store.segments().list().size() == 2);
            rotate();
            expected.addAll(append(1));
            await("seen", () -> store.segments().list().size() == 3);
            Path file = directory.resolve("policy_action-2026-01-01T00-00-00.013.log");
            await(
                    "under its new name",
                    () -> store.segments()
                            .list()
                            .get(1)
                            .name()
                            .equals(Optional.of(file.getFileName().toString())));
            Files.delete(file);
            await("released", () -> !store.segments().lost().isEmpty());
            down.set(false);
            await("what is left", () -> sink.committed().size() >= expected.size());
            assertEquals(expected, sink.committed());
            Segments.Lost segment = store.segments().lost().getFirst();
            assertEquals(
                    List.of("test: lost " + (lost.length() + 1) + " bytes of segment " + segment.id()
                            + " (policy_action-2026-01-01T00-00-00.013.log): retention; they were written between"
                            + " 2026-01-01T00:00:00Z and " + segment.modified()),
                    said.list.stream()
                            .map(ILoggingEvent::getFormattedMessage)
                            .filter(m -> m.contains("lost"))
                            .toList());
            assertEquals(
                    (double) lost.length() + 1,
                    registry.get("policylog.lost.bytes")
                            .tag("reason", "retention")
                            .counter()
                            .count());
        } finally {
            logger.detachAppender(said);
        }
    }

    @Test
    void tellsHowFarItIsBehind() throws Exception {
        RecordingSink sink =
                new RecordingSink(new CommitPolicy(CommitPolicy.Pacing.CONTINUOUS, Duration.ofHours(1)), call -> false);
        Pipeline pipeline = start(sink, LineFilter.ALL, StartAt.BEGINNING);
        long bytes = String.join("\n", append(3)).getBytes(StandardCharsets.UTF_8).length + 1L;
        await("seen", () -> pipeline.lagBytes() == bytes);
        await("written", () -> sink.written().size() == 3);
        assertTrue(registry.get("policylog.lag.seconds").gauge().value() > 0);
        commits.commit(Duration.ofMinutes(1));
        assertEquals(0, pipeline.lagBytes());
        assertEquals(0, registry.get("policylog.lag.seconds").gauge().value());
    }
}
