package io.policylog.agent.simulate;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.SplittableRandom;

/**
 * Traffic that goes into a log, at the pace of the real clock or as fast as it can. Runs on its caller's thread.
 *
 * @param traffic at its start
 * @param start the log's time at the traffic's start
 * @param paced whether an event waits until as much real time has passed as the log's time says
 * @param maxLines no more lines are written
 * @param duration no more time passes: the log's when paced, else the real one
 * @param tornShare the share of lines written by two write calls, 0 to 1
 */
record Simulation(
        TrafficGenerator traffic,
        LogWriter log,
        Instant start,
        boolean paced,
        long maxLines,
        Duration duration,
        double tornShare) {
    /** Longer than any simulation, and short enough to be counted in nanoseconds. */
    static final Duration FOREVER = Duration.ofDays(36_500);

    /** How long a torn line stays torn when paced. */
    private static final long TORN_NANOS = 20_000_000;

    /** Returns when all lines are written, the time is over, or the end is requested. Open folds are written last. */
    void run(Stop stop) throws IOException {
        LineConsumer out = tornShare > 0 ? tearing(stop) : log::write;
        long startEpochNanos = Duration.between(Instant.EPOCH, start).toNanos();
        long startNanos = System.nanoTime();
        boolean over = false;
        while (!stop.isRequested() && !over && linesLeft()) {
            long elapsedNanos = System.nanoTime() - startNanos;
            if (paced) {
                long dueNanos = traffic.nextEventEpochNanos() - startEpochNanos;
                stop.await(Math.min(dueNanos, duration.toNanos()) - elapsedNanos);
                elapsedNanos = dueNanos;
            }
            over = elapsedNanos >= duration.toNanos();
            if (!over && !stop.isRequested()) {
                traffic.step(out);
            }
            if (!linesLeft()) {
                // The limit of lines may drop some of these, and then there are lines left.
                traffic.flush(out);
            }
        }
        traffic.flush(out);
    }

    private boolean linesLeft() {
        TrafficCounts counts = traffic.counts();
        return counts.lines() + counts.folding() < maxLines;
    }

    private LineConsumer tearing(Stop stop) {
        SplittableRandom random = new SplittableRandom(0);
        return (line, offset, length) -> {
            if (random.nextDouble() < tornShare) {
                log.writeTorn(line, offset, length, 1 + random.nextInt(length - 1), () -> {
                    if (paced) {
                        stop.await(TORN_NANOS);
                    }
                });
            } else {
                log.write(line, offset, length);
            }
        };
    }
}
