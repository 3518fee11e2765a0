package io.policylog.sinks.prometheus;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.prometheus.metrics.model.snapshots.Labels;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
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
            byte[] array = new byte[before + bytes.length + random.nextInt(12)];
            random.nextBytes(array);
            System.arraycopy(bytes, 0, array, before, bytes.length);
            key.add(array, before, bytes.length);
        }
    }

    private static Series series() {
        return new Series(Labels.EMPTY, 0, 0);
    }

    @Test
    void findsWhatAMapFinds() {
        long seed = new Random().nextLong();
        System.out.println("seed " + seed);
        Random random = new Random(seed);
        KeyCache cache = new KeyCache(20_000);
        Map<List<String>, Series> model = new HashMap<>();
        for (int i = 0; i < 40_000; i++) {
            List<String> parts = new ArrayList<>();
            for (int part = 0; part < PARTS; part++) {
                // Few letters and lengths around a word, so that parts often differ in their borders only.
                parts.add("ab".repeat(random.nextInt(6)) + "a".repeat(random.nextInt(3)));
            }
            fill(parts, random);
            Series found = cache.get(key, key.hash());
            assertSame(model.get(parts), found, () -> parts + " seed " + seed);
            if (found == null) {
                Series added = series();
                cache.put(key, key.hash(), added);
                model.put(parts, added);
            }
        }
        assertTrue(model.size() > 5_000, model.size() + " keys, seed " + seed);
    }

    @Test
    void keysOfOneHashAreToldApart() {
        KeyCache cache = new KeyCache(100);
        Random random = new Random(1);
        Map<String, Series> model = new HashMap<>();
        for (int i = 0; i < 50; i++) {
            fill(List.of("part-" + i), random);
            Series added = series();
            cache.put(key, 42, added);
            model.put("part-" + i, added);
        }
        model.forEach((part, expected) -> {
            fill(List.of(part), random);
            assertSame(expected, cache.get(key, 42));
        });
        fill(List.of("another"), random);
        assertNull(cache.get(key, 42));
    }

    @Test
    void aFullCacheForgetsAndStaysRight() {
        KeyCache cache = new KeyCache(100);
        Random random = new Random(2);
        String longest = "x".repeat(KeyBuffer.MAX_SLICE_BYTES - 5);
        int forgotten = 0;
        for (int i = 0; i < 20_000; i++) {
            List<String> parts = List.of(longest + i % 7_000);
            fill(parts, random);
            if (cache.get(key, key.hash()) == null) {
                Series added = series();
                cache.put(key, key.hash(), added);
                forgotten++;
                assertSame(added, cache.get(key, key.hash()));
            }
        }
        assertTrue(forgotten > 7_000, forgotten + " forgotten");
    }

    @Test
    void aKeyHoldsSlicesOfTheGreatestLengthAndNoLonger() {
        byte[] array = "x".repeat(KeyBuffer.MAX_SLICE_BYTES + 1).getBytes(UTF_8);
        key.clear();
        for (int i = 0; i < PARTS; i++) {
            key.add(array, 0, KeyBuffer.MAX_SLICE_BYTES);
        }
        assertTrue(key.isComplete());
        assertEquals(PARTS * 32, key.size());
        key.clear();
        key.add(array, 0, KeyBuffer.MAX_SLICE_BYTES + 1);
        assertFalse(key.isComplete());
    }
}
