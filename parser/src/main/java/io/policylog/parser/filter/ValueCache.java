package io.policylog.parser.filter;

import io.policylog.parser.JsonText;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Remembers what a test said about a text, by the text's bytes. Two places a hash, a newcomer takes the older one; a
 * collision costs a run of the test, never a wrong answer, since the bytes are compared. Belongs to one thread.
 *
 * <p>Bounded: {@code entries} texts of at most {@value #MAX_TEXT_BYTES} bytes; a longer one (names in Kubernetes have at
 * most 253) is tested each time.
 */
final class ValueCache {
    static final int MAX_TEXT_BYTES = 256;

    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private final byte[] @Nullable [] keys;
    private final boolean[] results;

    /** @param entries a power of two, at least 2 */
    ValueCache(int entries) {
        this.keys = new byte[entries][];
        this.results = new boolean[entries];
    }

    boolean test(byte[] json, int offset, int length, TextTest test) {
        if (length > MAX_TEXT_BYTES) {
            return test.test(JsonText.decode(json, offset, offset + length));
        }
        int first = (int) hash(json, offset, length) & (keys.length - 2);
        int second = first + 1;
        if (holds(first, json, offset, length)) {
            return results[first];
        }
        if (holds(second, json, offset, length)) {
            return results[second];
        }
        boolean result = test.test(JsonText.decode(json, offset, offset + length));
        keys[second] = keys[first];
        results[second] = results[first];
        keys[first] = Arrays.copyOfRange(json, offset, offset + length);
        results[first] = result;
        return result;
    }

    private boolean holds(int place, byte[] json, int offset, int length) {
        byte[] key = keys[place];
        return key != null && Arrays.equals(key, 0, key.length, json, offset, offset + length);
    }

    /** Multiply and fold, eight bytes a step. Need not be strong: a collision is only slow. */
    private static long hash(byte[] json, int offset, int length) {
        long hash = length * 0x9e3779b97f4a7c15L;
        int end = offset + length;
        int at = offset;
        for (; at + 8 <= end; at += 8) {
            hash = mix(hash ^ (long) LONG.get(json, at));
        }
        long rest = 0;
        for (; at < end; at++) {
            rest = rest << 8 | (json[at] & 0xff);
        }
        return mix(hash ^ rest);
    }

    private static long mix(long value) {
        long product = value * 0xd6e8feb86659fd93L;
        return product ^ product >>> 32;
    }
}
