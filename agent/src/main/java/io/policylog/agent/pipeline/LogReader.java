package io.policylog.agent.pipeline;

import io.policylog.agent.segments.Segment;
import io.policylog.agent.segments.SegmentInput;
import io.policylog.agent.segments.Segments;
import io.policylog.sinks.Position;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.ListIterator;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One pipeline's way through the segments: complete lines only, in order, each once. Reads by position into one buffer,
 * which grows only for a line that does not fit, up to the longest line allowed; a longer one is skipped in constant
 * memory.
 *
 * <p>Confined to the pipeline's thread. What is read is handed on only after the file was found to begin as it should:
 * a file that was truncated meanwhile holds another segment's bytes.
 */
final class LogReader implements Closeable {
    /** How many bytes of a line that is too long are handed on. */
    static final int KEPT_OF_TOO_LONG_BYTES = 1 << 16;

    /** How long a segment that was left at its end is looked at again. */
    static final long LATE_NANOS = 60_000_000_000L;

    private final Supplier<Segments> segments;
    private final int maxLineBytes;
    private final int bufferBytes;
    private final LongSupplier nanoTime;
    private final ReaderEvents events;

    private byte[] buffer;
    private boolean handedOn;
    private final CheckHistory checks = new CheckHistory();
    private final Tail tail = new Tail();
    private final List<Left> left = new ArrayList<>();

    /** The sequence number of the current segment, or of the last one that was left. */
    private long sequence = -1;
    /** That segment's id in record ids; null before the first one. */
    private @Nullable String segmentId;
    /** Whether that segment is the current one. */
    private boolean within;

    private long offset;
    private @Nullable SegmentInput input;
    private Segment.@Nullable Copy copy;

    private long tooLongScannedTo = -1;
    private byte[] tooLongKept = {};
    private boolean segmentEnded;

    /** The segment of a position that was found after what follows it, and said to be. */
    private @Nullable String overtakenId;

    /** A segment that was left at its end, but not known to be closed. The time begins when it is no longer the active one. */
    private record Left(Position.Finished finished, long untilNanos) {}

    /** What the reader comes across besides lines. */
    interface ReaderEvents {
        /** A segment of which so many bytes, not yet read, are gone; told once. */
        void lost(Segments.Lost segment, long bytes);

        /** Bytes that are read again, because the file is not what it was at the position. */
        void reread(long bytes, String segmentId);

        /** A segment is read again from its beginning when its turn comes, because its place in the order was lost. */
        void pinRemoved(long bytes, String segmentId);

        /** It is not known what followed a segment: it is not there any more, or what came after it may be gone. */
        void gap(String segmentId);

        /** The file is not what the last scan saw. */
        void rescan();
    }

    LogReader(Supplier<Segments> segments, ReadLimits limits, LongSupplier nanoTime, ReaderEvents events) {
        this.segments = segments;
        this.maxLineBytes = limits.maxLineBytes();
        this.bufferBytes = limits.bufferBytes();
        this.nanoTime = nanoTime;
        this.events = events;
        this.buffer = new byte[limits.bufferBytes()];
    }

    // ---- where to read

    /** Goes to where a sink says it stands, or where a new one starts. */
    void resume(Optional<Position> position, StartAt startAt) throws IOException {
        close();
        left.clear();
        checks.reset(List.of());
        segmentId = null;
        within = false;
        sequence = -1;
        offset = 0;
        Segments now = segments.get();
        if (position.isPresent()) {
            resume(position.get(), now);
        } else if (startAt == StartAt.END && !now.list().isEmpty()) {
            Segment last = now.list().getLast();
            for (Segment segment : now.list()) {
                if (segment.active()
                        && segment.sequence()
                                != last.sequence()) { // Files may have appeared that are taken for later ones.
                    enterAtEnd(segment);
                    left.add(new Left(new Position.Finished(sequence, id(), offset), nanoTime.getAsLong()));
                }
            }
            enterAtEnd(last);
        } else if (startAt == StartAt.END) {
            sequence = now.nextSequence() - 1;
        }
    }

    private void enterAtEnd(Segment segment) throws IOException {
        enter(segment, segment.id(), 0);
        if (openCopy(segment)) {
            offset = afterLastLine(current());
            tail.read(current(), offset);
        }
    }

