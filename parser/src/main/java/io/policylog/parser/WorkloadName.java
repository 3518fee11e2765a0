package io.policylog.parser;

import org.jspecify.annotations.Nullable;

/** The name of a workload without what changes at each rollout or run. */
public final class WorkloadName {
    private WorkloadName() {}

    /**
     * The stable name: a {@code ReplicaSet}'s last part is cut when it is 6–10 characters of
     * {@code bcdfghjklmnpqrstvwxz2456789} (what Kubernetes generates), a {@code Job}'s when it is a dash and eight or
     * more digits (what a CronJob appends). Everything else stays.
     */
    public static String stable(String name, @Nullable String kind) {
        throw new UnsupportedOperationException(name + kind);
    }
}
