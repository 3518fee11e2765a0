package io.policylog.sinks.kafka;

import java.util.Arrays;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.Producer;
import org.jspecify.annotations.Nullable;

/** Records that go to the producer together, and the bytes of their values. Belongs to one thread at a time. */
final class SendBlock {
    private static final int VALUE_BYTES = 64 << 10;

    private static final int RECORDS = 256;

    /** A longer value has an array of its own: it would leave too much of a block empty. */
    static final int MAX_COPIED_BYTES = VALUE_BYTES / 4;

    private final byte[] values = new byte[VALUE_BYTES];
    private int valueBytes;

    private final @Nullable LineRecord[] records = new LineRecord[RECORDS];
    private final @Nullable Callback[] callbacks = new Callback[RECORDS];
    private int size;

    boolean isEmpty() {
        return size == 0;
    }

    /** Whether a record with a value of this length can be added; a longer one than is copied needs an empty block. */
    boolean hasRoomFor(int valueLength) {
        return size < RECORDS && valueLength <= VALUE_BYTES - valueBytes;
    }

    /** Copies a value that there is room for. */
    Slice copy(byte[] array, int offset, int length) {
        if (length > MAX_COPIED_BYTES) {
            return new Slice(Arrays.copyOfRange(array, offset, offset + length), 0, length);
        }
        System.arraycopy(array, offset, values, valueBytes, length);
        Slice copy = new Slice(values, valueBytes, length);
        valueBytes += length;
        return copy;
    }

    /** Adds a record whose value was copied. */
    void add(LineRecord record, Callback callback) {
        records[size] = record;
        callbacks[size] = callback;
        size++;
    }

    /**
     * Gives all to the producer, in order, until one fails: each of them could wait as long as the first, and what comes
     * after it would be sent again.
     */
    void sendTo(Producer<byte[], Slice> producer, SendFailures sendFailures) {
        for (int i = 0; i < size && !sendFailures.any(); i++) {
            var _ = producer.send(records[i], callbacks[i]);
        }
    }

    /** Makes room again. */
    void clear() {
        Arrays.fill(records, 0, size, null);
        Arrays.fill(callbacks, 0, size, null);
        size = 0;
        valueBytes = 0;
    }
}
