package io.policylog.agent.segments;

import java.nio.file.attribute.FileTime;
import java.util.Comparator;

/**
 * How files that are seen for the first time together are ordered: the active one, which grows, is the newest.
 *
 * @param active whether the writer appends to it, going by its name
 * @param modified its modification time
 * @param timeInName the part of its name that orders files, or an empty text
 * @param inode decides between files of one tick of the clock
 */
record OrderingHints(boolean active, FileTime modified, String timeInName, long inode)
        implements Comparable<OrderingHints> {
    private static final Comparator<OrderingHints> ORDER = Comparator.comparing(OrderingHints::active)
            .thenComparing(OrderingHints::modified)
            .thenComparing(OrderingHints::timeInName)
            .thenComparingLong(OrderingHints::inode);

    @Override
    public int compareTo(OrderingHints other) {
        return ORDER.compare(this, other);
    }
}
