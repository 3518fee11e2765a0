package io.policylog.parser.format;

/**
 * How a table looks.
 *
 * @param colour whether the verdict is coloured: only for a terminal, and only if {@code NO_COLOR} does not say otherwise
 * @param width how many columns of a terminal a line may fill; 0 for as many as it needs
 * @param wide whether the pods and the node are shown too; nothing is cut then, whatever the width
 * @param ascii whether nothing but ASCII may be shown, for a terminal with a character set that nobody knows
 */
public record TableOptions(boolean colour, int width, boolean wide, boolean ascii) {
    /** For a pipe or a file: no colour, nothing cut. */
    public static final TableOptions PLAIN = new TableOptions(false, 0, false, false);

    public TableOptions {
        if (width < 0) {
            throw new IllegalArgumentException("width must not be negative: " + width);
        }
    }
}
