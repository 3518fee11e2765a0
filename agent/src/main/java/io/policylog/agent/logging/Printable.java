package io.policylog.agent.logging;

import java.util.Locale;

/** Makes a text harmless to a terminal and to whoever reads lines. */
public final class Printable {
    private Printable() {}

    /**
     * The text with everything shown escaped that is not a visible character or a space: control characters as
     * {@code \xNN}; format characters (among them all bidirectional controls), line separators, lone surrogates and what
     * Unicode does not assign as <code>&#92;u{N}</code>.
     */
    public static String of(String text) {
        if (text.codePoints().allMatch(Printable::isPrintable)) {
            return text;
        }
        StringBuilder out = new StringBuilder(text.length() + 16);
        text.codePoints().forEach(c -> {
            if (isPrintable(c)) {
                out.appendCodePoint(c);
            } else {
                out.append(String.format(Locale.ROOT, c < 0x100 ? "\\x%02x" : "\\u{%x}", c));
            }
        });
        return out.toString();
    }

    private static boolean isPrintable(int codePoint) {
        return switch (Character.getType(codePoint)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR,
                    Character.SURROGATE,
                    Character.UNASSIGNED -> false;
            default -> true;
        };
    }
}
