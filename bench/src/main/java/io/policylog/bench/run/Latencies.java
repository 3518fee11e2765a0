package io.policylog.bench.run;

import java.time.Instant;
import java.util.Arrays;
import java.util.Map;

/** How long after they were due records came. Thread-safe. */
final class Latencies {
    private long[] nanos = new long[1 << 16];
    private int size;

    /** A record came now. */
    synchronized void came(String timestamp) {
        Instant due = Instant.parse(timestamp);
        if (size == nanos.length) {
            nanos = Arrays.copyOf(nanos, size * 2);
        }
        nanos[size++] = Load.now() - (due.getEpochSecond() * 1_000_000_000L + due.getNano());
    }

    synchronized int size() {
        return size;
    }

    /** Without the first ones. */
    synchronized Latencies from(int first) {
        Latencies later = new Latencies();
        later.nanos = Arrays.copyOfRange(nanos, first, size);
        later.size = later.nanos.length;
        return later;
    }

    synchronized void into(Map<Metric, Double> figures) {
        long[] sorted = Arrays.copyOf(nanos, size);
        Arrays.sort(sorted);
        figures.put(Metric.P50_MILLIS, quantile(sorted, 0.5));
        figures.put(Metric.P99_MILLIS, quantile(sorted, 0.99));
        figures.put(Metric.P999_MILLIS, quantile(sorted, 0.999));
        figures.put(Metric.MAX_MILLIS, quantile(sorted, 1));
    }

    private static double quantile(long[] sorted, double share) {
        return sorted.length == 0
                ? Double.NaN
                : sorted[(int) Math.min(sorted.length - 1L, (long) (share * sorted.length))] / 1e6;
    }
}
