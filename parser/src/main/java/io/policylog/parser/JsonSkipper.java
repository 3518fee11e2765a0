package io.policylog.parser;

import java.util.Arrays;

/**
 * Checks JSON (RFC 8259) without keeping any of it: the values of unknown keys, and those of known keys that are not
 * what they should be. Works in one loop, not by recursion, so no nesting can exhaust the stack; the memory for the
 * nesting is one bit a level, so at most an eighth of the longest line.
 *
 * <p>Each method takes the position of a byte of the line and returns the position after what it read, or -1 where
 * the line is not JSON.
 */
final class JsonSkipper {
    private final int maxDepth;
    private byte[] line = {};
    private int end;
    /** One bit for each open container: 1 for an object. */
    private long[] nesting = new long[1];

    private boolean sawSpace;
    private boolean tooDeep;

    JsonSkipper(int maxDepth) {
        this.maxDepth = maxDepth;
    }

    void begin(byte[] line, int end) {
        this.line = line;
        this.end = end;
        sawSpace = false;
        tooDeep = false;
    }

    /** Whether a container stood below {@link Limits#maxDepth} since the line began. */
    boolean tooDeep() {
        return tooDeep;
    }

    /** Whether white space stood between two tokens of a value since the last call. */
    boolean takeSawSpace() {
        boolean saw = sawSpace;
        sawSpace = false;
        return saw;
    }

    /** Notes that a container stands at this depth. */
    void enter(int depth) {
        tooDeep |= depth > maxDepth;
    }

    /** The first position from {@code at} that holds no white space; never -1, but perhaps the line's end. */
    int space(int at) {
        int p = at;
        while (p < end && isSpace(line[p])) {
            p++;
        }
        sawSpace |= p > at;
        return p;
    }

    private static boolean isSpace(byte b) {
        return b == ' ' || b == '\t' || b == '\r' || b == '\n';
    }

    /**
     * Reads one value, after which anything may stand.
     *
     * @param at where the value, or white space before it, begins
     * @param depth how deep the value would stand if it were a container
     */
    int value(int at, int depth) {
        int open = 0;
        int p = at;
        while (true) {
            p = space(p);
            if (p == end) {
                return -1;
            }
            byte first = line[p];
            if (first == '{' || first == '[') {
                enter(depth + open);
                push(open++, first == '{');
                p = space(p + 1);
                if (p < end && line[p] == first + 2) { // '}' is '{' + 2, and ']' is '[' + 2
                    open--;
                    p++;
                } else {
                    if (first == '{') {
                        p = key(p);
                    }
                    if (p < 0) {
                        return -1;
                    }
                    continue;
                }
            } else {
                p = scalar(p, first);
            }
            while (p >= 0 && open > 0) {
                p = space(p);
                if (p == end) {
                    return -1;
                }
                boolean object = isObject(open - 1);
                byte next = line[p++];
                if (next == ',') {
                    p = object ? key(p) : p;
                    break;
                }
                if (next != (object ? '}' : ']')) {
                    return -1;
                }
                open--;
            }
            if (p < 0 || open == 0) {
                return p;
            }
        }
    }

    private void push(int level, boolean object) {
        int word = level >>> 6;
        if (word == nesting.length) {
            nesting = Arrays.copyOf(nesting, word * 2);
        }
        long bit = 1L << level;
        nesting[word] = object ? nesting[word] | bit : nesting[word] & ~bit;
    }

    private boolean isObject(int level) {
        return (nesting[level >>> 6] & (1L << level)) != 0;
    }

    /** A key and its colon. */
    private int key(int at) {
        int p = space(at);
        if (p == end || line[p] != '"') {
            return -1;
        }
        p = stringEnd(p + 1);
        return p < 0 ? -1 : colon(p + 1);
    }

    /** A colon, perhaps after white space. */
    int colon(int at) {
        int p = space(at);
        return p < end && line[p] == ':' ? p + 1 : -1;
    }

    private int scalar(int at, byte first) {
        return switch (first) {
            case '"' -> {
                int quote = stringEnd(at + 1);
                yield quote < 0 ? -1 : quote + 1;
            }
            case 't' -> literal(at, "true");
            case 'f' -> literal(at, "false");
            case 'n' -> literal(at, "null");
            default -> number(at);
        };
    }

    private int literal(int at, String literal) {
        if (end - at < literal.length()) {
            return -1;
        }
        for (int i = 1; i < literal.length(); i++) {
            if (line[at + i] != literal.charAt(i)) {
                return -1;
            }
        }
        return at + literal.length();
    }

    /** The closing quote of a string of which {@code at} is a byte within the quotes. */
    int stringEnd(int at) {
        int p = at;
        while (true) {
            p = Swar.plainEnd(line, p, end);
            if (p == end) {
                return -1;
            }
            byte b = line[p];
            if (b == '"') {
                return p;
            }
            p = b == '\\' ? escape(p) : b < 0 ? Utf8.sequenceEnd(line, p, end) : -1;
            if (p < 0) {
                return -1;
            }
        }
    }

    private int escape(int at) {
        if (end - at < 2) {
            return -1;
        }
        return switch (line[at + 1]) {
            case '"', '\\', '/', 'b', 'f', 'n', 'r', 't' -> at + 2;
            case 'u' -> {
                if (end - at < 6) {
                    yield -1;
                }
                for (int i = at + 2; i < at + 6; i++) {
                    if (line[i] < 0 || Character.digit(line[i], 16) < 0) {
                        yield -1;
                    }
                }
                yield at + 6;
            }
            default -> -1;
        };
    }

    private int number(int at) {
        int p = line[at] == '-' ? at + 1 : at;
        if (p < end && line[p] == '0') {
            p++;
        } else {
            p = digits(p);
        }
        if (p >= 0 && p < end && line[p] == '.') {
            p = digits(p + 1);
        }
        if (p >= 0 && p < end && (line[p] == 'e' || line[p] == 'E')) {
            p++;
            if (p < end && (line[p] == '+' || line[p] == '-')) {
                p++;
            }
            p = digits(p);
        }
        return p;
    }

    /** At least one digit. */
    private int digits(int at) {
        int p = at;
        while (p < end && line[p] >= '0' && line[p] <= '9') {
            p++;
        }
        return p > at ? p : -1;
    }
}
