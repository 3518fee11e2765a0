package io.policylog.sinks;

import io.policylog.parser.MalformedLine;
import io.policylog.parser.PolicyRecord;

/** Takes the lines of a batch, one by one. Both arguments are flyweights: valid during the call only. */
public interface LineVisitor {
    /**
     * Takes a record that passed the filter.
     *
     * @param offset the byte offset in the segment at which the record's line begins
     */
    void record(PolicyRecord record, long offset) throws SinkException;

    /**
     * Takes a line that is not a record; no filter applies to it.
     *
     * @param offset the byte offset in the segment at which the line begins
     */
    void malformed(MalformedLine line, long offset) throws SinkException;
}
