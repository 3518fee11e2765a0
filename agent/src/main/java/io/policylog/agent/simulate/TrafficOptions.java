package io.policylog.agent.simulate;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;

/**
 * What {@link TrafficGenerator} makes. The same options give the same bytes.
 *
 * @param seed decides the cluster (names, addresses) and its traffic
 * @param start the log's time when it begins; 1970 to 2262, because it is counted in nanoseconds
 * @param attemptsPerSecond connection attempts in a second of the log's time; above 0, at most {@value #MAX_ATTEMPTS_PER_SECOND}
 * @param denyShare the share of the attempts that is denied, 0 to 1; denied ones are folded, so the share of lines is lower
 * @param generation which generations of the writer speak
 * @param nodeName the node that writes; null when the cluster leaves {@code node_name} out. The first generation always does
 * @param maxLinesPerSecond lines above it in one second are dropped and counted; 0 is no limit
 * @param malformedShare the share of the lines that is damaged, 0 to 1, in all ways of
 *     {@link io.policylog.parser.MalformedReason}
 */
public record TrafficOptions(
        long seed,
        Instant start,
        double attemptsPerSecond,
        double denyShare,
        Generation generation,
        @Nullable String nodeName,
        int maxLinesPerSecond,
        double malformedShare) {
    /** Where the log's time begins when nothing else is said, so that a seed alone decides the bytes. */
    public static final Instant DEFAULT_START = Instant.parse("2026-01-01T00:00:00Z");

    public static final String DEFAULT_NODE_NAME = "gke-shop-prod-default-pool-e8df3298-412p";

    /** The node's own limit. */
    public static final int DEFAULT_MAX_LINES_PER_SECOND = 500;

    /** So that each attempt has a time of its own. */
    static final int MAX_ATTEMPTS_PER_SECOND = 100_000_000;

    static final Instant LAST_START = Instant.EPOCH.plus(Long.MAX_VALUE / 2, ChronoUnit.NANOS);

    public TrafficOptions {
        requireShare("denyShare", denyShare);
        requireShare("malformedShare", malformedShare);
        if (!(attemptsPerSecond > 0 && attemptsPerSecond <= MAX_ATTEMPTS_PER_SECOND)) {
            throw new IllegalArgumentException("attemptsPerSecond must be above 0 and at most "
                    + MAX_ATTEMPTS_PER_SECOND + ", found " + attemptsPerSecond);
        }
        if (maxLinesPerSecond < 0) {
            throw new IllegalArgumentException("maxLinesPerSecond must not be negative, found " + maxLinesPerSecond);
        }
        if (start.isBefore(Instant.EPOCH) || start.isAfter(LAST_START)) {
            throw new IllegalArgumentException(
                    "start must lie between " + Instant.EPOCH + " and " + LAST_START + ", found " + start);
        }
    }

    /** 500 attempts a second of the newest generation, 0.3 of them denied, no limit of lines, nothing malformed. */
    public static TrafficOptions seeded(long seed) {
        return new TrafficOptions(seed, DEFAULT_START, 500, 0.3, Generation.THIRD, DEFAULT_NODE_NAME, 0, 0);
    }

    public TrafficOptions withStart(Instant time) {
        return new TrafficOptions(
                seed, time, attemptsPerSecond, denyShare, generation, nodeName, maxLinesPerSecond, malformedShare);
    }

    public TrafficOptions withAttemptsPerSecond(double attempts) {
        return new TrafficOptions(
                seed, start, attempts, denyShare, generation, nodeName, maxLinesPerSecond, malformedShare);
    }

    public TrafficOptions withDenyShare(double share) {
        return new TrafficOptions(
                seed, start, attemptsPerSecond, share, generation, nodeName, maxLinesPerSecond, malformedShare);
    }

    public TrafficOptions withGeneration(Generation which) {
        return new TrafficOptions(
                seed, start, attemptsPerSecond, denyShare, which, nodeName, maxLinesPerSecond, malformedShare);
    }

    public TrafficOptions withNodeName(@Nullable String name) {
        return new TrafficOptions(
                seed, start, attemptsPerSecond, denyShare, generation, name, maxLinesPerSecond, malformedShare);
    }

    public TrafficOptions withMaxLinesPerSecond(int lines) {
        return new TrafficOptions(
                seed, start, attemptsPerSecond, denyShare, generation, nodeName, lines, malformedShare);
    }

    public TrafficOptions withMalformedShare(double share) {
        return new TrafficOptions(
                seed, start, attemptsPerSecond, denyShare, generation, nodeName, maxLinesPerSecond, share);
    }

    private static void requireShare(String name, double share) {
        if (!(share >= 0 && share <= 1)) {
            throw new IllegalArgumentException(name + " must be between 0 and 1, found " + share);
        }
    }
}
