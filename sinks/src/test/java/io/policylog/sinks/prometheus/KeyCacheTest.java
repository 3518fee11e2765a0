package io.policylog.sinks.prometheus;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.prometheus.metrics.model.snapshots.Labels;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

class KeyCacheTest {
    private static final int PARTS = 4;

    private final KeyBuffer key = new KeyBuffer(PARTS);

    /** Fills the key with slices that lie somewhere in an array, right at its end too. */
    private void fill(List<String> parts, Random random) {
        key.clear();
        for (String part : parts) {
            byte[] bytes = part.getBytes(UTF_8);
            int before = random.nextInt(12);
            byte[] array = new byte[before + bytes.length + random.nextInt(48)];
            random.nextBytes(array);
            System.arraycopy(bytes, 0, array, before, bytes.length);
            key.add(array, before, bytes.length);
        }
        key.end();
    }

    private static Series series() {
        return new Series(Labels.EMPTY, 0, 0);
    }

    /** Counts for the key as a sink does; a new key gets a series of its own. */
    private boolean count(KeyCache cache, long hash, Supplier<Series> owner) {
        if (cache.add(key, hash, 1)) {
            return true;
        }
        Series series = owner.get();
        series.add(1, 1);
        cache.put(key, hash, series, 1);
        return false;
    }

    @Test
    void countsWhatAMapCounts() {
        long seed = new Random().nextLong();
        System.out.println("seed " + seed);
        Random random = new Random(seed);
        for (int keys : new int[] {20_000, 1_000}) {
            KeyCache cache = new KeyCache(keys);
            Map<List<String>, Series> series = new HashMap<>();
            Map<List<String>, Long> model = new HashMap<>();
            for (int i = 0; i < 40_000; i++) {
                List<String> parts = new ArrayList<>();
                for (int part = 0; part < PARTS; part++) {
                    // Few letters and lengths around a word, so that parts often differ in their borders only.
                    parts.add("ab".repeat(random.nextInt(6)) + "a".repeat(random.nextInt(3)));
                }
                fill(parts, random);
                count(cache, key.hash(), () -> series.computeIfAbsent(parts, k -> series()));
                model.merge(parts, 1L, Long::sum);
            }
            cache.settle(2);
            model.forEach((parts, count) -> assertEquals(
                    count, Objects.requireNonNull(series.get(parts)).count(), () -> parts + " seed " + seed));
            assertTrue(model.size() > 5_000, model.size() + " keys, seed " + seed);
        }
    }

    @Test
    void keysOfOneHashAreToldApart() {
        KeyCache cache = new KeyCache(100);
        Random random = new Random(1);
        List<Series> all = new ArrayList<>();
        for (int round = 0; round < 2; round++) {
            for (int i = 0; i < 50; i++) {
                fill(List.of("part-" + i), random);
                boolean known = count(cache, 42, () -> {
                    all.add(series());
                    return all.getLast();
                });
                assertEquals(round == 1, known);
            }
        }
        cache.settle(2);
        assertEquals(50, all.size());
        all.forEach(series -> assertEquals(2, series.count()));
    }

    @Test
    void settlingTellsWhenASeriesChanged() {
        KeyCache cache = new KeyCache(100);
        fill(List.of("a"), new Random(1));
        Series series = series();
        cache.put(key, key.hash(), series, 1);
        cache.settle(5);
        assertEquals(0, series.changedSecond());
        assertTrue(cache.add(key, key.hash(), Long.MAX_VALUE));
        assertTrue(cache.add(key, key.hash(), Long.MAX_VALUE));
        cache.settle(6);
        cache.settle(7);
        assertEquals(6, series.changedSecond());
        assertEquals(Long.MAX_VALUE, series.count());
    }

    @Test
    void aFullCacheForgetsKeysAndNoCounts() {
        KeyCache cache = new KeyCache(100);
        Random random = new Random(2);
        String longest = "x".repeat(KeyBuffer.MAX_SLICE_BYTES - 5);
        Map<Integer, Series> series = new HashMap<>();
        int forgotten = 0;
        for (int i = 0; i < 20_000; i++) {
            int number = i % 700;
            fill(List.of(longest + number), random);
            forgotten += count(cache, key.hash(), () -> series.computeIfAbsent(number, k -> series())) ? 0 : 1;
        }
        cache.clear(3);
        assertTrue(forgotten > 700, forgotten + " forgotten");
        assertEquals(20_000, series.values().stream().mapToLong(Series::count).sum());
    }

    @Test
    void aKeyHoldsSlicesOfTheGreatestLengthAndNoLonger() {
        byte[] array = "x".repeat(KeyBuffer.MAX_SLICE_BYTES + 100).getBytes(UTF_8);
        key.clear();
        for (int i = 0; i < PARTS; i++) {
            key.add(array, 0, KeyBuffer.MAX_SLICE_BYTES);
        }
        key.end();
        assertTrue(key.isComplete());
        assertEquals(PARTS * (KeyBuffer.MAX_SLICE_BYTES + 1), key.size());
        key.clear();
        key.add(array, 0, KeyBuffer.MAX_SLICE_BYTES + 1);
        assertFalse(key.isComplete());
    }
}
