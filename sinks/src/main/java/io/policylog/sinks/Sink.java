package io.policylog.sinks;

import java.util.Optional;

/**
 * A destination. A sink owns the durability of its position, because only it can make records and position one fact.
 *
 * <p>All methods are called by the pipeline's thread, one after the other. Each returns or throws within the
 * {@code sinkTimeout}. After a {@link SinkException} the pipeline calls {@link #close}, waits, calls {@link #open} and
 * resumes from the position that it returns: nothing survives in memory that the position does not cover.
 */
public interface Sink extends AutoCloseable {
    /** Connects, and tells where to resume; empty when no position was ever committed. */
    Optional<Position> open() throws SinkException;

    /** When the pipeline writes and commits. Asked after {@link #open}, and after each {@link #commit}. */
    CommitPolicy commitPolicy();

    /**
     * Takes the lines of a batch. May block: that is the backpressure. Owns nothing of the batch after it returns. A
     * record that the destination can never accept is treated as a malformed line, not thrown.
     */
    void write(Batch batch) throws SinkException;

    /** Makes everything written so far durable, together with this position. */
    void commit(Position position) throws SinkException;

    /**
     * Lets go of everything; what was not committed is undone where that is possible. Called in any state, also twice;
     * the sink can be opened again. Returns within a few seconds whatever the destination does, and never throws.
     */
    @Override
    void close();
}
