package io.policylog.parser;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/**
 * The known keys of one kind of object, in the order of the normalized record, and what a parser expects to see next.
 *
 * <p>{@code "key":} fits in sixteen bytes for every known key, so a key is recognised by comparing two words. Which key
 * comes next is guessed from what came after the same key in the last object of this kind: a writer hardly ever
 * changes its mind. After a wrong guess the only other key that it can be is found by a hash over those of the sixteen
 * bytes that belong to every one of the keys; the multiplier that makes the hash perfect is searched once.
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
        POLICIES;

        /** Whether the value's quotes are not counted as part of it. */
        boolean isQuoted() {
            return this == STRING || this == LOWER_CASE || this == TIMESTAMP;
        }
    }

    /**
     * @param child the keys of the value if it is an object or an array of objects
     * @param childBase where the child's cells begin in {@link LineIndex}; for an array, those of its first element
     */
    record Member(String name, Type type, Keys child, int childBase) {}

    /** How many bytes from a key's first quote are looked at. */
    static final int REACH = 2 * Long.BYTES;

    static final int NONE = -1;

    private static final int WORDS = 4;
    private static final int HASH_BITS = 5;

    private final List<Member> members;
    private final Type[] types;
    private final byte[][] names;
    private final byte[][] literals;
    /** For each key, the two words that {@code "key":} begins with, each followed by the mask of its bytes. */
    private final long[] words;

    /** By the key before, plus one: the key that came next the last time. */
    private final byte[] next;
    /** By hash: the key, or some key where there is none. */
    private final byte[] byHash = new byte[1 << HASH_BITS];

    private long firstCommon = -1;
    private long secondCommon = -1;
    private long multiplier = 1;

    Keys(Member... members) {
        this.members = List.of(members);
        int count = members.length;
        types = new Type[count];
        names = new byte[count][];
        literals = new byte[count][];
        words = new long[count * WORDS];
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
            words[k * WORDS] = Swar.word(word, 0);
            words[k * WORDS + 1] = Swar.word(mask, 0);
            words[k * WORDS + 2] = Swar.word(word, Long.BYTES);
            words[k * WORDS + 3] = Swar.word(mask, Long.BYTES);
            firstCommon &= words[k * WORDS + 1];
            secondCommon &= words[k * WORDS + 3];
            next[k] = (byte) k;
        }
        SplittableRandom multipliers = new SplittableRandom(count);
        while (!hashIsPerfect()) {
            multiplier = multipliers.nextLong();
        }
    }

    private boolean hashIsPerfect() {
        long used = 0;
        for (int k = 0; k < types.length; k++) {
            int hash = hash(words[k * WORDS], words[k * WORDS + 2]);
            if ((used & 1L << hash) != 0) {
                return false;
            }
            used |= 1L << hash;
            byHash[hash] = (byte) k;
        }
        return true;
    }

    private int hash(long first, long second) {
        long bytes = (first & firstCommon) + Long.rotateLeft(second & secondCommon, Integer.SIZE);
        return (int) (bytes * multiplier >>> Long.SIZE - HASH_BITS);
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

    /**
     * Writes the key as it stands before its value in a normalized record, {@code "key":}, and returns the position
     * after it. {@link #REACH} bytes are written, whatever the key's length.
     */
    int write(int key, byte[] out, int at) {
        Swar.putWord(out, at, words[key * WORDS]);
        Swar.putWord(out, at + Long.BYTES, words[key * WORDS + 2]);
        return at + literals[key].length;
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
        byte key = byHash[hash(first, second)];
        if (is(key, first, second)) {
            next[previous + 1] = key;
            return key;
        }
        return NONE;
    }

    private boolean is(int key, long first, long second) {
        int at = key * WORDS;
        return (((first ^ words[at]) & words[at + 1]) | ((second ^ words[at + 2]) & words[at + 3])) == 0;
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
