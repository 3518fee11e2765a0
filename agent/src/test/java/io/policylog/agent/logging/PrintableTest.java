package io.policylog.agent.logging;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import org.junit.jupiter.api.Test;

final class PrintableTest {
    @Test
    void visibleTextStays() {
        String text = "plain é 日本 😀 \"quoted\" \\ back";
        assertSame(text, Printable.of(text));
    }

    @Test
    void everythingThatMovesACursorIsEscaped() {
        assertEquals(
                "\\x00\\x07\\x09\\x0a\\x0d\\x1b]52;c;eA==\\x07 \\x1b[1A\\x7f\\x9b",
                Printable.of("\u0000\u0007\t\n\r\u001b]52;c;eA==\u0007 \u001b[1A\u007f\u009b"));
    }

    @Test
    void everythingThatTurnsOrHidesTextIsEscaped() {
        assertEquals(
                "\\u{202e}\\u{2066}\\u{200b}\\u{feff}\\u{2028}\\u{e0041}\\xad",
                Printable.of("\u202e\u2066\u200b\ufeff\u2028\udb40\udc41\u00ad"));
    }

    @Test
    void halfACharacterIsEscaped() {
        assertEquals("\\u{d800}x\\u{dc00}", Printable.of("\ud800x\udc00"));
    }
}
