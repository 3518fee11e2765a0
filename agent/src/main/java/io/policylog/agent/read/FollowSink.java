package io.policylog.agent.read;

import io.policylog.parser.EntryMetadata;
import io.policylog.parser.MalformedLine;
import io.policylog.parser.PolicyRecord;
import io.policylog.parser.ResourceLabels;
import io.policylog.sinks.Batch;
import io.policylog.sinks.CommitPolicy;
import io.policylog.sinks.LineVisitor;
import io.policylog.sinks.Position;
import io.policylog.sinks.Sink;
import io.policylog.sinks.SinkException;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** The end of a pipeline that shows records, and remembers its position as long as it lives. Confined to its thread. */
final class FollowSink implements Sink {
    /** A log that is full of lines which are no records must not hide those that are. */
    private static final long BETWEEN_REPORTS_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final Selection selection;
    private final Window window;
    private final ResourceLabels labels;
    private final Formats formats;
    private final Output out;
    private final PrintWriter err;
    private final LongSupplier nanoTime;
    private final UnaryOperator<String> nameOfSegment;
    private final MalformedCount malformed = new MalformedCount();
    private long nextReportNanos;
    private long left;
    private Runnable done = () -> {};
    private Optional<Position> committed = Optional.empty();
    private Optional<IOException> failure = Optional.empty();

    /** @param nameOfSegment what messages call the segment of an id */
    FollowSink(
            Selection selection,
            Window window,
            ResourceLabels labels,
            Formats formats,
            Output out,
            long limit,
            PrintWriter err,
            LongSupplier nanoTime,
            UnaryOperator<String> nameOfSegment) {
        this.selection = selection;
        this.window = window;
        this.labels = labels;
        this.formats = formats;
        this.out = out;
        this.left = limit;
        this.err = err;
        this.nanoTime = nanoTime;
        this.nameOfSegment = nameOfSegment;
        this.nextReportNanos = nanoTime.getAsLong();
    }

    /** Sets what ends the pipeline. */
    void whenDone(Runnable action) {
        done = action;
    }

    /** Tells of what was no record, and throws what kept records from being shown. */
    void report() throws IOException {
        malformed.report(err);
        if (failure.isPresent()) {
            throw failure.get();
        }
    }

    @Override
    public Optional<Position> open() {
        return committed;
    }

    @Override
    public CommitPolicy commitPolicy() {
        return new CommitPolicy(CommitPolicy.Pacing.CONTINUOUS, Duration.ZERO);
    }

    @Override
    public void write(Batch batch) throws SinkException {
        Lines lines = new Lines(batch);
        batch.forEach(lines);
        try {
            out.flush();
        } catch (IOException e) {
            end(e);
        }
        selection.report(err);
        long now = nanoTime.getAsLong();
        if (!malformed.isEmpty() && now - nextReportNanos >= 0) {
            nextReportNanos = now + BETWEEN_REPORTS_NANOS;
            malformed.report(err);
        }
        err.flush();
    }

    private void end(IOException e) {
        failure = Optional.of(e);
        left = 0;
        done.run();
    }

    @Override
    public void commit(Position position) {
        committed = Optional.of(position);
    }

    @Override
    public void close() {}

    private final class Lines implements LineVisitor, Origin {
        private final Batch batch;
        private long offset;

        private Lines(Batch batch) {
            this.batch = batch;
        }

        @Override
        public void record(PolicyRecord record, long lineOffset) {
            offset = lineOffset;
            if (left > 0 && window.holds(record) && selection.accepts(record, this)) {
                try {
                    formats.of(this).write(record, this, out);
                } catch (IOException e) {
                    end(e);
                    return;
                }
                left--;
                if (left == 0) {
                    done.run();
                }
            }
        }

        @Override
        public void malformed(MalformedLine line, long lineOffset) {
            malformed.add(line.reason(), line, nameOfSegment.apply(batch.segmentId()), lineOffset);
        }

        @Override
        public String insertId() {
            return batch.recordId(offset);
        }

        @Override
        public @Nullable Instant receiveTimestamp() {
            return EntryMetadata.UNKNOWN.receiveTimestamp();
        }

        @Override
        public ResourceLabels labels() {
            return labels;
        }
    }
}
