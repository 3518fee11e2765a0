package io.policylog.parser;

/** Finds the ends of lines. */
public final class LineEnds {
    private LineEnds() {}

    /** The index of the first {@code \n} in {@code [start, end)}, or {@code end}. */
    public static int next(byte[] buffer, int start, int end) {
        return Swar.indexOf((byte) '\n', buffer, start, end);
    }
}
