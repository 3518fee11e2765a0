package io.policylog.sinks;

import java.time.Duration;

/**
 * When a pipeline commits. A position that moved without a line for the sink is committed with the next lines, at the
 * end of a segment, or after {@link #POSITION_ONLY_INTERVAL}, whatever the policy.
 *
 * @param pacing what the interval is counted from
 * @param interval the time that the pacing speaks of
 * @param readInterval while lines keep coming, the least time between two looks at the log once the reader has caught up:
 *     what reading adds to the time that a line takes, and at a few hundred lines a second most of what it costs
 */
public record CommitPolicy(Pacing pacing, Duration interval, Duration readInterval) {
    private static final Duration READ_SOON = Duration.ofMillis(5);

    /** How long a position may have moved without lines before it is committed alone. */
    public static final Duration POSITION_ONLY_INTERVAL = Duration.ofSeconds(30);

    /** After this time, less up to a tenth of it at random, a position is committed again though it did not move. */
    public static final Duration REFRESH_INTERVAL = Duration.ofDays(1);

    /** A policy for a sink whose lines somebody waits for. */
    public CommitPolicy(Pacing pacing, Duration interval) {
        this(pacing, interval, READ_SOON);
    }

    /** What {@link CommitPolicy#interval} is counted from. */
    public enum Pacing {
        /**
         * The first line after a commit is written no sooner than the interval after the first line before it; the
         * pipeline commits as soon as the reader has caught up or the interval has passed. So a quiet log's line is
         * committed at once, nothing is left open while waiting for input, and commits begin at least an interval apart.
         */
        HOLD_INPUT,
        /** Lines are written as they come; the pipeline commits when the interval has passed since the first of them. */
        CONTINUOUS
    }
}
