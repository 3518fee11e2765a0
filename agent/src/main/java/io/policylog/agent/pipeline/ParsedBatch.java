package io.policylog.agent.pipeline;

import io.policylog.parser.LineEnds;
import io.policylog.parser.MalformedLine;
import io.policylog.parser.MalformedReason;
import io.policylog.parser.ParsedLine;
import io.policylog.parser.Parser;
import io.policylog.parser.PolicyRecord;
import io.policylog.sinks.Batch;
import io.policylog.sinks.LineVisitor;
import io.policylog.sinks.SinkException;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * The batch of one pipeline: cuts the reader's chunk into lines, parses and filters each while it is visited. One
 * object serves chunk after chunk. Confined to the pipeline's thread.
 */
final class ParsedBatch implements Batch {
    private final Parser parser;
    private final LineFilter filter;
    private final PipelineMetrics metrics;
    private final MalformedLine tooLong = new MalformedLine();

    private @Nullable Chunk chunk;
    private long handedOn;
    private long throughEpochSecond;
    private OptionalLong firstEpochSecond = OptionalLong.empty();

    ParsedBatch(Parser parser, LineFilter filter, PipelineMetrics metrics) {
        this.parser = parser;
        this.filter = filter;
        this.metrics = metrics;
    }

    /** Takes the next chunk. */
    ParsedBatch of(Chunk next) {
        chunk = next;
        handedOn = 0;
        firstEpochSecond = OptionalLong.empty();
        return this;
    }

    /** How many lines of the chunk the sink got. */
    long handedOn() {
        return handedOn;
    }

    /** The newest record timestamp seen so far, in seconds since the epoch. */
    long throughEpochSecond() {
        return throughEpochSecond;
    }

    /** The timestamp of the chunk's first record, in seconds since the epoch. */
    OptionalLong firstEpochSecond() {
        return firstEpochSecond;
    }

    void throughEpochSecond(long known) {
        throughEpochSecond = known;
    }

    private Chunk chunk() {
        if (chunk == null) {
            throw new IllegalStateException("no chunk");
        }
        return chunk;
    }

    @Override
    public String segmentId() {
        return chunk().segmentId();
    }

    @Override
    public void forEach(LineVisitor visitor) throws SinkException {
        Chunk lines = chunk();
        long recordsBefore = handedOn;
        long malformed = 0;
        long filtered = 0;
        try {
            if (lines.tooLongBytes() > 0) {
                malformed = 1;
                metrics.malformedLines(MalformedReason.TOO_LONG).increment();
                visitor.malformed(
                        tooLong.set(MalformedReason.TOO_LONG, lines.buffer(), 0, lines.length(), lines.tooLongBytes()),
                        lines.offset());
                handedOn++;
                return;
            }
            byte[] buffer = lines.buffer();
            int end;
            for (int start = 0; start < lines.length(); start = end + 1) {
                end = LineEnds.next(buffer, start, lines.length());
                long offset = lines.offset() + start;
                int from = offset == 0 ? Parser.skipByteOrderMark(buffer, start, end) : start;
                ParsedLine parsed = parser.parse(buffer, from, end);
                // Not a switch: its dispatch is spun at each start, and then called for each line.
                if (parsed instanceof PolicyRecord record) {
                    if (firstEpochSecond.isEmpty()) {
                        firstEpochSecond = OptionalLong.of(record.epochSecond());
                    }
                    throughEpochSecond = Math.max(throughEpochSecond, record.epochSecond());
                    if (filter.accepts(record, lines.segmentId(), offset)) {
                        visitor.record(record, offset);
                        handedOn++;
                    } else {
                        filtered++;
                    }
                } else {
                    MalformedLine line = (MalformedLine) parsed;
                    malformed++;
                    metrics.malformedLines(line.reason()).increment();
                    visitor.malformed(line, offset);
                    handedOn++;
                }
            }
        } finally {
            metrics.records.increment((double) (handedOn - recordsBefore - malformed));
            metrics.filteredRecords.increment((double) filtered);
        }
    }
}
