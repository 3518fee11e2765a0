package io.policylog.parser;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import java.util.Random;
import org.junit.jupiter.api.Test;

final class PrintableTest {
    @Test
    void plainTextStaysTheSameObject() {
        String text = "shop/cart-0 [x]:80";
        assertSame(text, Printable.of(text));
    }

    @Test
    void controlsAreEscaped() {
        assertEquals("\\x00\\x1b[31m\\x7f\\x0a\\x09", Printable.of("\u0000\u001b[31m\u007f\n\t"));
        assertEquals("\\u{9b}\\u{85}", Printable.of("\u009b\u0085"));
    }

    @Test
    void bidirectionalAndInvisibleCharactersAreEscaped() {
        assertEquals("a\\u{202e}b\\u{2066}c\\u{200f}d\\u{61c}", Printable.of("a\u202eb\u2066c\u200fd\u061c"));
        assertEquals("\\u{200b}\\u{feff}\\u{2028}\\u{e0041}", Printable.of("\u200b\ufeff\u2028\udb40\udc41"));
    }

    @Test
    void halfSurrogatesAndPrivateUseAreEscaped() {
        assertEquals("\\u{d83d}x\\u{de00}\\u{e000}", Printable.of("\ud83dx\ude00\ue000"));
    }

    @Test
    void lettersOfAnyScriptStay() {
        assertEquals("déjà 日本 \ud83d\ude00 \\u003c", Printable.of("déjà 日本 \ud83d\ude00 \\u003c"));
    }

    @Test
    void bytesThatAreNotUtf8AreEscapedOneByOne() {
        byte[] bytes = {
            'a',
            (byte) 0xff,
            (byte) 0xc3,
            (byte) 0xa9,
            (byte) 0xc0,
            (byte) 0xaf,
            (byte) 0xed,
            (byte) 0xa0,
            (byte) 0x80,
            (byte) 0xf0,
            (byte) 0x9f,
            (byte) 0x98
        };
        assertEquals("a\\xffé\\xc0\\xaf\\xed\\xa0\\x80\\xf0\\x9f\\x98", Printable.of(bytes, 0, bytes.length));
    }

    @Test
    void bytesAndTextAgree() {
        long seed = System.nanoTime();
        System.out.println("PrintableTest seed " + seed);
        Random random = new Random(seed);
        for (int i = 0; i < 20_000; i++) {
            StringBuilder text = new StringBuilder();
            for (int length = random.nextInt(8); length > 0; length--) {
                int codePoint = random.nextInt(random.nextBoolean() ? 0x300 : Character.MAX_CODE_POINT + 1);
                text.appendCodePoint(codePoint >= 0xd800 && codePoint < 0xe000 ? 'x' : codePoint);
            }
            byte[] bytes = ("ab" + text).getBytes(UTF_8);
            assertEquals(Printable.of(text.toString()), Printable.of(bytes, 2, bytes.length - 2), "seed " + seed);
        }
    }

    @Test
    void aQuoteIsCutBetweenCodePoints() {
        byte[] bytes = "éa\ud83d\ude00b".getBytes(UTF_8);
        assertEquals("\"éa\"…", Printable.quote(bytes, 0, bytes.length, 2));
        assertEquals("\"éa\ud83d\ude00\"…", Printable.quote(bytes, 0, bytes.length, 3));
        assertEquals("\"éa\ud83d\ude00b\"", Printable.quote(bytes, 0, bytes.length, 4));
        assertEquals("\"\"", Printable.quote(bytes, 0, 0, 200));
    }

    @Test
    void jsonKeepsItsMeaningAndHoldsNothingThatATerminalObeys() {
        assertEquals(
                "{\"name\":\"a\\u007fb\\u009bc\\u202ed\\udb40\\udc41é日\ud83d\ude00\\\"\"}",
                Printable.json("{\"name\":\"a\u007fb\u009bc\u202ed\udb40\udc41é日\ud83d\ude00\\\"\"}"));
    }
}
