package io.policylog.agent.pipeline;

import io.policylog.parser.PolicyRecord;

/** Decides which records a sink gets. Used by one pipeline's thread. */
@FunctionalInterface
public interface LineFilter {
    /** Lets every record pass. */
    LineFilter ALL = (record, batchSegmentId, offset) -> true;

    /** Whether the sink gets the record whose line begins at an offset of a segment. */
    boolean accepts(PolicyRecord record, String segmentId, long offset);
}
