package io.policylog.parser.filter;

import java.nio.charset.StandardCharsets;

/** The content of a JSON string as it stands between its quotes: UTF-8 and known to be well-formed. */
final class JsonText {
    private JsonText() {}

    /** The text with its escapes (RFC 8259, section 7) resolved; an unpaired surrogate stays one. */
    static String decode(byte[] json, int offset, int length) {
        int end = offset + length;
        int escape = indexOfEscape(json, offset, end);
        if (escape == end) {
            return new String(json, offset, length, StandardCharsets.UTF_8);
        }
        StringBuilder text = new StringBuilder(length);
        int from = offset;
        while (escape < end) {
            text.append(new String(json, from, escape - from, StandardCharsets.UTF_8));
            byte kind = json[escape + 1];
            from = escape + 2;
            switch (kind) {
                case 'b' -> text.append('\b');
                case 'f' -> text.append('\f');
                case 'n' -> text.append('\n');
                case 'r' -> text.append('\r');
                case 't' -> text.append('\t');
                case 'u' -> {
                    text.append((char) hex(json, from));
                    from += 4;
                }
                default -> text.append((char) kind);
            }
            escape = indexOfEscape(json, from, end);
        }
        return text.append(new String(json, from, end - from, StandardCharsets.UTF_8))
                .toString();
    }

    /** Where the first backslash is, or {@code end}. */
    static int indexOfEscape(byte[] json, int offset, int end) {
        int at = offset;
        while (at < end && json[at] != '\\') {
            at++;
        }
        return at;
    }

    private static int hex(byte[] json, int at) {
        int value = 0;
        for (int i = at; i < at + 4; i++) {
            value = value << 4 | Character.digit(json[i], 16);
        }
        return value;
    }
}
