package io.policylog.parser;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Arrays;
import java.util.List;

/**
 * The known keys of one kind of object, in the order of the normalized record, and what a parser expects to see next.
 *
 * <p>{@code "key":} fits in sixteen bytes for every known key, so a key is recognised by comparing two words. Which key
 * comes next is guessed from what came after the same key in the last object of this kind: a writer hardly ever
 * changes its mind. A wrong guess costs a look at the other keys, nothing else.
 */
final class Keys {
    /** What the value of a known key must be. */
    enum Type {
        STRING,
        /** A string whose ASCII letters are small when normalized. */
        LOWER_CASE,
        TIMESTAMP,
        PORT,
        COUNT,
        /** An integer of any size. */
        INTEGER,
        /** An array of strings. */
        STRINGS,
        OBJECT,
        /** An object with {@code namespace} and {@code pod_namespace}, each of which stands for the other. */
        WORKLOAD,
        /** The array of policies. */
        POLICIES
    }

    /**
     * @param child the keys of the value if it is an object or an array of objects
     * @param childBase where the child's cells begin in {@link LineIndex}; for an array, those of its first element
     */
    record Member(String name, Type type, Keys child, int childBase) {}

    /** How many bytes from a key's first quote are looked at. */
    static final int REACH = 2 * Long.BYTES;

    static final int NONE = -1;

    private final List<Member> members;
    private final Type[] types;
    private final byte[][] names;
    private final byte[][] literals;
    private final long[] firstWords;
    private final long[] firstMasks;
    private final long[] secondWords;
    private final long[] secondMasks;
    /** By the key before, plus one: the key that came next the last time. */
    private final byte[] next;

    Keys(Member... members) {
        this.members = List.of(members);
        int count = members.length;
        types = new Type[count];
        names = new byte[count][];
        literals = new byte[count][];
        firstWords = new long[count];
        firstMasks = new long[count];
        secondWords = new long[count];
        secondMasks = new long[count];
        next = new byte[count + 1];
        for (int k = 0; k < count; k++) {
            types[k] = members[k].type();
            names[k] = members[k].name().getBytes(UTF_8);
            literals[k] = ('"' + members[k].name() + "\":").getBytes(UTF_8);
            byte[] word = new byte[REACH];
            byte[] mask = new byte[REACH];
            for (int i = 0; i < literals[k].length; i++) {
                word[i] = literals[k][i];
                mask[i] = -1;
            }
            firstWords[k] = Swar.word(word, 0);
            secondWords[k] = Swar.word(word, Long.BYTES);
            firstMasks[k] = Swar.word(mask, 0);
            secondMasks[k] = Swar.word(mask, Long.BYTES);
            next[k] = (byte) k;
        }
    }

    int size() {
        return types.length;
    }

    Type type(int key) {
        return types[key];
    }

    Member member(int key) {
        return members.get(key);
    }

    /** The key as it stands before its value in a normalized record: {@code "key":}. */
    byte[] literal(int key) {
        return literals[key];
    }

    int literalLength(int key) {
        return literals[key].length;
    }

    /**
     * The key whose {@code "key":} stands at {@code at}, from where {@link #REACH} bytes can be read; {@link #NONE} if
     * none stands there so.
     *
     * @param previous the known key before it, or {@link #NONE}
     */
    int match(byte[] line, int at, int previous) {
        long first = Swar.word(line, at);
        long second = Swar.word(line, at + Long.BYTES);
        int guess = next[previous + 1];
        if (is(guess, first, second)) {
            return guess;
        }
        for (int k = 0; k < types.length; k++) {
            if (is(k, first, second)) {
                next[previous + 1] = (byte) k;
                return k;
            }
        }
        return NONE;
    }

    private boolean is(int key, long first, long second) {
        return (((first ^ firstWords[key]) & firstMasks[key]) | ((second ^ secondWords[key]) & secondMasks[key])) == 0;
    }

    /** The key that the text of a JSON string stands for, escapes decoded, or {@link #NONE}. */
    int find(byte[] line, int from, int end) {
        for (int k = 0; k < names.length; k++) {
            if (Arrays.equals(line, from, end, names[k], 0, names[k].length)) {
                return k;
            }
        }
        for (int i = from; i < end; i++) {
            if (line[i] == '\\') {
                String text = JsonText.decode(line, from, end);
                for (int k = 0; k < names.length; k++) {
                    if (members.get(k).name().equals(text)) {
                        return k;
                    }
                }
                return NONE;
            }
        }
        return NONE;
    }
}
