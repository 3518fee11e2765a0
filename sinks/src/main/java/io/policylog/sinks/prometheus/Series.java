package io.policylog.sinks.prometheus;

import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import org.jspecify.annotations.Nullable;

/** One counter: label values and what they counted. Confined to the pipeline's thread; what it hands out is immutable. */
final class Series {
    private final Labels labels;
    private long count;
    private long changedSecond;
    private @Nullable CounterDataPointSnapshot point;

    Series(Labels labels, long count, long changedSecond) {
        this.labels = labels;
        this.count = count;
        this.changedSecond = changedSecond;
    }

    Labels labels() {
        return labels;
    }

    /** Exact; the exposition's double is exact up to 2^53. */
    long count() {
        return count;
    }

    /** Seconds since the epoch at the last {@link #add}. */
    long changedSecond() {
        return changedSecond;
    }

    void add(long increment, long second) {
        count = sum(count, increment);
        changedSecond = second;
    }

    /** Of two numbers that are not negative; a counter that reaches the largest number stays there. */
    static long sum(long count, long increment) {
        long sum = count + increment;
        return sum < 0 ? Long.MAX_VALUE : sum;
    }

    /** The sample at this moment; the same object as long as the value is the same. */
    CounterDataPointSnapshot point() {
        CounterDataPointSnapshot last = point;
        if (last == null || last.getValue() != (double) count) {
            last = new CounterDataPointSnapshot((double) count, labels, null, 0);
            point = last;
        }
        return last;
    }
}
