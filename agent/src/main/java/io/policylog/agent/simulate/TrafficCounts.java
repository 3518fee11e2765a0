package io.policylog.agent.simulate;

/**
 * What happened so far. {@code attempts} = allowed lines + the sum of the {@code count} of denied lines + attempts whose
 * line was dropped + attempts still folding.
 *
 * @param attempts connection attempts
 * @param lines lines handed out, malformed ones included
 * @param malformedLines those of the lines that were damaged on purpose
 * @param folding denied connections whose line is still to come
 * @param rateLimitDrops lines dropped above the limit of lines a second
 * @param aggregationLimitDrops denied attempts dropped because too many distinct ones were being folded
 */
public record TrafficCounts(
        long attempts, long lines, long malformedLines, int folding, long rateLimitDrops, long aggregationLimitDrops) {}
