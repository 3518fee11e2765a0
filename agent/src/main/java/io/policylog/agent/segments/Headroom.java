package io.policylog.agent.segments;

import java.util.List;

/**
 * How much may still be written before the oldest segment that a pipeline needs is lost to it. Where a hard link is the
 * pin, that is when retention releases it; where an open descriptor is, the writer's unlinking counts, after which a
 * restart loses it.
 *
 * <p>The writer keeps five backups and the active file, of a size that a backup shows. Once it has unlinked one,
 * what it keeps is known: what has a name.
 */
final class Headroom {
    static final long WRITER_FILE_BYTES = 10 << 20;
    static final int WRITER_FILES = 6;

    private Headroom() {}

    /**
     * The bytes that may be written.
     *
     * @param needed the segments from the oldest one needed on
     * @param linking whether hard links are the pins
     * @param retention what pins alone may hold
     * @param diskBytes what may be written before the disk is too full for retention; negative when it is
     */
    static long bytes(List<Segment> all, List<Segment> needed, boolean linking, Retention retention, long diskBytes) {
        List<Segment> named = all.stream().filter(s -> s.name().isPresent()).toList();
        long fileBytes = named.stream()
                .filter(Segment::closed)
                .mapToLong(Segment::size)
                .max()
                .orElse(WRITER_FILE_BYTES);
        long keptFiles = named.size() < all.size() ? named.size() : Math.max(WRITER_FILES, named.size());
        long namedBytes = 0;
        long pinnedBytes = 0;
        int pinnedFiles = 0;
        for (Segment segment : needed) {
            if (segment.name().isPresent()) {
                namedBytes += segment.size();
            } else {
                pinnedBytes += segment.size();
                pinnedFiles++;
            }
        }
        long untilNextUnlinked = Math.max(0, keptFiles * fileBytes - namedBytes);
        long untilUnlinked = needed.getFirst().name().isPresent() ? untilNextUnlinked : 0;
        if (!linking) {
            return untilUnlinked;
        }
        long untilFull = Math.min(retention.maxBytes() - pinnedBytes, (retention.maxFiles() - pinnedFiles) * fileBytes);
        long untilReleased = Math.min(untilNextUnlinked + untilFull, diskBytes);
        return Math.max(untilUnlinked, Math.max(0, untilReleased));
    }
}
