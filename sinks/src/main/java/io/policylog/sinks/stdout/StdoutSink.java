package io.policylog.sinks.stdout;

import io.policylog.parser.MalformedLine;
import io.policylog.parser.PolicyRecord;
import io.policylog.sinks.Batch;
import io.policylog.sinks.CommitPolicy;
import io.policylog.sinks.LineVisitor;
import io.policylog.sinks.Position;
import io.policylog.sinks.PositionFile;
import io.policylog.sinks.Sink;
import io.policylog.sinks.SinkException;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.Optional;
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
    private final MalformedLines malformedLines;
    private final Optional<PositionFile> positionFile;
    private final byte[] buffer = new byte[BUFFER_BYTES];
    private int buffered;
    /** Whether a write failed: then the last line may be only half there. */
    private boolean torn;
    /** What was committed, for a sink without a file that is opened again. */
    private @Nullable Position committed;

    StdoutSink(OutputStream out, MalformedLines malformedLines, Optional<PositionFile> positionFile) {
        this.out = out;
        this.malformedLines = malformedLines;
        this.positionFile = positionFile;
    }

    @Override
    public Optional<Position> open() throws SinkException {
        buffered = 0;
        if (torn) {
            // Else the first record would be glued to the half line and both be unreadable.
            append(new byte[] {'\n'}, 0, 1);
            flush();
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
        batch.forEach(new LineVisitor() {
            @Override
            public void record(PolicyRecord record, long offset) throws SinkException {
                append(record);
            }

            @Override
            public void malformed(MalformedLine line, long offset) {
                malformedLines.show(line, batch.recordId(offset));
            }
        });
        flush();
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
        buffered = 0;
    }

    private void append(PolicyRecord record) throws SinkException {
        append(record.json(), record.jsonOffset(), record.jsonLength());
        if (buffered == buffer.length) {
            flush();
        }
        buffer[buffered++] = '\n';
    }

    private void append(byte[] array, int offset, int length) throws SinkException {
        if (length > buffer.length - buffered) {
            flush();
        }
        if (length > buffer.length) {
            write(array, offset, length);
        } else {
            System.arraycopy(array, offset, buffer, buffered, length);
            buffered += length;
        }
    }

    private void flush() throws SinkException {
        int length = buffered;
        buffered = 0;
        write(buffer, 0, length);
    }

    private void write(byte[] array, int offset, int length) throws SinkException {
        try {
            out.write(array, offset, length);
            out.flush();
        } catch (IOException e) {
            torn = true;
            // The JDK tells a closed pipe (EPIPE) only by the text of the message.
            boolean closed = String.valueOf(e.getMessage()).contains("Broken pipe");
            throw new SinkException(
                    SinkException.Kind.IO,
                    !closed,
                    "can't write to the standard output: " + e.getMessage()
                            + (closed ? "; whoever read it has gone" : ""),
                    e);
        }
    }
}
