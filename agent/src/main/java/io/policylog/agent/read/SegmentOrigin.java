package io.policylog.agent.read;

import io.policylog.agent.segments.Head;
import io.policylog.parser.ResourceLabels;
import java.time.Instant;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** A line of a segment. One object serves line after line, and segment after segment. */
final class SegmentOrigin implements Origin {
    private final ResourceLabels labels;
    private byte[] firstLine = {};
    private boolean known;
    private @Nullable String segmentId;
    private long offset;

    /** @param labels what was said about where the files come from */
    SegmentOrigin(ResourceLabels labels) {
        this.labels = labels;
    }

    /** Goes to another segment. */
    void begin() {
        known = false;
        segmentId = null;
    }

    /** Goes to a line of {@code buffer}. */
    void at(byte[] buffer, int start, int end, long lineOffset) {
        if (!known) {
            // The id is asked for only now and then, and making it is not for free.
            firstLine = Arrays.copyOfRange(buffer, start, end);
            known = true;
        }
        offset = lineOffset;
    }

    @Override
    public String insertId() {
        if (segmentId == null) {
            segmentId = Head.id(firstLine, 0, firstLine.length);
        }
        return segmentId + ':' + offset;
    }

    /** Not known: the file may have been read by others before. */
    @Override
    public @Nullable Instant receiveTimestamp() {
        return null;
    }

    @Override
    public ResourceLabels labels() {
        return labels;
    }
}
