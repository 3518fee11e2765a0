package io.policylog.parser.filter;

import io.policylog.parser.Printable;
import java.util.Objects;

/**
 * A query that cannot be compiled. The message names the place, shows its line and points at it:
 *
 * <pre>
 * line 1, column 11: dest_port is a number; "http" is not
 *   dest_port=http
 *             ^
 * </pre>
 */
public final class FilterException extends Exception {
    private static final long serialVersionUID = 1L;

    /** How much of a long line is shown on each side of the place. */
    private static final int EXCERPT_CODE_POINTS = 50;

    private static final int LONGEST_PROBLEM = 300;

    private final int line;
    private final int column;
    private final String problem;

    FilterException(String query, int offset, String problem) {
        this(query, offset, problem, lineStart(query, offset));
    }

    private FilterException(String query, int offset, String problem, int lineStart) {
        super(message(query, offset, shown(problem), lineStart));
        this.line = lineNumber(query, lineStart);
        this.column = query.codePointCount(lineStart, offset) + 1;
        this.problem = shown(problem);
    }

    /** Place, problem, the line and a caret below it: three lines. */
    @Override
    public String getMessage() {
        return Objects.requireNonNull(super.getMessage());
    }

    /** The line of the query, from 1. */
    public int line() {
        return line;
    }

    /** The column in its line, in code points, from 1. */
    public int column() {
        return column;
    }

    /** What is wrong, without the place. */
    public String problem() {
        return problem;
    }

    /** The place as messages name it. */
    static String place(String query, int offset) {
        int lineStart = lineStart(query, offset);
        return "line " + lineNumber(query, lineStart) + ", column " + (query.codePointCount(lineStart, offset) + 1);
    }

    /** A text that may quote the query, short and printable. */
    static String shown(String text) {
        return Printable.of(head(text, LONGEST_PROBLEM));
    }

    private static String message(String query, int offset, String problem, int lineStart) {
        int lineEnd = query.indexOf('\n', offset);
        String before = tail(query.substring(lineStart, offset));
        String after = head(query.substring(offset, lineEnd < 0 ? query.length() : lineEnd), EXCERPT_CODE_POINTS);
        String shownBefore = Printable.of(before);
        return place(query, offset) + ": " + problem + "\n  " + shownBefore + Printable.of(after) + "\n  "
                + " ".repeat(shownBefore.codePointCount(0, shownBefore.length())) + "^";
    }

    private static String tail(String text) {
        int codePoints = text.codePointCount(0, text.length());
        return codePoints <= EXCERPT_CODE_POINTS
                ? text
                : "…" + text.substring(text.offsetByCodePoints(text.length(), -EXCERPT_CODE_POINTS));
    }

    private static String head(String text, int most) {
        int codePoints = text.codePointCount(0, text.length());
        return codePoints <= most ? text : text.substring(0, text.offsetByCodePoints(0, most)) + "…";
    }

    private static int lineStart(String query, int offset) {
        return query.lastIndexOf('\n', offset - 1) + 1;
    }

    private static int lineNumber(String query, int lineStart) {
        return (int) query.substring(0, lineStart)
                        .chars()
                        .filter(c -> c == '\n')
                        .count()
                + 1;
    }
}
