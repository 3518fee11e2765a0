package io.policylog.parser;

import org.jspecify.annotations.Nullable;

/** The name of a workload without what changes at each rollout or run. */
public final class WorkloadName {
    /** What Kubernetes generates names from (k8s.io/apimachinery, util/rand: no vowels, nothing that looks like one). */
    private static final String GENERATED = "bcdfghjklmnpqrstvwxz2456789";

    private WorkloadName() {}

    /**
     * The stable name: a {@code ReplicaSet}'s last part is cut when it is 6–10 characters of
     * {@code bcdfghjklmnpqrstvwxz2456789} (what Kubernetes generates), a {@code Job}'s when it is a dash and eight or
     * more digits (what a CronJob appends). Everything else stays.
     */
    public static String stable(String name, @Nullable String kind) {
        int dash = name.lastIndexOf('-');
        if (dash < 1 || kind == null) {
            return name;
        }
        int length = name.length() - dash - 1;
        boolean cut = switch (kind) {
            case "ReplicaSet" ->
                length >= 6 && length <= 10 && name.chars().skip(dash + 1).allMatch(c -> GENERATED.indexOf(c) >= 0);
            case "Job" -> length >= 8 && name.chars().skip(dash + 1).allMatch(c -> c >= '0' && c <= '9');
            default -> false;
        };
        return cut ? name.substring(0, dash) : name;
    }
}
