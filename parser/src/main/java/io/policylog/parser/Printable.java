package io.policylog.parser;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/**
 * Makes text from the log safe to show: whoever can open a connection can choose some of its bytes, and a terminal obeys
 * escape sequences. Shown escaped are
 *
 * <ul>
 *   <li>control characters below U+0080 and bytes that are not UTF-8, as {@code \xNN};
 *   <li>the C1 controls, format characters (which hold the bidirectional controls and the invisible ones), line and
 *       paragraph separators, surrogates, private use and unassigned code points, as <code>&#92;u{…}</code>.
 * </ul>
 *
 * Everything else stays as it is, the backslash included: the result is for eyes, not for reading back.
 */
public final class Printable {
    private static final char[] HEX = "0123456789abcdef".toCharArray();

    private Printable() {}

    /** The text in printable form; the same object if nothing needs escaping. */
    public static String of(String text) {
        int at = 0;
        while (at < text.length() && isPrintableAscii(text.charAt(at))) {
            at++;
        }
        if (at == text.length()) {
            return text;
        }
        StringBuilder out = new StringBuilder(text.length() + 16).append(text, 0, at);
        while (at < text.length()) {
            int codePoint = text.codePointAt(at);
            append(out, codePoint);
            at += Character.charCount(codePoint);
        }
        return out.toString();
    }

    /** The UTF-8 bytes in printable form. */
    public static String of(byte[] utf8, int offset, int length) {
        StringBuilder out = new StringBuilder(length + 16);
        append(out, utf8, offset, length);
        return out.toString();
    }

    /**
     * The beginning of the UTF-8 bytes in printable form, between double quotes, for a message; {@code …} follows where
     * it was cut.
     *
     * @param maxCodePoints how many code points (or stray bytes) of the input are shown at most
     */
    public static String quote(byte[] utf8, int offset, int length, int maxCodePoints) {
        int end = offset;
        for (int shown = 0; shown < maxCodePoints && end < offset + length; shown++) {
            end = Math.max(end + 1, sequenceEnd(utf8, end, offset + length));
        }
        StringBuilder out = new StringBuilder(end - offset + 16).append('"');
        append(out, utf8, offset, end - offset);
        out.append('"');
        if (end < offset + length) {
            out.append('…');
        }
        return out.toString();
    }

    /** Appends the UTF-8 bytes in printable form. */
    public static void append(StringBuilder out, byte[] utf8, int offset, int length) {
        int end = offset + length;
        for (int at = offset; at < end; ) {
            if (isPrintableAscii((char) (utf8[at] & 0xff))) {
                out.append((char) utf8[at++]);
                continue;
            }
            int next = sequenceEnd(utf8, at, end);
            if (next < 0) {
                appendByte(out, utf8[at++] & 0xff);
            } else {
                append(out, new String(utf8, at, next - at, StandardCharsets.UTF_8).codePointAt(0));
                at = next;
            }
        }
    }

    /** Appends one code point in printable form; an unpaired surrogate is one too. */
    public static void append(StringBuilder out, int codePoint) {
        if (codePoint < 0x20 || codePoint == 0x7f) {
            appendByte(out, codePoint);
        } else if (isPrintable(codePoint)) {
            out.appendCodePoint(codePoint);
        } else {
            out.append("\\u{").append(Integer.toHexString(codePoint)).append('}');
        }
    }

    /** At most {@code width} code points of a text; {@code …} takes the place of what was cut from its end. */
    public static String cut(String text, int width) {
        if (text.codePointCount(0, text.length()) <= width) {
            return text;
        }
        return width < 1 ? "" : text.substring(0, text.offsetByCodePoints(0, width - 1)) + "…";
    }

    /**
     * A printable text for where nothing but ASCII can be shown: our own signs get a stand-in of the same width, anything
     * else is escaped.
     */
    public static String ascii(CharSequence text) {
        StringBuilder out = new StringBuilder(text.length() + 16);
        text.codePoints().forEach(c -> {
            switch (c) {
                case '…' -> out.append('~');
                case '×' -> out.append('x');
                default -> {
                    if (c < 0x80) {
                        out.append((char) c);
                    } else {
                        out.append("\\u{").append(Integer.toHexString(c)).append('}');
                    }
                }
            }
        });
        return out.toString();
    }

    /**
     * JSON with what a terminal might obey as {@code \\uXXXX}: what JSON lets stand raw in a string holds DEL, the C1
     * controls and the bidirectional ones. The result means the same.
     *
     * @param json without line ends between its tokens
     */
    public static String json(String json) {
        StringBuilder escaped = new StringBuilder(json.length() + 16);
        json.codePoints().forEach(codePoint -> {
            if (isPrintable(codePoint)) {
                escaped.appendCodePoint(codePoint);
            } else {
                for (char unit : Character.toChars(codePoint)) {
                    escaped.append("\\u").append(HexFormat.of().toHexDigits(unit));
                }
            }
        });
        return escaped.toString();
    }

    private static boolean isPrintableAscii(char c) {
        return c >= 0x20 && c < 0x7f;
    }

    /** Whether a code point is shown as it is. */
    public static boolean isPrintable(int codePoint) {
        return switch (Character.getType(codePoint)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR,
                    Character.SURROGATE,
                    Character.PRIVATE_USE,
                    Character.UNASSIGNED -> false;
            default -> true;
        };
    }

    private static void appendByte(StringBuilder out, int value) {
        out.append("\\x").append(HEX[value >> 4]).append(HEX[value & 15]);
    }

    /** Where the UTF-8 sequence at {@code at} ends, or -1 if it is not one. */
    private static int sequenceEnd(byte[] utf8, int at, int end) {
        return utf8[at] >= 0 ? at + 1 : Utf8.sequenceEnd(utf8, at, end);
    }
}
