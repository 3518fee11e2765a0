package io.policylog.agent.pipeline;

import java.util.concurrent.TimeUnit;

/**
 * How much one commit may cover. By itself as much as is read in the commit interval; but what is read faster than a slow
 * destination takes it would fail by its timeouts, and as much would fail again. So a failure makes it a quarter, and each
 * success makes it larger, until it is no bound any more. Belongs to the pipeline's thread.
 */
final class CommitSize {
    private static final long MIN_BYTES = 64 << 10;
    private static final long QUICK_NANOS = TimeUnit.SECONDS.toNanos(1);

    private long maxBytes = Long.MAX_VALUE;
    private boolean cut;

    /** How many bytes of the log a commit may cover, roughly. */
    long maxBytes() {
        return maxBytes;
    }

    /** Whether the last commit came before it was due, because it covered as much as it may. */
    boolean cut() {
        return cut;
    }

    /**
     * A commit has succeeded.
     *
     * @param bytes what it covered
     * @param nanos how long it took
     */
    void committed(long bytes, long nanos) {
        cut = bytes >= maxBytes;
        if (cut) {
            maxBytes += nanos < QUICK_NANOS ? maxBytes : maxBytes / 4;
        } else {
            maxBytes = Long.MAX_VALUE;
        }
    }

    /** What was written, and not committed, has to be written again. */
    void failed(long bytes) {
        if (bytes > 0) {
            maxBytes = Math.max(MIN_BYTES, bytes / 4);
        }
    }
}
