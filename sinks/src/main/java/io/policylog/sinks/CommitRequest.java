package io.policylog.sinks;

import java.time.Duration;

/** Lets any thread ask a pipeline to commit what it has written. */
@FunctionalInterface
public interface CommitRequest {
    /**
     * Asks, and waits until the pipeline has committed (or had nothing to commit), at most this long. Never called by
     * the pipeline's own thread.
     *
     * @return whether it has
     */
    boolean commit(Duration maxWait) throws InterruptedException;
}
