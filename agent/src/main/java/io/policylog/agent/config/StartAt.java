package io.policylog.agent.config;

/** Where a pipeline begins that has no position yet. */
public enum StartAt {
    /** With the oldest line on disk. */
    BEGINNING,
    /** With the next line that is written. */
    END
}
