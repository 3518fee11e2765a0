package io.policylog.parser;

import static java.nio.charset.StandardCharsets.UTF_8;

/** The text inside a JSON string (RFC 8259, section 7), without its quotes; UTF-8 that is known to be valid. */
public final class JsonText {
    private JsonText() {}

    /** Decodes {@code [from, end)}, which is valid; a surrogate without its other half becomes U+FFFD. */
    public static String decode(byte[] bytes, int from, int end) {
        String raw = new String(bytes, from, end - from, UTF_8);
        int escape = raw.indexOf('\\');
        if (escape < 0) {
            return raw;
        }
        StringBuilder text = new StringBuilder(raw.length());
        int done = 0;
        for (; escape >= 0; escape = raw.indexOf('\\', done)) {
            text.append(raw, done, escape);
            char letter = raw.charAt(escape + 1);
            done = escape + 2;
            switch (letter) {
                case 'b' -> text.append('\b');
                case 'f' -> text.append('\f');
                case 'n' -> text.append('\n');
                case 'r' -> text.append('\r');
                case 't' -> text.append('\t');
                case 'u' -> {
                    text.append((char) Integer.parseInt(raw, done, done + 4, 16));
                    done += 4;
                }
                default -> text.append(letter);
            }
        }
        text.append(raw, done, raw.length());
        for (int i = 0; i < text.length(); i++) {
            if (Character.isSurrogatePair(text.charAt(i), i + 1 < text.length() ? text.charAt(i + 1) : 0)) {
                i++;
            } else if (Character.isSurrogate(text.charAt(i))) {
                text.setCharAt(i, '\uFFFD');
            }
        }
        return text.toString();
    }

    /** Where the first escape of {@code [from, end)} is; {@code end} if there is none. */
    public static int indexOfEscape(byte[] bytes, int from, int end) {
        int at = from;
        while (at < end && bytes[at] != '\\') {
            at++;
        }
        return at;
    }

    /** The JSON string for a text, with its quotes. */
    static byte[] encode(String text) {
        StringBuilder json = new StringBuilder("\"");
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c < ' ') {
                json.append(String.format("\\u%04x", (int) c));
            } else if (c == '"' || c == '\\') {
                json.append('\\').append(c);
            } else {
                json.append(c);
            }
        }
        return json.append('"').toString().getBytes(UTF_8);
    }

    /**
     * Turns the ASCII capitals of the JSON string text in {@code [from, end)} into small letters, in place. A capital
     * written as an escape stays one ({@code \}{@code u0041} becomes {@code \}{@code u0061}), so nothing else changes.
     *
     * @return whether anything was changed
     */
    static boolean lowerCase(byte[] bytes, int from, int end) {
        boolean changed = false;
        for (int i = from; i < end; i++) {
            if (bytes[i] == '\\') {
                if (bytes[i + 1] == 'u') {
                    int code = Integer.parseInt(new String(bytes, i + 2, 4, UTF_8), 16);
                    if (code >= 'A' && code <= 'Z') {
                        bytes[i + 4] = (byte) (bytes[i + 4] + 2);
                        changed = true;
                    }
                    i += 4;
                }
                i++;
            } else if (bytes[i] >= 'A' && bytes[i] <= 'Z') {
                bytes[i] = (byte) (bytes[i] + 'a' - 'A');
                changed = true;
            }
        }
        return changed;
    }
}
