package io.policylog.agent.pipeline;

import java.util.concurrent.TimeUnit;

/**
 * How much one commit may cover. By itself as much as is read in the commit interval; but what is read faster than a slow
 * destination takes it would fail by its timeouts, and as much would fail again. So a failure makes it a quarter, and
 * commits that are quick make it larger again. Belongs to the pipeline's thread.
 */
final class CommitSize {
    private static final long MIN_BYTES = 64 << 10;
    private static final long QUICK_NANOS = TimeUnit.SECONDS.toNanos(2);

    private long maxBytes = Long.MAX_VALUE;

    /** How many bytes of the log a commit may cover, roughly. */
    long maxBytes() {
        return maxBytes;
    }

    /** Whether it is less than what the commit interval gives. */
    boolean bounded() {
        return maxBytes != Long.MAX_VALUE;
    }

    /**
     * A commit has succeeded.
     *
     * @param bytes what it covered
     * @param nanos how long it took from the first of them on
     */
    void committed(long bytes, long nanos) {
        if (!bounded() || nanos > QUICK_NANOS) {
            return;
        }
        // Less than was allowed: there is no more, so the bound is not what holds it.
        maxBytes = bytes < maxBytes || maxBytes > Long.MAX_VALUE / 4 ? Long.MAX_VALUE : maxBytes * 2;
    }

    /** What was written, and not committed, has to be written again. */
    void failed(long bytes) {
        if (bytes > 0) {
            maxBytes = Math.max(MIN_BYTES, bytes / 4);
        }
    }
}
