package io.policylog.agent.segments;

import java.nio.file.attribute.FileTime;

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
    @Override
    public int compareTo(OrderingHints other) {
        int order = Boolean.compare(active, other.active);
        if (order == 0) {
            order = modified.compareTo(other.modified);
        }
        if (order == 0) {
            order = timeInName.compareTo(other.timeInName);
        }
        return order == 0 ? Long.compare(inode, other.inode) : order;
    }
}
