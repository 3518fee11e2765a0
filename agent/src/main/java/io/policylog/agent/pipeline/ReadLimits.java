package io.policylog.agent.pipeline;

/**
 * How a pipeline reads.
 *
 * @param maxLineBytes the longest line that is not malformed, without its line end
 * @param bufferBytes how much is read at once; the buffer grows only for a longer line
 */
public record ReadLimits(int maxLineBytes, int bufferBytes) {
    /** Large enough that a read costs nothing beside parsing, small enough for eight pipelines. */
    public static final int DEFAULT_BUFFER_BYTES = 1 << 18;
}
