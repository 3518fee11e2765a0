package io.policylog.sinks.prometheus;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.concurrent.ThreadLocalRandom;

/**
 * The raw bytes of the fields that decide a record's series, gathered as one key, so that finding the series needs no
 * string. Confined to the pipeline's thread.
 *
 * <p>After each slice stands its length in one byte. Read from the end, a key of known size has one meaning only, as long
 * as the kinds of its parts are always the same: two keys are equal exactly when all parts are. Of each slice 32 bytes are
 * copied, without looking whether it is shorter: that costs less than branches that nobody can predict. What is copied
 * too much is overwritten by what follows, at last by zeros, so that hash and comparison work on whole words.
 *
 * <p>The hash is a folded 64×64→128 bit multiplication for each word, as in wyhash (Wang Yi,
 * github.com/wangyi-fudan/wyhash), in two lanes and with a random seed: names are chosen by whoever creates pods.
 */
final class KeyBuffer {
    /** The longest slice that a key can hold. Kubernetes' longest names (DNS subdomains, RFC 1123) have this length. */
    static final int MAX_SLICE_BYTES = 253;

    private static final int AT_ONCE_BYTES = 32;
    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long MULTIPLIER = 0xa0761d6478bd642fL;

    private final long seed = ThreadLocalRandom.current().nextLong();
    private final byte[] bytes;
    private int size;
    private boolean complete;

    /** @param slices the most slices of one key */
    KeyBuffer(int slices) {
        // What is copied too much after the last slice, and the zeros, need room too.
        bytes = new byte[slices * (MAX_SLICE_BYTES + 1) + AT_ONCE_BYTES + Long.BYTES];
    }

    void clear() {
        size = 0;
        complete = true;
    }

    /** Appends bytes; if they are too many the key is no longer {@link #isComplete}. */
    void add(byte[] array, int offset, int length) {
        if (length > MAX_SLICE_BYTES) {
            complete = false;
            return;
        }
        int to = size;
        if (offset + length + AT_ONCE_BYTES <= array.length) {
            LONGS.set(bytes, to, (long) LONGS.get(array, offset));
            LONGS.set(bytes, to + 8, (long) LONGS.get(array, offset + 8));
            LONGS.set(bytes, to + 16, (long) LONGS.get(array, offset + 16));
            LONGS.set(bytes, to + 24, (long) LONGS.get(array, offset + 24));
            for (int i = AT_ONCE_BYTES; i < length; i += Long.BYTES) {
                LONGS.set(bytes, to + i, (long) LONGS.get(array, offset + i));
            }
        } else {
            System.arraycopy(array, offset, bytes, to, length);
        }
        bytes[to + length] = (byte) length;
        size = to + length + 1;
    }

    /** Appends an empty slice. */
    void addEmpty() {
        bytes[size++] = 0;
    }

    /** Ends the key; afterwards come {@link #hash} and {@link #word}. */
    void end() {
        LONGS.set(bytes, size, 0L);
    }

    /** Whether the key holds all that was added; one that does not must not be used. */
    boolean isComplete() {
        return complete;
    }

    /** In bytes. */
    int size() {
        return size;
    }

    /** In words, the last one filled up with zeros. */
    int words() {
        return (size + Long.BYTES - 1) / Long.BYTES;
    }

    long word(int index) {
        return (long) LONGS.get(bytes, index * Long.BYTES);
    }

    long hash() {
        long even = seed ^ size;
        long odd = ~seed;
        int words = words();
        int i = 0;
        for (; i + 1 < words; i += 2) {
            even = mix(even ^ word(i));
            odd = mix(odd ^ word(i + 1));
        }
        if (i < words) {
            even = mix(even ^ word(i));
        }
        return mix(even ^ Long.rotateLeft(odd, 32));
    }

    private static long mix(long word) {
        return word * MULTIPLIER ^ Math.unsignedMultiplyHigh(word, MULTIPLIER);
    }
}