    /**
     * Whether sequence numbers mean the same in a position and in the store: not when the store is an older copy of
     * itself, which gives them anew.
     */
    private static boolean sameNumbers(Position position, Segments now) {
        String id = Segments.withoutGeneration(position.segmentId());
        return position.store().equals(now.store())
                && position.sequence() < now.nextSequence()
                && now.find(position.sequence()).filter(s -> !s.id().equals(id)).isEmpty();
    }

    /**
     * Whether a segment whose pin was removed while no agent ran, so that it was taken for new, stands after segments that
     * kept theirs and follow it. To go on in it would pass them over.
     */
    private static boolean isOvertaken(long sequence, Segment segment, Segments now) {
        long newer = Math.min(segment.sequence(), now.firstOfRun());
        return now.list().stream().anyMatch(s -> s.sequence() > sequence && s.sequence() < newer);
    }

    private void resume(Position position, Segments now) throws IOException {
        boolean sameStore = sameNumbers(position, now);
        // By its place where that means the same; else, and when its pins were removed, by what it is.
        Optional<Segment> found = (sameStore ? now.find(position.sequence()) : Optional.<Segment>empty())
                .or(() -> now.find(position.segmentId()));
        for (Position.Finished finished : position.finished()) {
            if (sameStore) {
                left.addLast(new Left(finished, nanoTime.getAsLong() + LATE_NANOS));
            }
        }
        boolean overtaken = sameStore && found.isPresent() && isOvertaken(position.sequence(), found.get(), now);
        if (found.isEmpty() || overtaken) {
            if (sameStore) {
                sequence = position.sequence();
                segmentId = position.segmentId();
                offset = position.offset();
            }
            if (overtaken) {
                if (!position.segmentId().equals(overtakenId)) { // Once, though the sink is opened again.
                    overtakenId = position.segmentId();
                    events.pinRemoved(offset, position.segmentId());
                }
            } else if (!sameStore || !countLost(now, sequence, sequence + 1, offset)) {
                events.gap(position.segmentId());
            }
            return;
        }
        Segment segment = found.get();
        enter(segment, position.segmentId(), position.offset());
        checks.reset(position.checks());
        if (offset > 0 && openCopy(segment)) {
            verify();
        }
    }

    /** Goes back to the newest commit point at which the file is what it was; a power cut can take its end away. */
    private void verify() throws IOException {
        List<Position.Check> matching = new ArrayList<>();
        for (Position.Check check : checks.list()) {
            if (tail.read(current(), check.offset())
                    && tail.check(check.offset()).equals(Optional.of(check))) {
                matching.add(check);
            }
        }
        long good = matching.isEmpty() ? 0 : matching.getFirst().offset();
        if (good != offset) {
            segmentId = nextGeneration(id());
            events.reread(offset - good, id());
            offset = good;
            checks.reset(matching);
        }
        tail.read(current(), offset);
    }

    private static String nextGeneration(String id) {
        int tilde = id.indexOf('~');
        int generation = tilde < 0 ? 1 : Integer.parseInt(id.substring(tilde + 1));
        return Segments.withoutGeneration(id) + "~" + (generation + 1);
    }

    private long afterLastLine(SegmentInput file) throws IOException {
        long end = file.size();
        while (end > 0) {
            int length = (int) Math.min(buffer.length, end);
            int read = file.read(ByteBuffer.wrap(buffer, 0, length), end - length);
            int lineEnd = lastLineEnd(read);
            if (lineEnd > 0) {
                return end - length + lineEnd;
            }
            end -= length;
        }
        return 0;
    }

    private void enter(Segment segment, String id, long at) throws IOException {
        close();
        sequence = segment.sequence();
        segmentId = id;
        within = true;
        offset = at;
        checks.reset(List.of());
        tail.clear();
        tooLongScannedTo = -1;
    }

    /** Opens the best copy that begins as it should, if possible one that reaches to where we stand. */
    private boolean openCopy(Segment segment) throws IOException {
        for (boolean shorter : new boolean[] {false, true}) {
            for (Segment.Copy candidate : segment.copies()) {
                if (open(candidate, shorter)) {
                    return true;
                }
            }
        }
        events.rescan();
        return false;
    }

    private boolean open(Segment.Copy candidate, boolean shorter) throws IOException {
        SegmentInput opened;
        try {
            opened = candidate.open();
        } catch (IOException e) {
            return false; // Gone since the last scan, which the next one will see.
        }
        if (candidate.head().matches(opened) && (shorter || opened.size() >= offset)) {
            copy = candidate;
            input = opened;
            return true;
        }
        opened.close();
        return false;
    }

