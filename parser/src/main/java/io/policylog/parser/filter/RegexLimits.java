package io.policylog.parser.filter;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What RE2/J must not be given. It matches in linear time, but while it compiles
 *
 * <ul>
 *   <li>{@code ((a{1000}){1000}){1000}} becomes a program of a billion instructions, and parentheses cost stack: see
 *       {@link #size};
 *   <li>ignoring case, some letters never end: see {@link #canFoldForever}.
 * </ul>
 */
final class RegexLimits {
    static final int MAX_NESTING = 100;

    private static final Pattern IGNORES_CASE = Pattern.compile("\\(\\?[a-zA-Z]*i");
    private static final Pattern HEXADECIMAL = Pattern.compile("\\\\x\\{0*([0-9a-fA-F]{1,6})\\}");

    /** The Cyrillic letters U+1C80 to U+1C88, small forms whose capital has another small form. */
    private static final int FIRST_ENDLESS = 0x1c80;

    private static final int LAST_ENDLESS = 0x1c88;

    private final String pattern;
    private int at;

    private RegexLimits(String pattern) {
        this.pattern = pattern;
    }

    /**
     * An upper estimate of the program's instructions, at most {@link Integer#MAX_VALUE}; that too for a pattern nested
     * deeper than allowed. Counts an atom as one and multiplies by what repeats it; what it does not understand it
     * leaves to RE2/J to refuse.
     */
    static int size(String pattern) {
        return new RegexLimits(pattern).run();
    }

    /**
     * Whether RE2/J 1.8 may compile the pattern for ever: it walks from a letter to its other cases until it is back, and
     * from nine letters, which are newer than its tables, it never comes back (google/re2j issue 168). So, ignoring case,
     * those must not stand in a pattern, nor in a range of a class. The check is coarse: it takes a letter past them
     * behind a dash for such a range, once the pattern has a class at all.
     */
    static boolean canFoldForever(String pattern) {
        if (!IGNORES_CASE.matcher(pattern).find()) {
            return false;
        }
        // Escaped or not, a letter is a letter.
        String letters = HEXADECIMAL.matcher(pattern).replaceAll(match -> {
            int codePoint = Integer.parseInt(match.group(1), 16);
            return Character.isValidCodePoint(codePoint) ? Matcher.quoteReplacement(Character.toString(codePoint)) : "";
        });
        boolean hasClass = false;
        int previous = 0;
        for (int i = 0; i < letters.length(); i += Character.charCount(previous)) {
            int letter = letters.codePointAt(i);
            hasClass |= letter == '[';
            if (letter >= FIRST_ENDLESS && (letter <= LAST_ENDLESS || (hasClass && previous == '-'))) {
                return true;
            }
            previous = letter;
        }
        return false;
    }

    private int run() {
        Deque<Long> outer = new ArrayDeque<>();
        long sum = 1;
        long atom = 0;
        while (at < pattern.length()) {
            char c = pattern.charAt(at++);
            switch (c) {
                case '(' -> {
                    outer.push(sum);
                    if (outer.size() > MAX_NESTING) {
                        return Integer.MAX_VALUE;
                    }
                    sum = 2;
                    atom = 0;
                }
                case ')' -> {
                    atom = sum;
                    sum = outer.isEmpty() ? atom : outer.pop() + atom;
                }
                case '{' -> {
                    long times = repetition();
                    sum += atom * (times - 1);
                    atom *= times;
                }
                default -> {
                    if (c == '\\') {
                        at = endOfEscape();
                    } else if (c == '[') {
                        at = endOfClass();
                    }
                    atom = 1;
                    sum++;
                }
            }
            sum = Math.min(sum, Integer.MAX_VALUE);
            atom = Math.min(atom, Integer.MAX_VALUE);
        }
        return (int) sum;
    }

    /** The larger number of {@code {n,m}}, 1 if it is no repetition. */
    private long repetition() {
        int close = pattern.indexOf('}', at);
        if (close < 0 || close - at > 16) {
            return 1;
        }
        long times = 1;
        for (String number : pattern.substring(at, close).split(",", 2)) {
            if (!number.isEmpty() && number.length() <= 9 && number.chars().allMatch(c -> c >= '0' && c <= '9')) {
                times = Math.max(times, Long.parseLong(number) + 1);
            }
        }
        return times;
    }

    private int endOfEscape() {
        if (at < pattern.length() && pattern.charAt(at) == 'Q') {
            int end = pattern.indexOf("\\E", at);
            return end < 0 ? pattern.length() : end + 2;
        }
        return Math.min(at + 1, pattern.length());
    }

    private int endOfClass() {
        int end = at;
        if (end < pattern.length() && pattern.charAt(end) == '^') {
            end++;
        }
        if (end < pattern.length() && pattern.charAt(end) == ']') {
            end++;
        }
        while (end < pattern.length() && pattern.charAt(end) != ']') {
            boolean isNamed = pattern.startsWith("[:", end) && pattern.indexOf(":]", end) > 0;
            end = pattern.charAt(end) == '\\' ? end + 2 : isNamed ? pattern.indexOf(":]", end) + 2 : end + 1;
        }
        return Math.min(end + 1, pattern.length());
    }
}
