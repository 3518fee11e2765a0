package io.policylog.parser;

import static java.nio.charset.StandardCharsets.UTF_8;

import org.jspecify.annotations.Nullable;

/** One known key of one kind of object; or, as {@link Keys#unknown}, none of them. */
final class Key {
    /** What the value of a known key must be. */
    enum Type {
        STRING(true),
        /** A string whose ASCII letters are small when normalized. */
        LOWER_CASE(true),
        TIMESTAMP(true),
        PORT(false),
        COUNT(false),
        /** An integer of any size. */
        INTEGER(false),
        /** An array of strings. */
        STRINGS(false),
        OBJECT(false),
        /** An object with {@code namespace} and {@code pod_namespace}, each of which stands for the other. */
        WORKLOAD(false),
        /** The array of policies. */
        POLICIES(false);

        private final boolean quoted;

        Type(boolean quoted) {
            this.quoted = quoted;
        }

        /** Whether the value has quotes, which are not counted as part of it. */
        boolean quoted() {
            return quoted;
        }
    }

    /** How many bytes from a key's first quote are looked at. {@code "key":} of every known key fits in. */
    static final int REACH = 2 * Long.BYTES;

    /** The place of a key that is not known: after all others. */
    private static final int UNKNOWN = Integer.SIZE - 1;

    final String name;
    final byte[] nameBytes;
    final Type type;
    /** The keys of the value if it is an object or an array of objects. */
    final @Nullable Keys child;
    /** Where the block of the value begins in {@link LineIndex}; for an array, that of its first element. */
    final int childBase;
    /** The key's place among the keys of its object in a normalized record. */
    final int place;
    /** The length of {@code "key":}. */
    final int length;

    /** The two words that {@code "key":} begins with, and which of their bits belong to it. */
    final long first;

    final long second;
    final long firstMask;
    final long secondMask;

    /** What came after this key in the last object of its kind. */
    Key next = this;

    Key(String name, int place, Type type, @Nullable Keys child, int childBase) {
        this.name = name;
        this.nameBytes = name.getBytes(UTF_8);
        this.type = type;
        this.child = child;
        this.childBase = childBase;
        this.place = place;
        byte[] literal = ('"' + name + "\":").getBytes(UTF_8);
        this.length = literal.length;
        byte[] words = new byte[REACH];
        byte[] masks = new byte[REACH];
        for (int i = 0; i < length; i++) {
            words[i] = literal[i];
            masks[i] = -1;
        }
        first = Swar.word(words, 0);
        second = Swar.word(words, Long.BYTES);
        firstMask = Swar.word(masks, 0);
        secondMask = Swar.word(masks, Long.BYTES);
    }

    /** What stands for every key that is not known. */
    static Key unknown() {
        return new Key("", UNKNOWN, Type.STRING, null, 0);
    }

    boolean isKnown() {
        return place != UNKNOWN;
    }

    /** Whether {@code "key":} is what two words begin with. */
    boolean matches(long firstWord, long secondWord) {
        return (((firstWord ^ first) & firstMask) | ((secondWord ^ second) & secondMask)) == 0;
    }

    /**
     * Writes the key as it stands before its value in a normalized record, {@code "key":}, and returns the position
     * after it. {@link #REACH} bytes are written, whatever the key's length.
     */
    int write(byte[] out, int at) {
        Swar.putWord(out, at, first);
        Swar.putWord(out, at + Long.BYTES, second);
        return at + length;
    }
}