    private SegmentInput current() {
        if (input == null) {
            throw new IllegalStateException("no segment is open");
        }
        return input;
    }

    // ---- reading

    /** The next lines, or null when there are none now: caught up. */
    @Nullable
    Chunk read() throws IOException {
        while (true) {
            Segments now = segments.get();
            if (!within) {
                Optional<Segment> next = now.after(sequence);
                if (next.isEmpty()) {
                    return late(now);
                }
                countLost(now, sequence + 1, next.get().sequence(), 0);
                if (next.get().afterGap() && segmentId != null) {
                    events.gap(segmentId);
                }
                enter(next.get(), next.get().id(), 0);
            }
            Optional<Segment> segment = now.find(sequence);
            if (segment.isEmpty()) {
                countLost(now, sequence, sequence + 1, offset);
                close();
                within = false;
                continue;
            }
            if (input == null && !openCopy(segment.get())) {
                return null;
            }
            if (current().size() < offset && segment.get().active()) {
                verify(); // Cut back under our eyes. A copy that is shorter than what it was copied from just ends.
            }
            Chunk chunk = tooLongScannedTo >= 0 ? skipTooLong(segment.get()) : readLines(segment.get());
            if (chunk != null) {
                return chunk;
            }
            if (input == null || !atEnd(segment.get()) || now.after(sequence).isEmpty()) {
                return late(now);
            }
            leave(segment.get());
        }
    }

    /** Whether nothing more is expected of a segment, all of which has been handed on. */
    private boolean atEnd(Segment segment) throws IOException {
        boolean tornTailMayWait = segment.active() && tooLongScannedTo < 0;
        return segment.finished() && (tornTailMayWait || current().size() <= offset);
    }

    private void leave(Segment segment) throws IOException {
        if (!segment.closed()) {
            left.addFirst(new Left(new Position.Finished(sequence, id(), offset), nanoTime.getAsLong() + LATE_NANOS));
            while (left.size() > Position.MAX_FINISHED) {
                left.removeLast();
            }
        }
        segmentEnded = true;
        close();
        within = false;
    }

    private @Nullable Chunk readLines(Segment segment) throws IOException {
        if (handedOn && buffer.length > bufferBytes) {
            buffer = new byte[bufferBytes];
        }
        handedOn = false;
        while (true) {
            int read = current().read(ByteBuffer.wrap(buffer), offset);
            if (!intact()) {
                close();
                events.rescan();
                return null;
            }
            int length = lastLineEnd(read);
            if (length > 0) {
                return hand(length);
            }
            if (read < buffer.length) {
                // A torn tail; it is a line only when nothing can come after it.
                return read > 0 && endsWithoutLineEnd(segment) && current().size() == offset + read ? hand(read) : null;
            }
            if (buffer.length > maxLineBytes + 1) {
                tooLongKept = Arrays.copyOf(buffer, Math.min(KEPT_OF_TOO_LONG_BYTES, read));
                tooLongScannedTo = offset + read;
                buffer = new byte[bufferBytes];
                return skipTooLong(segment);
            }
            // Two more than a line may have, so that a full buffer without a line end proves a line too long.
            buffer = new byte[Math.min(buffer.length * 4, maxLineBytes + 2)];
        }
    }

    /** The writer goes on where it stopped in its active file, even if files appeared that are taken for later ones. */
    private static boolean endsWithoutLineEnd(Segment segment) {
        return segment.finished() && !segment.active();
    }

    /** Looks for the end of a line that is too long. What was looked at is not read again when more is appended. */
    private @Nullable Chunk skipTooLong(Segment segment) throws IOException {
        while (true) {
            int read = current().read(ByteBuffer.wrap(buffer), tooLongScannedTo);
            if (!intact()) {
                close();
                tooLongScannedTo = -1;
                events.rescan();
                return null;
            }
            int end = 0;
            while (end < read && buffer[end] != '\n') {
                end++;
            }
            if (end < read || (endsWithoutLineEnd(segment) && current().size() == tooLongScannedTo + read)) {
                long lineBytes = tooLongScannedTo + end - offset;
                long start = offset;
                offset = tooLongScannedTo + Math.min(end + 1, read);
                tooLongScannedTo = -1;
                tail.read(current(), offset);
                return new Chunk(id(), tooLongKept, tooLongKept.length, start, lineBytes, false);
            }
            tooLongScannedTo += read;
            if (read < buffer.length) {
                return null;
            }
        }
    }

