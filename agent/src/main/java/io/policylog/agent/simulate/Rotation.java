package io.policylog.agent.simulate;

/** How a full log file makes room for the next. */
public enum Rotation {
    /** The node's writer: renamed to {@code policy_action-<local time>.log}, unlinked in the background. */
    WRITER("writer"),
    /** logrotate: renamed to {@code policy_action.log.1}, older ones move up. */
    NUMBERED("numbered"),
    /** logrotate's {@code dateext}: renamed to {@code policy_action.log-20240820}, more than one a day with seconds after it. */
    DATED("dated"),
    /** logrotate's {@code copytruncate}: copied to {@code policy_action.log.1}, then truncated. */
    COPY_TRUNCATE("copytruncate");

    private final String label;

    Rotation(String label) {
        this.label = label;
    }

    /** The value on the command line. */
    @Override
    public String toString() {
        return label;
    }
}
