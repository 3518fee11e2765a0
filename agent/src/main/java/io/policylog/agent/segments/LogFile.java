package io.policylog.agent.segments;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.attribute.FileTime;
import java.util.Comparator;
import org.jspecify.annotations.Nullable;

/** One file that was found in the log directory, as the last scan saw it. Belongs to the segment store's thread. */
final class LogFile {
    /** A file that was silent for so long has come to rest. */
    static final long QUIET_NANOS = 2_000_000_000L;

    /** How files that are seen for the first time together are ordered. */
    static final Comparator<LogFile> BY_HINTS = Comparator.comparing((LogFile f) -> new OrderingHints(
            f.active(), f.stat.modified(), f.timeInName, f.stat.key().inode()));

    private static final int COMPARE_BYTES = 1 << 16;

    final Compression compression;
    Pin pin;
    FileStat stat;
    /** What the file begins with; null while that is not known, and until it is part of a segment. */
    @Nullable
    Head head;

    @Nullable
    SegmentEntry entry;

    /** The length of the log's bytes in it; -1 for a compressed file that was not yet read to its end. */
    long size;

    /** Whether it did not decompress to its end, and has not changed since. */
    private boolean incomplete;

    private @Nullable String name;
    private SegmentName.Kind kind = SegmentName.Kind.ROTATED;
    private String timeInName = "";
    private final long foundNanos;
    private long changedNanos;
    private boolean changed;
    private long namelessNanos;
    /** Up to where it was found to hold the same bytes as the other copies of its segment. */
    private long comparedTo;

    LogFile(Compression compression, Pin pin, FileStat stat, long now) {
        this.compression = compression;
        this.pin = pin;
        this.stat = stat;
        this.size = compression == Compression.NONE ? stat.size() : -1;
        this.foundNanos = now;
        this.changedNanos = now;
        this.namelessNanos = now;
    }

    FileStat.Key key() {
        return stat.key();
    }

    @Nullable
    String name() {
        return name;
    }

    /** Takes note of the name that the last scan found, or of none. */
    void named(@Nullable String newName, long now) {
        if (newName == null) {
            if (name != null) {
                namelessNanos = now;
            }
        } else if (!newName.equals(name)) {
            SegmentName parsed = SegmentName.of(newName);
            kind = parsed.kind();
            timeInName = parsed.time();
        }
        name = newName;
    }

    /** Takes note of what the file looks like now. */
    void seen(FileStat newStat, long now) {
        FileTime modified = newStat.modified();
        if (newStat.size() != stat.size() || !modified.equals(stat.modified())) {
            changedNanos = now;
            changed = true;
            incomplete = false;
            if (compression != Compression.NONE && head == null) {
                size = -1; // It was empty, most likely, and is written now.
            }
        }
        stat = newStat;
    }

    /** Whether it has changed since this was asked last. */
    boolean takeChanged() {
        boolean was = changed;
        changed = false;
        return was;
    }

    /** Whether its pin still holds it; true where that can't be told. */
    boolean pinned() {
        try {
            return pin.stat().key().equals(key());
        } catch (NoSuchFileException e) {
            return false;
        } catch (IOException e) {
            return true;
        }
    }

    /** Found at start without anybody knowing since when it is as it is: taken for long at rest. */
    void presumeQuiet(long now) {
        changedNanos = now - QUIET_NANOS;
    }

    boolean quiet(long now) {
        return now - changedNanos >= QUIET_NANOS;
    }

    /** For how long the file has had no name in the log directory; 0 while it has one. */
    long namelessForNanos(long now) {
        return name == null ? now - namelessNanos : 0;
    }

    /** Whether the writer appends to it, going by its name. */
    boolean active() {
        return name != null && kind == SegmentName.Kind.ACTIVE;
    }

    /** Whether nobody can append to it: the writer closes before it renames, and a whole compressed file is whole. */
    boolean closed() {
        return compression != Compression.NONE || kind == SegmentName.Kind.WRITER_BACKUP;
    }

    /** Whether it has been watched long enough to say whether it grows, and is not just being copied. */
    boolean settled(long now) {
        return now - foundNanos >= QUIET_NANOS && (active() || quiet(now));
    }

    /** Whether it did not decompress to its end, and has been as it is for so long that it will stay so. */
    boolean damaged(long now) {
        return incomplete && now - changedNanos >= SegmentStore.LINGER_NANOS;
    }

    boolean growing(long now) {
        return name != null && (active() || !quiet(now));
    }

    SegmentInput open() throws IOException {
        return compression == Compression.NONE
                ? new SegmentInput.Plain(pin.open(), pin.owned())
                : new SegmentInput.Decompressed(pin.open(), pin.owned(), compression, size);
    }

    /** Learns what the file begins with, if its first line is complete, or can't become longer. */
    void identify(long now) {
        head = null;
        if (incomplete) {
            return;
        }
        try {
            if (compression == Compression.NONE) {
                size = stat.size();
            } else if (size < 0) {
                size = decompressedSize();
            }
            try (SegmentInput input = open()) {
                head = Head.of(input, compression != Compression.NONE || (!active() && quiet(now)))
                        .orElse(null);
            }
        } catch (IOException e) {
            // Most likely a compressed file that is still being written; looked at again when it has changed.
            head = null;
            incomplete = compression != Compression.NONE
                    && size < 0
                    && (e instanceof AccessDeniedException || !(e instanceof FileSystemException));
        }
    }

    private long decompressedSize() throws IOException {
        try (SegmentInput input = new SegmentInput.Decompressed(pin.open(), pin.owned(), compression, Long.MAX_VALUE)) {
            ByteBuffer buffer = ByteBuffer.allocate(COMPARE_BYTES);
            long total = 0;
            for (int read = input.read(buffer, 0); read > 0; read = input.read(buffer.clear(), total)) {
                total += read;
            }
            return total;
        }
    }

    /** Whether the file still begins as it did, and has not become shorter than it was. */
    boolean intact() throws IOException {
        if (head == null || stat.size() < size) {
            return false;
        }
        try (SegmentInput input = open()) {
            return head.matches(input);
        }
    }

    /** Makes this a file of which nothing is known yet. */
    void forget() {
        entry = null;
        head = null;
        comparedTo = 0;
    }

    /** Whether this file and another are a byte prefix of one another. What was compared is not compared again. */
    boolean agrees(LogFile other) {
        try (SegmentInput a = open();
                SegmentInput b = other.open()) {
            long end = Math.min(a.size(), b.size());
            ByteBuffer left = ByteBuffer.allocate(COMPARE_BYTES);
            ByteBuffer right = ByteBuffer.allocate(COMPARE_BYTES);
            while (comparedTo < end) {
                int length = (int) Math.min(COMPARE_BYTES, end - comparedTo);
                left.clear().limit(length);
                right.clear().limit(length);
                if (a.read(left, comparedTo) != length
                        || b.read(right, comparedTo) != length
                        || !left.flip().equals(right.flip())) {
                    return false;
                }
                comparedTo += length;
            }
            return true;
        } catch (IOException e) {
            return false;
        }
    }
}
