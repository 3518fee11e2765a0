package io.policylog.parser.filter;

import java.nio.charset.StandardCharsets;

/** Ignoring case: code point by code point, as {@link String#equalsIgnoreCase} does, whatever the locale. */
final class Fold {
    private Fold() {}

    static boolean isAscii(String text) {
        return text.chars().allMatch(c -> c < 0x80);
    }

    /** The bytes of a text of ASCII, upper case made lower; of another text nothing useful. */
    static byte[] lowerAscii(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = lower(bytes[i]);
        }
        return bytes;
    }

    static byte lower(byte b) {
        return b >= 'A' && b <= 'Z' ? (byte) (b | 0x20) : b;
    }

    /** Whether a byte of a JSON string begins something that is not one plain ASCII character. */
    static boolean isSpecial(byte b) {
        return b < 0 || b == '\\';
    }

    static String fold(String text) {
        StringBuilder folded = new StringBuilder(text.length());
        text.codePoints()
                .map(codePoint -> Character.toLowerCase(Character.toUpperCase(codePoint)))
                .forEach(folded::appendCodePoint);
        return folded.toString();
    }
}
