package io.policylog.agent.pipeline;

/** Where a pipeline begins that has no position yet. */
public enum StartAt {
    /** With the oldest segment that is there. */
    BEGINNING,
    /** With the next line that is written. */
    END
}
