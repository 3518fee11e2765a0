package io.policylog.agent.segments;

/**
 * How much may be kept for pipelines that are behind.
 *
 * @param maxBytes the most bytes that pins alone may hold
 * @param maxFiles the most files that pins alone may hold: each takes an inode of the disk
 * @param minFreeDisk the share of the disk, 0 to 1, that must stay free while pins alone hold anything
 */
public record Retention(long maxBytes, int maxFiles, double minFreeDisk) {}
