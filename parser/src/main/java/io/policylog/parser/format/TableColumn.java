package io.policylog.parser.format;

import io.policylog.parser.Printable;

/**
 * A column of a table that is written while its rows are still to come. A fixed one cuts what does not fit; a growing one
 * becomes as wide as the widest text so far, up to a limit, past which a text stands out. Widths are in code points.
 */
final class TableColumn {
    private final boolean isFixed;
    private final int widest;
    private int width;

    private TableColumn(boolean isFixed, int width, int widest) {
        this.isFixed = isFixed;
        this.width = width;
        this.widest = widest;
    }

    static TableColumn fixed(int width) {
        return new TableColumn(true, width, width);
    }

    static TableColumn growing(int width, int widest) {
        return new TableColumn(false, width, widest);
    }

    void append(StringBuilder line, String text) {
        append(line, text, "");
    }

    /** Appends the text, its ending and blanks up to the column's width; the text is cut before its ending is. */
    void append(StringBuilder line, String text, String ending) {
        int start = line.length();
        if (isFixed) {
            int endingWidth = codePoints(ending);
            line.append(cut(text, Math.max(1, width - endingWidth))).append(cut(ending, width - 1));
        } else {
            line.append(text).append(ending);
        }
        int used = line.codePointCount(start, line.length());
        width = Math.max(width, Math.min(used, widest));
        line.repeat(' ', Math.max(0, width - used));
    }

    /**
     * At most {@code width} code points of {@code namespace/name}, or of a name alone. The name says more, so the
     * namespace gives way first.
     */
    static String cut(String text, int width) {
        int slash = text.indexOf('/');
        int left = width - (codePoints(text) - (slash < 0 ? 0 : text.codePointCount(0, slash)));
        return slash > 0 && left > 0
                ? Printable.cut(text.substring(0, slash), left) + text.substring(slash)
                : Printable.cut(text, width);
    }

    private static int codePoints(String text) {
        return text.codePointCount(0, text.length());
    }
}
