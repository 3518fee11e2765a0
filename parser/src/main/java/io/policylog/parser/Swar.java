package io.policylog.parser;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * Looks at eight bytes at a time, as one little-endian {@code long}: the first byte is the lowest.
 *
 * <p>The tests for "is there a byte such that …" use the borrow and the carry of one subtraction or addition (H. S.
 * Warren, Hacker's Delight, 2nd ed., section 6-1: find first 0-byte). A borrow or a carry can spoil the bytes above the
 * first hit, never the ones below it, and only the first hit is used.
 */
final class Swar {
    private static final VarHandle WORD = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private static final long ONES = 0x0101010101010101L;
    private static final long HIGH = 0x8080808080808080L;

    private Swar() {}

    /** The eight bytes from {@code at}. */
    static long word(byte[] bytes, int at) {
        return (long) WORD.get(bytes, at);
    }

    static void putWord(byte[] bytes, int at, long word) {
        WORD.set(bytes, at, word);
    }

    /**
     * The first byte in {@code [from, end)} that cannot stand in a JSON string as it is and be skipped without a look: a
     * quote, a backslash, a control character, or a byte that is not ASCII; {@code end} if there is none.
     */
    static int plainEnd(byte[] bytes, int from, int end) {
        int at = from;
        for (int last = end - Long.BYTES; at <= last; at += Long.BYTES) {
            long word = word(bytes, at);
            long hits =
                    (((word ^ '"' * ONES) - ONES) | ((word ^ '\\' * ONES) - ONES) | (word - ' ' * ONES) | word) & HIGH;
            if (hits != 0) {
                return at + first(hits);
            }
        }
        while (at < end && bytes[at] >= ' ' && bytes[at] != '"' && bytes[at] != '\\') {
            at++;
        }
        return at;
    }

    /** Where the byte, which must be ASCII, stands first in {@code [from, end)}; {@code end} if it does not. */
    static int indexOf(byte wanted, byte[] bytes, int from, int end) {
        int at = from;
        for (int last = end - Long.BYTES; at <= last; at += Long.BYTES) {
            long others = word(bytes, at) ^ wanted * ONES;
            long hits = (others - ONES) & ~others & HIGH;
            if (hits != 0) {
                return at + first(hits);
            }
        }
        while (at < end && bytes[at] != wanted) {
            at++;
        }
        return at;
    }

    /**
     * Which is the first of the bytes whose high bit is set; only high bits may be, and one must. Without
     * {@link Long#numberOfTrailingZeros}, which the JVM's first compiler makes a dozen branches of.
     */
    private static int first(long high) {
        // Below the lowest one all bits are set, so the low bits of the bytes up to it are counted, by a
        // multiplication.
        return (int) ((((high & -high) - 1 & ONES) * ONES) >>> 56) - 1;
    }

    /** How many of the eight bytes, counted from the first, are ASCII digits before one that is not. */
    static int digits(long word) {
        long values = word ^ '0' * ONES;
        long others = ((values + 0x76 * ONES) | values) & HIGH;
        return first(others);
    }

    /** The number that the first {@code count} bytes, 1 to 8 ASCII digits, stand for. */
    static int number(long word, int count) {
        // Moved up, so that zeros stand before it; then neighbours are joined: 1 and 1 digit, 2 and 2, 4 and 4.
        long values = (word ^ '0' * ONES) << (Long.SIZE - (count << 3));
        long pairs = values * 10 + (values >>> 8);
        return (int) (((pairs & 0x000000FF000000FFL) * (100 + (1_000_000L << 32))
                        + ((pairs >>> 16) & 0x000000FF000000FFL) * (1 + (10_000L << 32)))
                >>> 32);
    }

    /** Whether an ASCII capital letter or a backslash stands in {@code [from, end)}. */
    static boolean hasCapitalOrBackslash(byte[] bytes, int from, int end) {
        if (end - from <= Long.BYTES && from + Long.BYTES <= bytes.length) {
            int unused = (Long.BYTES - (end - from)) << 3;
            return unused < Long.SIZE && hasCapitalOrBackslash(word(bytes, from) << unused);
        }
        for (int at = from; at < end; at++) {
            byte b = bytes[at];
            if ((b >= 'A' && b <= 'Z') || b == '\\') {
                return true;
            }
        }
        return false;
    }

    private static boolean hasCapitalOrBackslash(long word) {
        long low = word & ~HIGH;
        long capitals = (low + (0x80 - 'A') * ONES) & ~(low + (0x7F - 'Z') * ONES) & ~word;
        long others = word ^ '\\' * ONES;
        return ((capitals | ((others - ONES) & ~others)) & HIGH) != 0;
    }
}