    private Chunk hand(int length) {
        Chunk chunk = new Chunk(id(), buffer, length, offset, 0, false);
        offset += length;
        tail.append(buffer, length);
        handedOn = true;
        return chunk;
    }

    /** Whether what was just read is of the segment that we believe to read. */
    private boolean intact() throws IOException {
        return copy != null && copy.intact(current());
    }

    private int lastLineEnd(int length) {
        int end = length;
        while (end > 0 && buffer[end - 1] != '\n') {
            end--;
        }
        return end;
    }

    /** Bytes that appeared in a segment after it had been left; null when there are none. */
    private @Nullable Chunk late(Segments now) throws IOException {
        for (ListIterator<Left> i = left.listIterator(); i.hasNext(); ) {
            Left one = i.next();
            Position.Finished end = one.finished();
            Optional<Segment> segment = now.find(end.sequence());
            if (segment.isPresent() && segment.get().active()) {
                one = new Left(end, nanoTime.getAsLong() + LATE_NANOS);
                i.set(one);
            }
            boolean over = nanoTime.getAsLong() - one.untilNanos() > 0;
            if (segment.isPresent() && segment.get().size() > end.end()) {
                Chunk chunk = readLate(segment.get(), end, over);
                if (chunk != null) {
                    i.remove();
                    left.addFirst(new Left(
                            new Position.Finished(end.sequence(), end.segmentId(), end.end() + chunk.length()),
                            one.untilNanos()));
                    return chunk;
                }
            }
            if (over || segment.isEmpty()) {
                i.remove();
            }
        }
        return null;
    }

    private @Nullable Chunk readLate(Segment segment, Position.Finished end, boolean over) throws IOException {
        for (Segment.Copy candidate : segment.copies()) {
            try (SegmentInput file = candidate.open()) {
                int read = file.read(ByteBuffer.wrap(buffer), end.end());
                int length = lastLineEnd(read);
                while (length == 0 && read == buffer.length && buffer.length <= maxLineBytes + 1) {
                    buffer = new byte[Math.min(buffer.length * 4, maxLineBytes + 2)];
                    handedOn = true; // For one line only.
                    read = file.read(ByteBuffer.wrap(buffer), end.end());
                    length = lastLineEnd(read);
                }
                // A line without an end is waited for, unless it is too long or the time is over.
                length = length == 0 && (over || read == buffer.length) ? read : length;
                if (length > 0 && candidate.head().matches(file)) {
                    return new Chunk(end.segmentId(), buffer, length, end.end(), 0, true);
                }
            } catch (NoSuchFileException e) {
                // Gone since the last scan, which the next one will see.
            }
        }
        return null;
    }

    /** Counts what is lost of the segments from one sequence number up to another, and tells whether there is any. */
    private boolean countLost(Segments now, long from, long to, long readOfFirst) {
        boolean any = false;
        for (Segments.Lost lost : now.lost()) {
            if (lost.sequence() >= from && lost.sequence() < to) {
                long read = lost.sequence() == from ? readOfFirst : 0;
                events.lost(lost, Math.max(lost.size() - read, 0));
                any = true;
            }
        }
        return any;
    }

    private String id() {
        if (segmentId == null) {
            throw new IllegalStateException("before the first segment");
        }
        return segmentId;
    }

    // ---- where we stand

    /** Whether the reader has left a segment since this was last asked. */
    boolean takeSegmentEnded() {
        boolean ended = segmentEnded;
        segmentEnded = false;
        return ended;
    }

    /** Where the reader stands now, with the checks for it; empty when it has not been anywhere yet. */
    Optional<Position> position(String store, long throughEpochSecond) {
        if (segmentId == null) {
            return Optional.empty();
        }
        tail.check(offset).ifPresent(checks::add);
        List<Position.Finished> finished = left.stream().map(Left::finished).toList();
        return Optional.of(new Position(store, sequence, id(), offset, throughEpochSecond, checks.list(), finished));
    }

    /** The position before a line of the chunk that was read last. */
    Position positionWithin(String store, long lineOffset) throws IOException {
        Tail before = new Tail();
        before.read(current(), lineOffset);
        List<Position.Check> check = before.check(lineOffset).stream().toList();
        return new Position(store, sequence, id(), lineOffset, 0, check, List.of());
    }

    @Override
    public void close() throws IOException {
        if (input != null) {
            input.close();
            input = null;
            copy = null;
        }
    }
}
