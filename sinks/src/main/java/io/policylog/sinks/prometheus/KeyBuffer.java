package io.policylog.sinks.prometheus;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.concurrent.ThreadLocalRandom;

/**
 * The raw bytes of the fields that decide a record's series, as one key: copied once into 64-bit words, so that hashing
 * and comparing work on whole words and never build a string. Confined to the pipeline's thread.
 *
 * <p>A slice of n bytes takes n/8 + 1 words; the last byte of its last word is n. Read from the end, such a key has one
 * meaning only, as long as the kinds of its parts are always the same: two keys are equal exactly when all parts are.
 *
 * <p>The hash is a folded 64×64→128 bit multiplication for each word, as in wyhash (Wang Yi,
 * github.com/wangyi-fudan/wyhash), in two lanes and with a random seed: names are chosen by whoever creates pods.
 */
final class KeyBuffer {
    /** The longest slice that a key can hold. Kubernetes' longest names (DNS subdomains, RFC 1123) have this length. */
    static final int MAX_SLICE_BYTES = 253;

    private static final int MAX_SLICE_WORDS = MAX_SLICE_BYTES / Long.BYTES + 1;
    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long MULTIPLIER = 0xa0761d6478bd642fL;

    private final long seed = ThreadLocalRandom.current().nextLong();
    private final long[] words;
    private int size;
    private boolean complete;

    /** @param parts the most slices and numbers of one key */
    KeyBuffer(int parts) {
        words = new long[parts * MAX_SLICE_WORDS];
    }

    void clear() {
        size = 0;
        complete = true;
    }

    void add(long number) {
        words[size++] = number;
    }

    /** Appends bytes; if they are too many the key is no longer {@link #isComplete}. */
    void add(byte[] array, int offset, int length) {
        if (length > MAX_SLICE_BYTES) {
            complete = false;
            return;
        }
        int at = offset;
        int end = offset + (length & -Long.BYTES);
        int word = size;
        for (; at < end; at += Long.BYTES) {
            words[word++] = (long) LONGS.get(array, at);
        }
        words[word++] = tail(array, at, length & (Long.BYTES - 1)) | (long) length << 56;
        size = word;
    }

    private static long tail(byte[] array, int at, int count) {
        if (at + Long.BYTES <= array.length) {
            return (long) LONGS.get(array, at) & ((1L << (count * Byte.SIZE)) - 1);
        }
        long word = 0;
        for (int i = count - 1; i >= 0; i--) {
            word = word << Byte.SIZE | (array[at + i] & 0xff);
        }
        return word;
    }

    /** Whether the key holds all that was added; one that does not must not be used. */
    boolean isComplete() {
        return complete;
    }

    long[] words() {
        return words;
    }

    int size() {
        return size;
    }

    long hash() {
        long even = seed ^ size;
        long odd = ~seed;
        int i = 0;
        for (; i + 1 < size; i += 2) {
            even = mix(even ^ words[i]);
            odd = mix(odd ^ words[i + 1]);
        }
        if (i < size) {
            even = mix(even ^ words[i]);
        }
        return mix(even ^ Long.rotateLeft(odd, 32));
    }

    private static long mix(long word) {
        return word * MULTIPLIER ^ Math.unsignedMultiplyHigh(word, MULTIPLIER);
    }
}
