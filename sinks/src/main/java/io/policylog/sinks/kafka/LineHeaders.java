package io.policylog.sinks.kafka;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.jspecify.annotations.Nullable;

/**
 * The headers of one line: those that it shares with others, and its {@code id}. The producer keeps them until the record
 * is acknowledged, and thousands are under way, so they are kept as what they are made of. Immutable.
 */
final class LineHeaders implements Headers {
    /** Of the largest long. */
    private static final int MAX_DIGITS = 19;

    private final Header[] shared;
    private final byte[] idPrefix;
    private final long offset;

    /**
     * The arrays are not to be changed any more.
     *
     * @param idPrefix what the ids of the segment's lines begin with
     * @param offset of the line in the segment
     */
    @SuppressWarnings("ArrayIsStoredDirectly")
    LineHeaders(Header[] shared, byte[] idPrefix, long offset) {
        this.shared = shared;
        this.idPrefix = idPrefix;
        this.offset = offset;
    }

    /** The record's id, {@link io.policylog.sinks.Batch#recordId}, in ASCII. */
    byte[] id() {
        int digits = 1;
        for (long power = 10; power <= offset && digits < MAX_DIGITS; power *= 10) {
            digits++;
        }
        byte[] id = Arrays.copyOf(idPrefix, idPrefix.length + digits);
        long rest = offset;
        for (int i = id.length - 1; i >= idPrefix.length; i--) {
            // The first compiler really divides; of 32 bits, a multiplication does (Hacker's Delight, 10-3).
            long tenth = rest <= 0xFFFF_FFFFL ? (rest * 0xCCCC_CCCDL) >>> 35 : rest / 10;
            id[i] = (byte) ('0' + (rest - tenth * 10));
            rest = tenth;
        }
        return id;
    }

    String idText() {
        return new String(id(), US_ASCII);
    }

    @Override
    public Header[] toArray() {
        // The first compiler makes the array of Arrays.copyOf by reflection, in native code.
        Header[] all = new Header[shared.length + 1];
        System.arraycopy(shared, 0, all, 0, shared.length);
        all[shared.length] = new ByteHeader("id", id());
        return all;
    }

    @Override
    public Iterator<Header> iterator() {
        return List.of(toArray()).iterator();
    }

    @Override
    public Iterable<Header> headers(String key) {
        return Arrays.stream(toArray())
                .filter(header -> header.key().equals(key))
                .toList();
    }

    @Override
    public @Nullable Header lastHeader(String key) {
        return Arrays.stream(toArray())
                .filter(header -> header.key().equals(key))
                .reduce((_, last) -> last)
                .orElse(null);
    }

    @Override
    public Headers add(Header header) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Headers add(String key, byte[] value) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Headers remove(String key) {
        throw new UnsupportedOperationException();
    }
}
