package io.policylog.agent.segments;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The beginning of a segment: what it is. The id is the first 128 bits, in hex, of SHA-256 (FIPS 180-4) over the first
 * line without its line end, or over its first 64 KiB if it is longer. Immutable.
 */
public final class Head {
    private static final int MAX_LINE_BYTES = 1 << 16;
    /** Enough to reach the timestamp of an ordinary line: two lines can agree in much more than their first 64 bytes. */
    private static final int KEPT_BYTES = 1024;

    private final String id;
    private final byte[] kept;

    private Head(String id, byte[] kept) {
        this.id = id;
        this.kept = kept;
    }

    /**
     * The head of a file, or empty while its first line is not complete.
     *
     * @param ended whether nothing more will come: then a first line without a line end is complete
     */
    static Optional<Head> of(SegmentInput input, boolean ended) throws IOException {
        // Most first lines are short: read a little, and more only if there is no line end in it.
        for (int capacity = KEPT_BYTES; ; capacity = MAX_LINE_BYTES) {
            ByteBuffer buffer = ByteBuffer.allocate(capacity);
            int length = input.read(buffer, 0);
            int end = 0;
            while (end < length && buffer.get(end) != '\n') {
                end++;
            }
            if (end < length || length == MAX_LINE_BYTES || (ended && length > 0 && length < capacity)) {
                byte[] bytes = buffer.array();
                return Optional.of(new Head(id(bytes, 0, end), Arrays.copyOf(bytes, Math.min(end, KEPT_BYTES))));
            }
            if (length < capacity) {
                return Optional.empty();
            }
        }
    }

    /** The id of a segment whose first line, or as much of it as counts, is {@code bytes[from, to)}. */
    public static String id(byte[] bytes, int from, int to) {
        MessageDigest digest = sha256();
        digest.update(bytes, from, Math.min(to - from, MAX_LINE_BYTES));
        return HexFormat.of().formatHex(digest.digest(), 0, 16);
    }

    /** The segment id, without the suffixes that tell alike segments apart. */
    String id() {
        return id;
    }

    /** Whether the file still begins with these bytes. False means: truncated, and perhaps written anew. */
    public boolean matches(SegmentInput input) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(kept.length);
        return input.read(buffer, 0) == kept.length && Arrays.equals(buffer.array(), kept);
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Head head && id.equals(head.id) && Arrays.equals(kept, head.kept);
    }

    @Override
    public int hashCode() {
        return id.hashCode();
    }

    @Override
    public String toString() {
        return id;
    }
}
