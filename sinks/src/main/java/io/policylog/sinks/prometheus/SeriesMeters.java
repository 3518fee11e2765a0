package io.policylog.sinks.prometheus;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;

/**
 * What a sink tells of its own bound, since the start of the process.
 *
 * @param overflow records that counted into a series whose labels are all {@code overflow}
 * @param folded series folded into one with the port {@code other}
 * @param evicted series evicted because they did not change for a day
 */
record SeriesMeters(Counter overflow, Counter folded, Counter evicted) {
    static SeriesMeters register(MeterRegistry registry, String sink) {
        return new SeriesMeters(
                Counter.builder("policylog.series.overflow")
                        .description("Records that counted into an overflow series because of maxSeries.")
                        .tag("pipeline", sink)
                        .register(registry),
                Counter.builder("policylog.series.folded")
                        .description("Series folded into one with dest_port \"other\" because of maxSeries.")
                        .tag("pipeline", sink)
                        .register(registry),
                Counter.builder("policylog.series.evicted")
                        .description("Series evicted, unchanged for a day, because of maxSeries.")
                        .tag("pipeline", sink)
                        .register(registry));
    }
}
