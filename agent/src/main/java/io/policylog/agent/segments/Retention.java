package io.policylog.agent.segments;

/**
 * How much may be kept for pipelines that are behind.
 *
 * @param maxBytes the most bytes that pins alone may hold
 * @param minFreeDisk the share of the disk, 0 to 1, that must stay free while pins alone hold anything
 * @param maxFiles the most files that pins alone may hold: each takes an inode of the disk
 */
public record Retention(long maxBytes, double minFreeDisk, int maxFiles) {
    /** Far below what the kubelet evicts pods for, 5 % of the inodes, on any disk that holds images of containers. */
    private static final int MAX_FILES = 10_000;

    public Retention(long maxBytes, double minFreeDisk) {
        this(maxBytes, minFreeDisk, MAX_FILES);
    }
}
