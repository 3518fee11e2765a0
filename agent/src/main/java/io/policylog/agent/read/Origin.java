package io.policylog.agent.read;

import io.policylog.parser.EntryMetadata;
import io.policylog.parser.ResourceLabels;

/** Where a record comes from: a line of a segment, or a log entry that was exported. */
interface Origin extends EntryMetadata {
    /** The resource that the log belongs to, as far as it is known. */
    ResourceLabels labels();
}
