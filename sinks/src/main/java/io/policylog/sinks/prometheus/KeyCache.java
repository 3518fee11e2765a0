package io.policylog.sinks.prometheus;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Which series a raw key counts into: an open-addressed table with linear probing, the keys' words one after the other
 * in one array. Several keys lead to one series (each rollout gives a workload's pods another owner), so this is a
 * cache: when it is full it is emptied and learns again. Confined to the pipeline's thread.
 */
final class KeyCache {
    private static final int MIN_SLOTS = 256;
    /** A key of the default labels has about 25 words. */
    private static final int WORDS_PER_KEY = 32;

    private final int maxSlots;
    private final int maxWords;
    private long[] hashes = new long[MIN_SLOTS];
    private int[] starts = new int[MIN_SLOTS];
    private @Nullable Series[] series = new Series[MIN_SLOTS];
    private long[] words = new long[MIN_SLOTS / 2 * WORDS_PER_KEY];
    private int usedWords;
    private int size;

    /** @param keys how many keys of usual length are kept, about */
    KeyCache(int keys) {
        maxSlots = Math.max(MIN_SLOTS, Integer.highestOneBit(Math.max(1, keys * 4 - 1)) << 1);
        maxWords = maxSlots / 2 * WORDS_PER_KEY;
    }

    /** The series of a key; null when it is not known (any more). */
    @Nullable
    Series get(KeyBuffer key, long hash) {
        long[] keyWords = key.words();
        int length = key.size();
        int mask = hashes.length - 1;
        for (int slot = (int) hash & mask; ; slot = slot + 1 & mask) {
            Series found = series[slot];
            if (found == null) {
                return null;
            }
            if (hashes[slot] == hash) {
                int start = starts[slot];
                if (words[start] == length
                        && Arrays.equals(words, start + 1, start + 1 + length, keyWords, 0, length)) {
                    return found;
                }
            }
        }
    }

    /** Remembers a key that {@link #get} did not find. */
    void put(KeyBuffer key, long hash, Series value) {
        int needed = key.size() + 1;
        if (size * 2 >= hashes.length) {
            if (hashes.length < maxSlots) {
                grow();
            } else {
                clear();
            }
        }
        if (usedWords + needed > words.length) {
            if (words.length < maxWords) {
                words = Arrays.copyOf(words, Math.min(maxWords, words.length * 2));
            } else {
                clear();
            }
            if (usedWords + needed > words.length) {
                return;
            }
        }
        words[usedWords] = key.size();
        System.arraycopy(key.words(), 0, words, usedWords + 1, key.size());
        insert(hash, usedWords, value);
        usedWords += needed;
        size++;
    }

    void clear() {
        Arrays.fill(series, null);
        usedWords = 0;
        size = 0;
    }

    private void insert(long hash, int start, Series value) {
        int mask = hashes.length - 1;
        int slot = (int) hash & mask;
        while (series[slot] != null) {
            slot = slot + 1 & mask;
        }
        hashes[slot] = hash;
        starts[slot] = start;
        series[slot] = value;
    }

    private void grow() {
        long[] oldHashes = hashes;
        int[] oldStarts = starts;
        @Nullable Series[] oldSeries = series;
        hashes = new long[oldHashes.length * 2];
        starts = new int[hashes.length];
        series = new Series[hashes.length];
        for (int slot = 0; slot < oldSeries.length; slot++) {
            Series value = oldSeries[slot];
            if (value != null) {
                insert(oldHashes[slot], oldStarts[slot], value);
            }
        }
    }
}
