package io.policylog.agent.segments;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** One segment and the files that hold it. Belongs to the segment store's thread. */
final class SegmentEntry {
    final long sequence;
    final String id;
    final List<LogFile> copies = new ArrayList<>();

    private long size;

    /** Whether segments before it may have come and gone without being seen. */
    boolean afterGap;

    private String lastName = "";
    private Instant modified = Instant.EPOCH;

    private long emptyNanos;
    private Segments.Lost.Reason emptyReason = Segments.Lost.Reason.REMOVED;

    SegmentEntry(long sequence, String id) {
        this.sequence = sequence;
        this.id = id;
    }

    boolean beginsLike(Head head) {
        return Segments.withoutNumber(id).equals(head.id());
    }

    void add(LogFile file) {
        file.entry = this;
        copies.add(file);
        grown();
    }

    /** The most bytes of it that were ever seen. */
    long size() {
        return size;
    }

    /** For how long no copy of it has changed, by the dates of their files; 0 where a date lies ahead. */
    long sinceModifiedNanos(Instant date) {
        return copies.stream()
                .mapToLong(f -> TimeUnit.MILLISECONDS.toNanos(
                        Math.max(0, date.toEpochMilli() - f.stat.modified().toMillis())))
                .min()
                .orElse(0);
    }

    /** Takes note of the size of the copies. */
    void grown() {
        for (LogFile file : copies) {
            size = Math.max(size, file.size);
            modified = file.stat.modified().toInstant();
        }
    }

    void remove(LogFile file, Segments.Lost.Reason reason, long now) {
        copies.remove(file);
        if (copies.isEmpty()) {
            markEmpty(reason, now);
        }
    }

    void markEmpty(Segments.Lost.Reason reason, long now) {
        emptyNanos = now;
        emptyReason = reason;
    }

    /**
     * Whether it has no file for good. For a moment it may have none: the copy that was made of a file before it was
     * truncated is perhaps found by the next scan only.
     */
    boolean gone(long now) {
        return copies.isEmpty() && now - emptyNanos >= LogFile.QUIET_NANOS;
    }

    Segments.Lost lost(Segments.Lost.Reason reason) {
        return new Segments.Lost(sequence, id, size, lastName, modified, reason);
    }

    Segments.Lost lost() {
        return lost(emptyReason);
    }

    /** Whether no name in the log directory leads to it any more. */
    boolean nameless() {
        return !copies.isEmpty() && copies.stream().allMatch(f -> f.name() == null);
    }

    /** The best copy but this one. */
    Optional<LogFile> other(LogFile file) {
        return copies.stream().filter(f -> f != file).max(Comparator.comparingLong(f -> f.size));
    }

    /** The one that is cheaper to read first, and of those the longer one. */
    private static int byWorth(LogFile a, LogFile b) {
        int order = a.compression.compareTo(b.compression);
        return order == 0 ? Long.compare(b.size, a.size) : order;
    }

    /** The bytes that nothing but pins holds. */
    long retainedBytes() {
        return retained().mapToLong(f -> f.stat.size()).sum();
    }

    /** The files that nothing but pins holds. */
    int retainedFiles() {
        return (int) retained().count();
    }

    Stream<LogFile> retained() {
        return copies.stream().filter(f -> f.name() == null && f.stat.links() <= 1);
    }

    /** Whether its pins may go once nobody needs them: no name has led to it for so long. */
    boolean namelessFor(long nanos, long now) {
        return !copies.isEmpty() && copies.stream().allMatch(f -> f.namelessForNanos(now) >= nanos);
    }

    /**
     * What others see of it.
     *
     * @param later how many segments come after it
     * @param activePresent whether there is an active file
     */
    Segment publish(int later, boolean activePresent, long now) {
        boolean closed = !copies.isEmpty() && copies.stream().allMatch(LogFile::closed) && (activePresent || later > 0);
        boolean quiet = copies.stream().allMatch(f -> f.quiet(now));
        List<Segment.Copy> published = copies.stream()
                .sorted(SegmentEntry::byWorth)
                .map(f -> new Segment.Copy(f.pin, f.compression, Objects.requireNonNull(f.head), f.size))
                .toList();
        Optional<String> name =
                copies.stream().map(LogFile::name).filter(Objects::nonNull).findFirst();
        name.ifPresent(n -> lastName = n);
        return new Segment(
                sequence,
                id,
                published,
                size,
                closed || later >= 2 || (later == 1 && quiet),
                copies.stream().anyMatch(LogFile::active),
                closed,
                name,
                afterGap);
    }
}
