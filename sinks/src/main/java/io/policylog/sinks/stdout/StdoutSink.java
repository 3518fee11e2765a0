package io.policylog.sinks.stdout;

import io.policylog.parser.EntryMetadata;
import io.policylog.parser.MalformedLine;
import io.policylog.parser.PolicyRecord;
import io.policylog.parser.format.RecordFormat;
import io.policylog.sinks.Batch;
import io.policylog.sinks.ClosedPipe;
import io.policylog.sinks.CommitPolicy;
import io.policylog.sinks.LineVisitor;
import io.policylog.sinks.Position;
import io.policylog.sinks.PositionFile;
import io.policylog.sinks.Sink;
import io.policylog.sinks.SinkException;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Writes records to the standard output, one a line, at least once: what was written after the last commit is written
 * again after a restart. Confined to the pipeline's thread.
 */
final class StdoutSink implements Sink {
    private static final CommitPolicy COMMIT_POLICY =
            new CommitPolicy(CommitPolicy.Pacing.CONTINUOUS, Duration.ofSeconds(5));
    private static final int BUFFER_BYTES = 64 * 1024;

    private final OutputStream out;
    private final BooleanSupplier endsInMidLine;
    private final RecordFormat format;
    private final MalformedLines malformedLines;
    private final Optional<PositionFile> positionFile;
    private final Clock clock;
    private OutputStream buffer;
    /** Whether a write failed: then the last line may be only half there. */
    private boolean torn;
    /** What was committed, for a sink without a file that is opened again. */
    private @Nullable Position committed;

    /** @param endsInMidLine whether what {@code out} leads to is known to end in mid-line, as when a process is killed */
    StdoutSink(
            OutputStream out,
            BooleanSupplier endsInMidLine,
            RecordFormat format,
            MalformedLines malformedLines,
            Optional<PositionFile> positionFile,
            Clock clock) {
        this.out = out;
        this.endsInMidLine = endsInMidLine;
        this.format = format;
        this.malformedLines = malformedLines;
        this.positionFile = positionFile;
        this.clock = clock;
        this.buffer = emptyBuffer();
    }

    @Override
    public Optional<Position> open() throws SinkException {
        buffer = emptyBuffer();
        if (torn || endsInMidLine.getAsBoolean()) {
            try {
                // Else the first record would be glued to the half line and both be unreadable.
                out.write('\n');
            } catch (IOException e) {
                throw failed(e);
            }
            torn = false;
        }
        return positionFile.isPresent() ? positionFile.get().read() : Optional.ofNullable(committed);
    }

    @Override
    public CommitPolicy commitPolicy() {
        return COMMIT_POLICY;
    }

    @Override
    public void write(Batch batch) throws SinkException {
        batch.forEach(new Lines(batch));
        try {
            buffer.flush();
        } catch (IOException e) {
            throw failed(e);
        }
    }

    @Override
    public void commit(Position position) throws SinkException {
        if (positionFile.isPresent()) {
            positionFile.get().write(position);
        } else {
            committed = position;
        }
    }

    /** The standard output stays open: it is not ours alone. */
    @Override
    public void close() {
        buffer = emptyBuffer();
    }

    private OutputStream emptyBuffer() {
        return new BufferedOutputStream(out, BUFFER_BYTES);
    }

    private SinkException failed(IOException e) {
        torn = true;
        boolean closed = ClosedPipe.isCauseOf(e);
        return new SinkException(
                SinkException.Kind.IO,
                !closed,
                "can't write to the standard output: " + e.getMessage() + (closed ? "; whoever read it has gone" : ""),
                e);
    }

    /** Takes the lines of one batch; also tells of each record what it does not hold itself. */
    private final class Lines implements LineVisitor, EntryMetadata {
        private final Batch batch;
        private final Instant received = clock.instant();
        private long offset;

        private Lines(Batch batch) {
            this.batch = batch;
        }

        @Override
        public void record(PolicyRecord record, long offset) throws SinkException {
            this.offset = offset;
            try {
                format.write(record, this, buffer);
            } catch (IOException e) {
                throw failed(e);
            }
        }

        @Override
        public void malformed(MalformedLine line, long offset) {
            malformedLines.show(line, batch.recordId(offset));
        }

        @Override
        public String insertId() {
            return batch.recordId(offset);
        }

        @Override
        public Instant receiveTimestamp() {
            return received;
        }
    }
}
