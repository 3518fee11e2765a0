package io.policylog.agent.pipeline;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.policylog.agent.segments.SegmentHold;
import io.policylog.agent.segments.SegmentScanner;
import io.policylog.agent.segments.SegmentStore;
import io.policylog.agent.segments.Segments;
import io.policylog.parser.Parser;
import io.policylog.sinks.CommitPolicy;
import io.policylog.sinks.Position;
import io.policylog.sinks.Sink;
import io.policylog.sinks.SinkException;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One sink, read for by one thread. The thread reads, parses, filters, writes and commits, one after the other; what it
 * waits for delays nothing but this pipeline. Every failure is handled in one way: close, wait, open, resume from the
 * committed position.
 *
 * <p>What crosses threads: {@link #heldFrom} (asked by the segment store), {@link #status}, {@link #lagBytes},
 * {@link #sinceLastStepNanos} and {@link #ready} (asked by HTTP), {@link #wake}, {@link #logScanned} and {@link #stop}
 * (called by any), and the {@link CommitRequests}.
 */
public final class Pipeline implements Runnable, SegmentHold {
    /** After this time without a line the pipeline waits to be woken. */
    private static final long QUIET_NANOS = TimeUnit.SECONDS.toNanos(1);

    /** After trying for so long to open its sink a pipeline no longer keeps the agent from being ready. */
    private static final long READY_NANOS = TimeUnit.SECONDS.toNanos(60);

    private static final long REPEAT_MESSAGE_NANOS = TimeUnit.MINUTES.toNanos(1);

    private final Logger log = LoggerFactory.getLogger(Pipeline.class);
    private final String name;
    private final Sink sink;
    private final StartAt startAt;
    private final CommitRequests commits;
    private final SegmentStore store;
    private final SegmentScanner scanner;
    private final LongSupplier nanoTime;
    private final MeterRegistry registry;
    private final PipelineMetrics metrics;
    private final LogReader reader;
    private final ParsedBatch batch;
    private final Backoff backoff = new Backoff(ThreadLocalRandom.current());

    private final CountDownLatch scanned = new CountDownLatch(1);
    private volatile boolean stopping;
    private volatile boolean openedOnce;
    private volatile boolean ended;
    private volatile long heldFrom = ALL;
    private volatile long lastStepNanos;
    private final long madeNanos;
    private volatile PipelineStatus status = new PipelineStatus(false, Optional.empty(), Optional.empty());

    // From here on confined to the pipeline's thread.
    private CommitPolicy policy = new CommitPolicy(CommitPolicy.Pacing.CONTINUOUS, Duration.ZERO);
    private OptionalLong gapAfterEpochSecond = OptionalLong.empty();
    private long uncommittedLines;
    private long uncommittedBytes;
    private final CommitSize commitSize = new CommitSize();
    private long firstLineNanos;
    private boolean anyLine;
    private long movedNanos;
    private long lastLinesNanos;
    private long refreshNanos;
    private String lastMessage = "";
    private long lastMessageNanos;

    /**
     * @param name the sink's name
     * @param sink opened and closed by this pipeline alone
     * @param startAt where to begin when the sink has no position
     * @param commits the requests to commit that the sink was given
     * @param parser used by this pipeline alone
     * @param filter used by this pipeline alone
     * @param limits what is read at once, and the longest line
     */
    public Pipeline(
            String name,
            Sink sink,
            StartAt startAt,
            CommitRequests commits,
            Parser parser,
            LineFilter filter,
            ReadLimits limits,
            SegmentStore store,
            SegmentScanner scanner,
            MeterRegistry registry,
            LongSupplier nanoTime) {
        this.name = name;
        this.sink = sink;
        this.startAt = startAt;
        this.commits = commits;
        this.store = store;
        this.scanner = scanner;
        this.nanoTime = nanoTime;
        this.metrics = new PipelineMetrics(registry, name);
        this.reader = new LogReader(store::segments, limits, nanoTime, new Events());
        this.batch = new ParsedBatch(parser, filter, metrics);
        this.madeNanos = nanoTime.getAsLong();
        this.lastStepNanos = madeNanos;
        this.registry = registry;
    }

    // ---- for other threads

    /**
     * Lets the pipeline read, and tell its lag, which was a guess before: the log was looked at once. The sink is opened
     * without waiting for this, because that can take as long.
     */
    public void logScanned() {
        Gauge.builder("policylog.lag.bytes", this, Pipeline::lagBytes)
                .description("Bytes of the log after the committed position")
                .tag("pipeline", name)
                .register(registry);
        Gauge.builder("policylog.lag.seconds", this, Pipeline::lagSeconds)
                .description("How long the oldest byte after the committed position has been known")
                .tag("pipeline", name)
                .register(registry);
        Gauge.builder("policylog.retention.headroom.seconds", this, Pipeline::headroomSeconds)
                .description("At the present write rate, how long until the oldest data not committed is lost")
                .tag("pipeline", name)
                .register(registry);
        Gauge.builder("policylog.sink.up", this, p -> p.status.opened() ? 1 : 0)
                .description("Whether the sink is open")
                .tag("pipeline", name)
                .register(registry);
        scanned.countDown();
    }

    /** The sink's name. */
    public String name() {
        return name;
    }

    @Override
    public long heldFrom() {
        return heldFrom;
    }

    /** What the pipeline tells of itself. */
    public PipelineStatus status() {
        return status;
    }

    /** Whether the sink was opened once, or it was tried for a minute. */
    public boolean ready() {
        return openedOnce || nanoTime.getAsLong() - madeNanos >= READY_NANOS;
    }

    /** Whether the thread has ended though nobody asked it to. */
    public boolean died() {
        return ended && !stopping;
    }

    /** For how long the pipeline has been in one call, of the sink's most likely. */
    public long sinceLastStepNanos() {
        return nanoTime.getAsLong() - lastStepNanos;
    }

    /** How many bytes of the log lie after the committed position. */
    public long lagBytes() {
        return status.committed()
                .map(p -> store.bytesAfter(p.sequence(), p.offset()))
                .orElseGet(() -> store.bytesAfter(-1, 0));
    }

    /** How long it has been known that something lies after the committed position, in seconds. */
    public double lagSeconds() {
        return status.committed()
                .map(p -> store.secondsKnownAfter(p.sequence(), p.offset()))
                .orElseGet(() -> store.secondsKnownAfter(-1, 0));
    }

    /** For how long at the present write rate what is not committed is still kept, in seconds; may be infinite. */
    double headroomSeconds() {
        return status.committed()
                .map(p -> store.headroomSeconds(p.sequence(), p.offset()))
                .orElseGet(() -> store.headroomSeconds(-1, 0));
    }

    /** Lets the pipeline look at the log now. */
    public void wake() {
        commits.signal().raise();
    }

    /** Asks the pipeline to commit, close its sink and end. */
    public void stop() {
        stopping = true;
        commits.signal().raise();
    }

    // ---- the pipeline's thread

    @Override
    public void run() {
        try {
            while (!stopping) {
                long waitMillis = 0;
                try {
                    open();
                    follow();
                } catch (SinkException e) {
                    waitMillis = failed(e);
                } catch (IOException e) {
                    waitMillis = failed(new SinkException(SinkException.Kind.IO, true, "reading the log: " + e, e));
                } catch (RuntimeException e) {
                    waitMillis = failed(new SinkException(SinkException.Kind.INTERNAL, true, e.toString(), e));
                } finally {
                    close();
                }
                pause(waitMillis);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // Asked to end at once.
        } finally {
            ended = true;
            commits.answer(false);
        }
    }

    private void open() throws SinkException, IOException, InterruptedException {
        lastStepNanos = nanoTime.getAsLong();
        Optional<Position> position = sink.open();
        scanned.await();
        openedOnce = true;
        policy = sink.commitPolicy();
        batch.throughEpochSecond(position.map(Position::throughEpochSecond).orElse(0L));
        reader.resume(position, startAt);
        uncommittedLines = 0;
        uncommittedBytes = 0;
        anyLine = false;
        long now = nanoTime.getAsLong();
        Optional<Position> resumed =
                position.isPresent() ? reader.position(store.storeId(), batch.throughEpochSecond()) : Optional.empty();
        // By another number, which is to be kept soon: with the next start the old one would say less still.
        boolean renumbered = resumed.isPresent()
                && resumed.get().sequence() != position.orElseThrow().sequence();
        refreshNanos = renumbered ? now : now + refreshInterval();
        stands(resumed);
        log.info(
                "{}: open, {}",
                name,
                position.map(p -> "resuming at " + p.segmentId() + ":" + p.offset())
                        .orElse("without a position, starting at the "
                                + startAt.name().toLowerCase(java.util.Locale.ROOT)));
    }

    private static long refreshInterval() {
        long nanos = CommitPolicy.REFRESH_INTERVAL.toNanos();
        return nanos - ThreadLocalRandom.current().nextLong(nanos / 10);
    }

    private void stands(Optional<Position> position) {
        status = new PipelineStatus(true, position, status.lastError());
        heldFrom = position.map(Position::sequence).orElse(ALL);
    }

    /** Reads, writes and commits until it is asked to stop. */
    private void follow() throws SinkException, IOException, InterruptedException {
        while (!stopping) {
            long now = nanoTime.getAsLong();
            lastStepNanos = now;
            Chunk chunk = mayRead(now) ? reader.read() : null;
            if (chunk != null) {
                write(chunk, now);
            }
            if (commits.pending()) {
                if (moved()) {
                    commit();
                }
                commits.answer(true);
            } else if (commitIsDue(nanoTime.getAsLong(), chunk == null)) {
                commit();
            }
            if (chunk == null) {
                commits.signal().await(waitNanos(nanoTime.getAsLong()));
            }
        }
        if (moved()) {
            commit();
        }
    }

    /** Whether lines may be written now; see {@link CommitPolicy.Pacing#HOLD_INPUT}. */
    private boolean mayRead(long now) {
        return policy.pacing() == CommitPolicy.Pacing.CONTINUOUS
                || commitSize.cut()
                || uncommittedLines > 0
                || !anyLine
                || now - firstLineNanos >= policy.interval().toNanos();
    }

    private void write(Chunk chunk, long now) throws SinkException {
        boolean first = uncommittedLines == 0;
        if (!moved()) {
            movedNanos = now;
        }
        sink.write(batch.of(chunk));
        lastLinesNanos = now;
        scanner.activity();
        long bytes = chunk.tooLongBytes() > 0 ? chunk.tooLongBytes() + 1 : chunk.length();
        PipelineMetrics.add(metrics.readBytes, bytes);
        if (chunk.late()) {
            PipelineMetrics.add(metrics.lateBytes, bytes);
        }
        uncommittedBytes += bytes;
        uncommittedLines += batch.handedOn();
        if (first && uncommittedLines > 0) {
            anyLine = true;
            firstLineNanos = now;
        }
        if (gapAfterEpochSecond.isPresent() && batch.firstEpochSecond().isPresent()) {
            long seconds = batch.firstEpochSecond().getAsLong() - gapAfterEpochSecond.getAsLong();
            PipelineMetrics.add(metrics.gapSeconds, Math.max(0, seconds));
            gapAfterEpochSecond = OptionalLong.empty();
        }
    }

    private boolean moved() {
        return uncommittedBytes > 0;
    }

    private boolean commitIsDue(long now, boolean caughtUp) {
        boolean segmentEnded = reader.takeSegmentEnded();
        if (uncommittedLines > 0) {
            return uncommittedBytes >= commitSize.maxBytes()
                    || switch (policy.pacing()) {
                        case HOLD_INPUT ->
                            caughtUp
                                    || now - firstLineNanos >= policy.interval().toNanos();
                        case CONTINUOUS ->
                            now - firstLineNanos >= policy.interval().toNanos();
                    };
        }
        return moved()
                ? segmentEnded || now - movedNanos >= CommitPolicy.POSITION_ONLY_INTERVAL.toNanos()
                : now - refreshNanos >= 0;
    }

    private void commit() throws SinkException {
        long before = nanoTime.getAsLong();
        refreshNanos = before + refreshInterval();
        Optional<Position> position = reader.position(store.storeId(), batch.throughEpochSecond());
        if (position.isEmpty()) {
            return;
        }
        sink.commit(position.get());
        policy = sink.commitPolicy();
        long nanos = nanoTime.getAsLong() - before;
        metrics.commit.record(nanos, TimeUnit.NANOSECONDS);
        commitSize.committed(uncommittedBytes, nanos);
        if (commitSize.cut()) {
            metrics.earlyCommits.increment();
        }
        PipelineMetrics.add(metrics.committedBytes, uncommittedBytes);
        uncommittedLines = 0;
        uncommittedBytes = 0;
        backoff.reset();
        stands(position);
    }

    private long waitNanos(long now) {
        long wait = now - lastLinesNanos < QUIET_NANOS ? policy.readInterval().toNanos() : QUIET_NANOS;
        if (!mayRead(now)) {
            return Math.max(1, firstLineNanos + policy.interval().toNanos() - now);
        }
        if (uncommittedLines > 0) {
            wait = Math.min(wait, Math.max(1, firstLineNanos + policy.interval().toNanos() - now));
        }
        return wait;
    }

    private long failed(SinkException failure) {
        long now = nanoTime.getAsLong();
        commitSize.failed(uncommittedBytes);
        metrics.sinkErrors(failure.kind()).increment();
        long waitMillis = backoff.nextMillis(failure, now);
        String message = failure.kind().label() + ": " + failure.getMessage();
        status = new PipelineStatus(false, status.committed(), Optional.of(message));
        // What is waited for for minutes is said each time: it is rare, and the wait is news.
        boolean due = now - lastMessageNanos >= REPEAT_MESSAGE_NANOS
                || TimeUnit.MILLISECONDS.toNanos(waitMillis) >= REPEAT_MESSAGE_NANOS;
        if (!stopping && (!message.equals(lastMessage) || due)) {
            lastMessage = message;
            lastMessageNanos = now;
            if (failure.kind() == SinkException.Kind.INTERNAL) {
                log.error("{}: {}; trying again in {} ms", name, message, waitMillis, failure);
            } else {
                log.warn("{}: {}; trying again in {} ms", name, message, waitMillis);
            }
        }
        return waitMillis;
    }

    private void close() {
        status = new PipelineStatus(false, status.committed(), status.lastError());
        sink.close();
        try {
            reader.close();
        } catch (IOException e) {
            log.debug("{}: closing the log: {}", name, e.toString());
        }
    }

    /** Waits before the next attempt, answering those who ask for a commit that it can't be had. */
    private void pause(long millis) throws InterruptedException {
        long end = nanoTime.getAsLong() + TimeUnit.MILLISECONDS.toNanos(millis);
        for (long remaining = end - nanoTime.getAsLong();
                remaining > 0 && !stopping;
                remaining = end - nanoTime.getAsLong()) {
            lastStepNanos = nanoTime.getAsLong();
            commits.answer(false);
            commits.signal().await(Math.min(remaining, QUIET_NANOS));
        }
    }

    /** Counts and says what the reader comes across. */
    private final class Events implements LogReader.ReaderEvents {
        @Override
        public void lost(Segments.Lost segment, long bytes) {
            String reason = segment.reason().label();
            PipelineMetrics.add(metrics.lostBytes(reason), bytes);
            log.warn(
                    "{}: lost {} bytes of segment {} ({}): {}; they were written between {} and {}",
                    name,
                    bytes,
                    segment.id(),
                    segment.file().isEmpty() ? "without a name" : segment.file(),
                    reason,
                    Instant.ofEpochSecond(batch.throughEpochSecond()),
                    segment.modified());
        }

        @Override
        public void reread(long bytes, String segmentId) {
            PipelineMetrics.add(metrics.rereadBytes("cut-back"), bytes);
            log.warn(
                    "{}: the file of the position was cut back; up to {} bytes are read again as segment {}",
                    name,
                    bytes,
                    segmentId);
        }

        @Override
        public void pinRemoved(long bytes, String segmentId) {
            PipelineMetrics.add(metrics.rereadBytes("pin-removed"), bytes);
            log.warn(
                    "{}: the pin of segment {} was removed while no agent ran, so it comes after what follows it; up to {}"
                            + " bytes of it are read again then, under the same ids",
                    name,
                    segmentId,
                    bytes);
        }

        @Override
        public void gap(String segmentId) {
            long through = batch.throughEpochSecond();
            gapAfterEpochSecond = through == 0 ? OptionalLong.empty() : OptionalLong.of(through);
            log.warn(
                    "{}: what followed segment {}, up to the oldest one that is there now, came and went unseen, if"
                            + " there was any; records go up to {} before it",
                    name,
                    segmentId,
                    Instant.ofEpochSecond(through));
        }

        @Override
        public void rescan() {
            scanner.rescan();
        }
    }
}
