package io.policylog.agent.pipeline;

import io.policylog.agent.segments.SegmentInput;
import io.policylog.sinks.Position;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * The last bytes before the reader's offset, for the check of the next position. Remembered while reading: at the commit
 * the file may be truncated already. Confined to the pipeline's thread.
 */
final class Tail {
    private final byte[] bytes = new byte[Position.Check.BYTES];
    private int length;

    void clear() {
        length = 0;
    }

    /** Takes the end of what was just read. */
    void append(byte[] buffer, int count) {
        int added = Math.min(count, bytes.length);
        int kept = Math.min(length, bytes.length - added);
        System.arraycopy(bytes, length - kept, bytes, 0, kept);
        System.arraycopy(buffer, count - added, bytes, kept, added);
        length = kept + added;
    }

    /** Takes what lies in a file before an offset; false when the file does not reach so far. */
    boolean read(SegmentInput input, long end) throws IOException {
        length = (int) Math.min(bytes.length, end);
        if (input.read(ByteBuffer.wrap(bytes, 0, length), end - length) < length) {
            length = 0;
            return false;
        }
        return true;
    }

    /** The check for an offset, if all the bytes before it are known that belong into it. */
    Optional<Position.Check> check(long offset) {
        if (offset == 0 || length < Math.min(bytes.length, offset)) {
            return Optional.empty();
        }
        CRC32C crc = new CRC32C();
        crc.update(bytes, 0, length);
        return Optional.of(new Position.Check(offset, (int) crc.getValue()));
    }
}
