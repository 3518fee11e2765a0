package io.policylog.bench.run;

import java.util.Arrays;
import java.util.Locale;

/** What a scenario can say of a run. */
enum Metric {
    MEGABYTES_PER_SECOND("MB/s", 0, true),
    RECORDS_PER_SECOND("records/s", 0, false),
    SECONDS("s", 2, false),
    CPU_SECONDS_PER_MILLION("CPU s / 1M", 2, true),
    MEGABYTES_PER_CPU_SECOND("MB / CPU s", 0, true),
    CPU_PERCENT("% of a core", 1, true),
    WAKE_UPS_PER_SECOND("wake-ups/s", 0, false),
    RESIDENT_MEBIBYTES("resident MiB", 0, false),
    PEAK_MEBIBYTES("peak MiB", 0, false),
    FIRST_RECORD_MILLIS("first record ms", 0, false),
    P50_MILLIS("p50 ms", 1, false),
    P99_MILLIS("p99 ms", 1, false),
    P999_MILLIS("p99.9 ms", 1, false),
    MAX_MILLIS("max ms", 0, false),
    TRANSACTIONS_PER_SECOND("transactions/s", 1, false),
    BROKER_CPU_PERCENT("broker, % of a core", 1, false),
    LOST_LINES("lost", 0, false),
    DUPLICATED_LINES("duplicated", 0, false),
    TIMES("times", 2, false);

    private final String label;
    private final int digits;
    private final boolean compared;

    Metric(String label, int digits, boolean compared) {
        this.label = label;
        this.digits = digits;
        this.compared = compared;
    }

    /** The head of its column, and its name in the JSON and in the budget. */
    String label() {
        return label;
    }

    int digits() {
        return digits;
    }

    /** Whether the table shows the ratio to the scenario's reference. */
    boolean compared() {
        return compared;
    }

    static Metric labelled(String label) {
        return Arrays.stream(values())
                .filter(metric -> metric.label.equals(label))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(
                        String.format(Locale.ROOT, "no metric '%s': %s", label, Arrays.toString(values()))));
    }

    @Override
    public String toString() {
        return label;
    }
}
