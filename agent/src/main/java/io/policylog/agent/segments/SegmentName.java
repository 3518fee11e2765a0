package io.policylog.agent.segments;

/**
 * What the name of a file in the log directory tells; only hints, for a name is not an identity.
 *
 * @param base the name of the active file that this one was, for example {@code policy_action.log}
 * @param kind who gave it its name
 * @param compression how it is compressed
 * @param time the part of the name that orders files with the same base; empty when there is none
 */
record SegmentName(String base, Kind kind, Compression compression, String time) {
    /** Who gave a file its name. */
    enum Kind {
        /** The writer, while it appends. */
        ACTIVE,
        /** The writer: it closes the file, then renames it to {@code <stem>-2006-01-02T15-04-05.000<extension>}. */
        WRITER_BACKUP,
        /** Another rotator: {@code .1} or {@code -20240820}, or a compressed file of any name. */
        ROTATED
    }

    private static final String BACKUP_TIME = "0000-00-00T00-00-00.000";

    static SegmentName of(String fileName) {
        Compression compression = Compression.ofName(fileName);
        String plain =
                fileName.substring(0, fileName.length() - compression.suffix().length());
        Kind closed = compression == Compression.NONE ? Kind.WRITER_BACKUP : Kind.ROTATED;

        int dot = plain.lastIndexOf('.');
        // The time itself has a dot, so its end is the extension's dot or the end of the name.
        for (int end : new int[] {dot, plain.length()}) {
            int start = end - BACKUP_TIME.length();
            if (start > 1 && plain.charAt(start - 1) == '-' && looksLike(BACKUP_TIME, plain, start)) {
                return new SegmentName(
                        plain.substring(0, start - 1) + plain.substring(end),
                        closed,
                        compression,
                        plain.substring(start, end));
            }
        }
        int digits = plain.length();
        while (digits > 0 && isDigit(plain.charAt(digits - 1))) {
            digits--;
        }
        int count = plain.length() - digits;
        if (digits > 1 && count > 0 && plain.charAt(digits - 1) == '.') {
            return new SegmentName(plain.substring(0, digits - 1), Kind.ROTATED, compression, "");
        }
        if (digits > 1 && count >= 8 && plain.charAt(digits - 1) == '-') {
            return new SegmentName(plain.substring(0, digits - 1), Kind.ROTATED, compression, plain.substring(digits));
        }
        return new SegmentName(plain, compression == Compression.NONE ? Kind.ACTIVE : Kind.ROTATED, compression, "");
    }

    private static boolean looksLike(String pattern, String text, int start) {
        for (int i = 0; i < pattern.length(); i++) {
            char c = text.charAt(start + i);
            char p = pattern.charAt(i);
            if (p == '0' ? !isDigit(c) : c != p) {
                return false;
            }
        }
        return true;
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }
}
