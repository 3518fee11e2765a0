package io.policylog.agent.pipeline;

import io.policylog.parser.EntryMetadata;
import io.policylog.parser.PolicyRecord;
import io.policylog.parser.filter.Filter;
import io.policylog.parser.filter.Verdict;
import java.time.Instant;
import java.time.InstantSource;

/** A compiled query as a pipeline's filter. Belongs to the pipeline's thread. */
public final class QueryFilter implements LineFilter, EntryMetadata {
    private final Filter filter;
    private final InstantSource time;
    private String segmentId = "";
    private long offset;

    public QueryFilter(Filter filter, InstantSource time) {
        this.filter = filter;
        this.time = time;
    }

    @Override
    public boolean accepts(PolicyRecord record, String segmentIdOfRecord, long offsetOfRecord) {
        segmentId = segmentIdOfRecord;
        offset = offsetOfRecord;
        return filter.test(record, this) == Verdict.TRUE;
    }

    @Override
    public String insertId() {
        return segmentId + ':' + offset;
    }

    @Override
    public Instant receiveTimestamp() {
        return time.instant();
    }
}
