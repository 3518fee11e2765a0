package io.policylog.sinks.kafka;

import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;

/** Finds the name that was meant. */
final class Spelling {
    private Spelling() {}

    /** The name with the fewest changed characters, if those are at most a third of what was written. */
    static Optional<String> nearest(String written, Collection<String> names) {
        return names.stream()
                .min(Comparator.comparingInt((String name) -> distance(written, name))
                        .thenComparing(Comparator.naturalOrder()))
                .filter(name -> distance(written, name) <= Math.max(1, written.length() / 3));
    }

    /** How many characters must be added, removed or replaced (Levenshtein 1966), row by row. */
    private static int distance(String from, String to) {
        int[] row = new int[to.length() + 1];
        for (int j = 0; j <= to.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= from.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= to.length(); j++) {
                int replaced = diagonal + (from.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(replaced, 1 + Math.min(row[j], row[j - 1]));
            }
        }
        return row[to.length()];
    }
}
