package io.policylog.sinks.kafka;

import java.util.Arrays;
import org.apache.kafka.common.serialization.Serializer;
import org.jspecify.annotations.Nullable;

/**
 * Makes arrays of exactly a value's length, as a producer wants them. There is one array for each length, filled again for
 * each record: the producer copies from it before {@code send} returns. Confined to whoever sends.
 */
final class SliceSerializer implements Serializer<Slice> {
    /** Longer values get an array of their own, so that this takes two megabytes at most. */
    private static final int MAX_SHARED_BYTES = 2048;

    private final byte[] @Nullable [] shared = new byte[MAX_SHARED_BYTES + 1][];

    @Override
    public byte[] serialize(String topic, Slice slice) {
        int length = slice.length();
        if (length == slice.array().length) {
            return slice.array();
        }
        if (length > MAX_SHARED_BYTES) {
            return Arrays.copyOfRange(slice.array(), slice.offset(), slice.offset() + length);
        }
        byte[] value = shared[length];
        if (value == null) {
            value = new byte[length];
            shared[length] = value;
        }
        System.arraycopy(slice.array(), slice.offset(), value, 0, length);
        return value;
    }
}
