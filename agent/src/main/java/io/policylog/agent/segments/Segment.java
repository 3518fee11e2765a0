package io.policylog.agent.segments;

import java.io.IOException;
import java.util.List;
import java.util.Optional;

/**
 * One file's worth of the log, as the last scan saw it. Immutable: the store publishes a new one when something changes.
 *
 * @param sequence its place in the order
 * @param id what it is, with the suffix that tells it from one that begins alike
 * @param copies the files that hold it, best first; empty for a moment when the only one was truncated
 * @param size in bytes, as far as it was seen
 * @param finished whether no more bytes are expected: its end is the segment's end
 * @param active whether one of them is the active file, which the writer appends to
 * @param closed whether the writer itself is known to have closed it, so that no byte can come late
 * @param name its name in the log directory, if it has one
 * @param afterGap whether segments before it may have come and gone without being seen
 */
public record Segment(
        long sequence,
        String id,
        List<Copy> copies,
        long size,
        boolean finished,
        boolean active,
        boolean closed,
        Optional<String> name,
        boolean afterGap) {

    public Segment {
        copies = List.copyOf(copies);
    }

    /** One file that holds the segment's bytes. */
    public static final class Copy {
        private final Pin pin;
        private final Compression compression;
        private final Head head;
        private final long size;

        Copy(Pin pin, Compression compression, Head head, long size) {
            this.pin = pin;
            this.compression = compression;
            this.head = head;
            this.size = size;
        }

        /** What the file must begin with. */
        public Head head() {
            return head;
        }

        /**
         * Whether what was just read from the file is the segment's. Nobody cuts back a compressed file, and to look at
         * its beginning is to decompress it anew.
         */
        public boolean intact(SegmentInput opened) throws IOException {
            return compression != Compression.NONE || head.matches(opened);
        }

        /** Opens the file; throws when it is gone. The caller closes what it gets. */
        public SegmentInput open() throws IOException {
            return compression == Compression.NONE
                    ? new SegmentInput.Plain(pin.open(), pin.owned())
                    : new SegmentInput.Decompressed(pin.open(), pin.owned(), compression, size);
        }
    }
}
