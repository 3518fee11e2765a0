package io.policylog.parser.filter;

import io.policylog.parser.JsonText;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The query of {@code SEARCH}: words that must all be there, each as a whole word, ignoring case, in any value and any
 * order. Letters and digits make words, everything else separates them. Between backticks stands a phrase, whose words
 * must follow each other in one value. Collects what it has found while it visits the values of one record, so it belongs
 * to one thread.
 */
final class SearchWords implements JsonWalker.Visitor {
    private final List<String> phrases = new ArrayList<>();
    private final boolean[] found;
    private int missing;

    SearchWords(String query) {
        String[] parts = query.split("`", -1);
        for (int i = 0; i < parts.length; i++) {
            String words = words(parts[i]);
            if (i % 2 == 1 && i < parts.length - 1) {
                addPhrase(words);
            } else {
                for (String word : words.strip().split(" ", -1)) {
                    addPhrase(words(word));
                }
            }
        }
        found = new boolean[phrases.size()];
    }

    private void addPhrase(String words) {
        if (words.length() > 1 && !phrases.contains(words)) {
            phrases.add(words);
        }
    }

    boolean isEmpty() {
        return phrases.isEmpty();
    }

    /** Forgets what was found. */
    void begin() {
        Arrays.fill(found, false);
        missing = found.length;
    }

    /** Looks for what is missing in one more text; true once everything has been found. */
    boolean visit(String text) {
        String words = words(text);
        for (int i = 0; i < found.length; i++) {
            if (!found[i] && words.contains(phrases.get(i))) {
                found[i] = true;
                missing--;
            }
        }
        return missing == 0;
    }

    @Override
    public boolean value(ValueTest.Kind kind, byte[] json, int offset, int length) {
        return switch (kind) {
            case STRING, NUMBER, TRUE, FALSE -> visit(JsonText.decode(json, offset, offset + length));
            case NULL, OBJECT -> false;
        };
    }

    @Override
    public boolean descends() {
        return true;
    }

    /** The words of the text in lower case, a blank before, between and after them. */
    private static String words(String text) {
        StringBuilder words = new StringBuilder(text.length() + 2).append(' ');
        Fold.fold(text).codePoints().forEach(codePoint -> {
            if (Character.isLetterOrDigit(codePoint)) {
                words.appendCodePoint(codePoint);
            } else if (words.charAt(words.length() - 1) != ' ') {
                words.append(' ');
            }
        });
        return words.charAt(words.length() - 1) == ' '
                ? words.toString()
                : words.append(' ').toString();
    }
}
