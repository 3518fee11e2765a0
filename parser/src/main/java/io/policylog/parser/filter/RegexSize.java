package io.policylog.parser.filter;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * How large the program of a regular expression may become, before it is compiled: RE2/J runs in linear time, but
 * {@code ((a{1000}){1000}){1000}} has a billion instructions, and parentheses cost stack. Counts an atom as one and
 * multiplies by what repeats it; what it does not understand it leaves to RE2/J to refuse.
 */
final class RegexSize {
    static final int MAX_NESTING = 100;

    private final String pattern;
    private int at;

    private RegexSize(String pattern) {
        this.pattern = pattern;
    }

    /** An upper estimate, at most {@link Integer#MAX_VALUE}; that too for a pattern nested deeper than allowed. */
    static int of(String pattern) {
        return new RegexSize(pattern).run();
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
