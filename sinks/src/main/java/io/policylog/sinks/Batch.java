package io.policylog.sinks;

/**
 * The records of one read, in the order of the file, all of one segment. Lines are parsed and filtered while they are
 * visited, so a batch is visited at most once. It belongs to the pipeline: nothing of it is valid after
 * {@link Sink#write} has returned.
 */
public interface Batch {
    /** The segment's id as it stands in record ids; see {@link #recordId}. */
    String segmentId();

    /**
     * Hands every record that passes the filter, and every malformed line, to the visitor.
     *
     * @throws SinkException what the visitor threw; the rest of the batch is then not visited
     */
    void forEach(LineVisitor visitor) throws SinkException;

    /** The stable identity of the line that begins at a byte offset: {@code <segment id>:<offset>}. */
    default String recordId(long offset) {
        return segmentId() + ':' + offset;
    }
}
