package io.policylog.parser;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * The known keys of one kind of object, in the order of the normalized record, and what a parser expects to see next.
 *
 * <p>A key is recognised by comparing two words. Which key comes next is guessed from what came after the same key in
 * the last object of this kind: a writer hardly ever changes its mind. After a wrong guess the only other key that it
 * can be is found by a hash over those of the sixteen bytes that belong to every one of the keys; the multiplier that
 * makes the hash perfect is searched once.
 *
 * <p>The guesses change with each line, so each parser has keys of its own.
 */
final class Keys {
    private static final int HASH_BITS = 5;

    private final Key[] keys;
    private final Key unknown = Key.unknown();
    /** By hash: the only key that it can be. */
    private final Key[] byHash = new Key[1 << HASH_BITS];

    private final long firstCommon;
    private final long secondCommon;
    private final long multiplier;

    private Keys(List<Key> keys) {
        this.keys = keys.toArray(Key[]::new);
        firstCommon = keys.stream().mapToLong(key -> key.firstMask).reduce(-1, (a, b) -> a & b);
        secondCommon = keys.stream().mapToLong(key -> key.secondMask).reduce(-1, (a, b) -> a & b);
        SplittableRandom random = new SplittableRandom(1);
        multiplier = random.longs().filter(this::isPerfect).findFirst().orElseThrow();
        Arrays.fill(byHash, unknown);
        Key previous = unknown;
        for (Key key : keys) {
            byHash[hash(key.first, key.second, multiplier)] = key;
            previous.next = key;
            previous = key;
        }
    }

    private boolean isPerfect(long candidate) {
        return Arrays.stream(keys)
                        .mapToInt(key -> hash(key.first, key.second, candidate))
                        .distinct()
                        .count()
                == keys.length;
    }

    private int hash(long first, long second, long multiplier) {
        long bytes = (first & firstCommon) + Long.rotateLeft(second & secondCommon, Integer.SIZE);
        return (int) ((bytes * multiplier) >>> (Long.SIZE - HASH_BITS));
    }

    /** Puts keys together in the order of the normalized record. */
    static final class Builder {
        private final List<Key> keys = new ArrayList<>();

        Builder add(Key.Type type, String... names) {
            for (String name : names) {
                keys.add(new Key(name, keys.size(), type, null, 0));
            }
            return this;
        }

        Builder add(Key.Type type, String name, Keys child, int childBase) {
            keys.add(new Key(name, keys.size(), type, child, childBase));
            return this;
        }

        Keys build() {
            return new Keys(keys);
        }
    }

    Key get(int place) {
        return keys[place];
    }

    /** What stands for every key that is not known, and for the one before the first. */
    Key unknown() {
        return unknown;
    }

    /**
     * The key whose {@code "key":} stands at {@code at}, from where {@link Key#REACH} bytes can be read; {@link #unknown}
     * if none stands there so.
     *
     * @param previous the known key before it, or {@link #unknown}
     */
    Key match(byte[] line, int at, Key previous) {
        long first = Swar.word(line, at);
        long second = Swar.word(line, at + Long.BYTES);
        Key guess = previous.next;
        if (guess.matches(first, second)) {
            return guess;
        }
        Key key = byHash[hash(first, second, multiplier)];
        if (key.isKnown() && key.matches(first, second)) {
            previous.next = key;
            return key;
        }
        return unknown;
    }

    /** The key that the text of a JSON string stands for, escapes decoded, or {@link #unknown}. */
    Key find(byte[] line, int from, int end) {
        for (Key key : keys) {
            if (Arrays.equals(line, from, end, key.nameBytes, 0, key.nameBytes.length)) {
                return key;
            }
        }
        String text = decodeEscapes(line, from, end);
        for (Key key : keys) {
            if (key.name.equals(text)) {
                return key;
            }
        }
        return unknown;
    }

    /** Null where there are no escapes to decode. */
    private static @Nullable String decodeEscapes(byte[] line, int from, int end) {
        return JsonText.indexOfEscape(line, from, end) < end ? JsonText.decode(line, from, end) : null;
    }
}
