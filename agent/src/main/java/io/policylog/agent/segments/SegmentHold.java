package io.policylog.agent.segments;

/** Tells the store what a pipeline still needs. Called by the store's thread. */
@FunctionalInterface
public interface SegmentHold {
    /** Holds everything: the pipeline's position is not known yet. */
    long ALL = Long.MIN_VALUE;

    /** The sequence number of the oldest segment that the pipeline's committed position lies in, or {@link #ALL}. */
    long heldFrom();
}
