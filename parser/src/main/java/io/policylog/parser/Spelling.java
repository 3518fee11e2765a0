package io.policylog.parser;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;

/** Finds what somebody probably meant. */
public final class Spelling {
    private static final int MAX_LENGTH = 64;

    private Spelling() {}

    /** The known word that is nearest, if one is near: up to a third of its letters differ. */
    public static Optional<String> nearest(String word, Collection<String> known) {
        if (word.length() > MAX_LENGTH) {
            return Optional.empty();
        }
        String plain = plain(word);
        return known.stream()
                .filter(k -> distance(plain, plain(k)) <= Math.max(1, k.length() / 3))
                .min(Comparator.comparingInt((String k) -> distance(plain, plain(k)))
                        .thenComparing(Comparator.naturalOrder()));
    }

    /** {@code ; did you mean "x"?}, or all that is known. */
    public static String hint(String word, Collection<String> known) {
        return nearest(word, known)
                .map(k -> "; did you mean \"" + k + "\"?")
                .orElse("; known are: " + String.join(", ", known));
    }

    /** {@code max_line}, {@code max-line} and {@code MaxLine} are all {@code maxLine}, badly written. */
    private static String plain(String word) {
        return word.toLowerCase(Locale.ROOT).replaceAll("[-_]", "");
    }

    /** Edits (insert, remove, replace, swap of neighbours) between two words: optimal string alignment. */
    public static int distance(String a, String b) {
        int[][] edits = new int[a.length() + 1][b.length() + 1];
        for (int i = 0; i <= a.length(); i++) {
            for (int j = 0; j <= b.length(); j++) {
                if (i == 0 || j == 0) {
                    edits[i][j] = i + j;
                    continue;
                }
                boolean equal = a.charAt(i - 1) == b.charAt(j - 1);
                int best =
                        Math.min(edits[i - 1][j - 1] + (equal ? 0 : 1), 1 + Math.min(edits[i - 1][j], edits[i][j - 1]));
                boolean swapped =
                        i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1);
                edits[i][j] = swapped ? Math.min(best, edits[i - 2][j - 2] + 1) : best;
            }
        }
        return edits[a.length()][b.length()];
    }
}
