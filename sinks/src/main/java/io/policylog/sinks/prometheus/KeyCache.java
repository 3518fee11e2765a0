package io.policylog.sinks.prometheus;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Which series a raw key counts into, and what was counted since the last {@link #settle}. Several keys lead to one
 * series (each rollout gives a workload's pods another owner), so this is a cache: when it is full it is emptied and
 * learns again. Confined to the pipeline's thread.
 *
 * <p>Once there are thousands of keys, the time goes into waiting for memory. So what one record touches lies close
 * together: one word of an open-addressed table (linear probing), which holds half of the hash and where the entry is;
 * and the entry: size, count, and the key's words. The series itself is touched by {@link #settle} only.
 */
final class KeyCache {
    private static final int MIN_SLOTS = 256;
    /** A key of the default labels has about 17 words, and an entry two more. */
    private static final int WORDS_PER_ENTRY = 24;

    private static final int SIZE = 0;
    private static final int COUNT = 1;
    private static final int KEY = 2;

    private static final long HASH_HALF = 0xffff_ffff_0000_0000L;

    private final int maxSlots;
    private final int maxWords;
    /** Upper half: the hash's upper half. Lower half: where the entry begins, plus one; 0 in an empty slot. */
    private long[] slots = new long[MIN_SLOTS];

    private long[] entries = new long[MIN_SLOTS / 2 * WORDS_PER_ENTRY];
    /** The series of each entry, in the order of the entries. */
    private @Nullable Series[] series = new Series[MIN_SLOTS / 2];

    private int usedWords;
    private int size;

    /** @param keys how many keys of usual length are kept, about */
    KeyCache(int keys) {
        maxSlots = Math.max(MIN_SLOTS, Integer.highestOneBit(Math.max(1, keys * 2 - 1)) << 1);
        maxWords = maxSlots / 2 * WORDS_PER_ENTRY;
    }

    /** Counts for a key; false when the key is not known (any more). */
    boolean add(KeyBuffer key, long hash, long count) {
        long[] in = entries;
        int mask = slots.length - 1;
        for (int slot = (int) (hash >>> Integer.SIZE) & mask; ; slot = (slot + 1) & mask) {
            long found = slots[slot];
            if (found == 0) {
                return false;
            }
            int entry = (int) found - 1;
            if (((found ^ hash) & HASH_HALF) == 0 && isAt(entry, key)) {
                in[entry + COUNT] = Series.sum(in[entry + COUNT], count);
                return true;
            }
        }
    }

    private boolean isAt(int entry, KeyBuffer key) {
        if (entries[entry + SIZE] != key.size()) {
            return false;
        }
        int words = key.words();
        for (int i = 0; i < words; i++) {
            if (entries[entry + KEY + i] != key.word(i)) {
                return false;
            }
        }
        return true;
    }

    /** Remembers a key that {@link #add} did not find. */
    void put(KeyBuffer key, long hash, Series value, long nowSecond) {
        int needed = KEY + key.words();
        if (size * 2 >= slots.length) {
            if (slots.length < maxSlots) {
                grow();
            } else {
                clear(nowSecond);
            }
        }
        if (usedWords + needed > entries.length) {
            if (entries.length < maxWords) {
                entries = Arrays.copyOf(entries, Math.min(maxWords, entries.length * 2));
            } else {
                clear(nowSecond);
            }
        }
        int entry = usedWords;
        entries[entry + SIZE] = key.size();
        entries[entry + COUNT] = 0;
        for (int i = 0; i < key.words(); i++) {
            entries[entry + KEY + i] = key.word(i);
        }
        series[size++] = value;
        usedWords += needed;
        insert((hash & HASH_HALF) | (entry + 1));
    }

    /** Adds to each series what was counted for its keys. */
    void settle(long nowSecond) {
        int entry = 0;
        for (int i = 0; i < size; i++) {
            long count = entries[entry + COUNT];
            Series owner = series[i];
            if (count != 0 && owner != null) {
                owner.add(count, nowSecond);
                entries[entry + COUNT] = 0;
            }
            entry += KEY + (int) (entries[entry + SIZE] + Long.BYTES - 1) / Long.BYTES;
        }
    }

    /** Forgets all keys, but nothing that was counted. */
    void clear(long nowSecond) {
        settle(nowSecond);
        Arrays.fill(slots, 0);
        Arrays.fill(series, null);
        usedWords = 0;
        size = 0;
    }

    private void insert(long word) {
        int mask = slots.length - 1;
        int slot = (int) (word >>> Integer.SIZE) & mask;
        while (slots[slot] != 0) {
            slot = (slot + 1) & mask;
        }
        slots[slot] = word;
    }

    private void grow() {
        long[] old = slots;
        slots = new long[old.length * 2];
        series = Arrays.copyOf(series, slots.length / 2);
        for (long word : old) {
            if (word != 0) {
                insert(word);
            }
        }
    }
}
