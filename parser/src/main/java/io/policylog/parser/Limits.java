package io.policylog.parser;

/**
 * What a line may cost. Everything that comes from the log is bounded by one of these.
 *
 * @param maxLineBytes the longest line, without its line end, that is parsed; a longer one is {@code too-long}
 * @param maxDepth the deepest nesting of objects and arrays, the line's own object counted as 1; a deeper line is
 *     {@code too-deep}
 * @param maxPolicies the most elements of {@code policies} that are accepted; a line with more is {@code too-long}
 */
public record Limits(int maxLineBytes, int maxDepth, int maxPolicies) {
    /** 1 MiB a line, 16 levels, 10,000 policies. */
    public static final Limits DEFAULT = new Limits(1 << 20, 16, 10_000);

    public Limits {
        if (maxLineBytes < 1 || maxDepth < 1 || maxPolicies < 1) {
            throw new IllegalArgumentException("every limit must be at least 1: maxLineBytes=" + maxLineBytes
                    + " maxDepth=" + maxDepth + " maxPolicies=" + maxPolicies);
        }
    }
}
