package io.policylog.sinks.prometheus;

/** What a text of the log becomes as the value of a label. */
final class LabelValue {
    /** In UTF-16 units, so at most three times as many bytes of UTF-8. */
    static final int MAX_LENGTH = KeyBuffer.MAX_SLICE_BYTES;

    private static final char REPLACEMENT = '\uFFFD';

    private LabelValue() {}

    /**
     * The text itself, unless it is too long or one of its characters would make a scrape unreadable: longer texts are
     * cut and end in an ellipsis; NUL, which ends Prometheus' input, and half a surrogate pair, which is no UTF-8, become
     * U+FFFD. Quotes, backslashes and line ends stay: the exposition escapes them.
     */
    static String of(String text) {
        String bounded = text.length() <= MAX_LENGTH ? text : text.substring(0, MAX_LENGTH - 1) + '…';
        for (int i = 0; i < bounded.length(); i++) {
            char c = bounded.charAt(i);
            if (c == 0 || Character.isSurrogate(c)) {
                return readable(bounded);
            }
        }
        return bounded;
    }

    private static String readable(String text) {
        StringBuilder readable = new StringBuilder(text.length());
        text.codePoints()
                .map(c -> c == 0 || (c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE) ? REPLACEMENT : c)
                .forEach(readable::appendCodePoint);
        return readable.toString();
    }
}
