package io.policylog.agent.pipeline;

import io.policylog.sinks.SinkException;
import java.util.random.RandomGenerator;

/**
 * How long a pipeline waits before it opens its sink again: a random time up to a limit that doubles from one second to
 * thirty, so that after an outage the nodes of a cluster do not come back all at once. Confined to the pipeline's thread.
 */
final class Backoff {
    private static final long FIRST_MILLIS = 1_000;
    private static final long LIMIT_MILLIS = 30_000;
    private static final long LONG_MILLIS = 60_000;
    private static final long FENCED_AGAIN_NANOS = 300_000_000_000L;

    private final RandomGenerator random;
    private int failures;
    private boolean fencedBefore;
    private long fencedNanos;

    Backoff(RandomGenerator random) {
        this.random = random;
    }

    /** The time to wait after a failure. */
    long nextMillis(SinkException failure, long nowNanos) {
        long limit = Math.min(FIRST_MILLIS << Math.min(failures, 10), LIMIT_MILLIS);
        failures++;
        if (failure.kind() == SinkException.Kind.FENCED) {
            boolean again = fencedBefore && nowNanos - fencedNanos < FENCED_AGAIN_NANOS;
            fencedBefore = true;
            fencedNanos = nowNanos;
            if (again) {
                // Two processes with one identity take it from each other: come back rarely, one of them will win.
                return LONG_MILLIS + random.nextLong(2 * LONG_MILLIS);
            }
        }
        return failure.retriable() ? random.nextLong(limit) + 1 : LIMIT_MILLIS + random.nextLong(LIMIT_MILLIS);
    }

    /** Something went well: the next failure is a first one. */
    void reset() {
        failures = 0;
    }
}
