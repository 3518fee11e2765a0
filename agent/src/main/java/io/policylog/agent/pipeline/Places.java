package io.policylog.agent.pipeline;

import io.policylog.agent.segments.SegmentStore;
import io.policylog.agent.segments.Segments;
import io.policylog.parser.Limits;
import io.policylog.parser.LineEnds;
import io.policylog.parser.Parser;
import io.policylog.parser.PolicyRecord;
import io.policylog.sinks.Position;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Finds places in the log to which a position can be moved. Used by one thread, after the store's first scan. */
public final class Places {
    private final SegmentStore store;
    private final int maxLineBytes;

    /** @param maxLineBytes the longest line that is not malformed, without its line end */
    public Places(SegmentStore store, int maxLineBytes) {
        this.store = store;
        this.maxLineBytes = maxLineBytes;
    }

    /** Before the oldest line that is there; empty without any. */
    public Optional<Position> beginning() {
        Segments now = store.segments();
        return now.list().stream()
                .findFirst()
                .map(s -> new Position(now.store(), s.sequence(), s.id(), 0, 0, List.of(), List.of()));
    }

    /** After the newest complete line; empty when the log has none. */
    public Optional<Position> end() throws IOException {
        try (LogReader reader = reader()) {
            reader.resume(Optional.empty(), StartAt.END);
            return reader.position(store.storeId(), 0);
        }
    }

    /** Before the first record, in the order of the log, that is not older than a time; the end if there is none. */
    public Optional<Position> at(Instant time) throws IOException {
        Parser parser = new Parser(Limits.DEFAULT, null);
        try (LogReader reader = reader()) {
            reader.resume(Optional.empty(), StartAt.BEGINNING);
            @Nullable Chunk chunk;
            while ((chunk = reader.read()) != null) {
                byte[] buffer = chunk.buffer();
                int end;
                for (int start = 0; start < chunk.length() && chunk.tooLongBytes() == 0; start = end + 1) {
                    end = LineEnds.next(buffer, start, chunk.length());
                    if (parser.parse(buffer, start, end) instanceof PolicyRecord record
                            && !Instant.ofEpochSecond(record.epochSecond(), record.nano())
                                    .isBefore(time)) {
                        return Optional.of(reader.positionWithin(store.storeId(), chunk.offset() + start));
                    }
                }
            }
            return reader.position(store.storeId(), 0);
        }
    }

    private LogReader reader() {
        return new LogReader(
                store::segments,
                new ReadLimits(maxLineBytes, ReadLimits.DEFAULT_BUFFER_BYTES),
                System::nanoTime,
                new Quiet());
    }

    /** Looking for a place loses and repeats nothing. */
    static final class Quiet implements LogReader.ReaderEvents {
        @Override
        public void lost(Segments.Lost segment, long bytes) {}

        @Override
        public void reread(long bytes, String segmentId) {}

        @Override
        public void pinRemoved(long bytes, String segmentId) {}

        @Override
        public void gap(String segmentId) {}

        @Override
        public void rescan() {}
    }
}
