package io.policylog.parser.filter;

import io.policylog.parser.JsonText;

/** Whether a text contains the literal, ignoring case. */
final class TextContains implements TextTest {
    private final boolean isAscii;
    private final byte[] folded;
    private final String foldedText;

    TextContains(String literal) {
        this.isAscii = Fold.isAscii(literal);
        this.folded = Fold.lowerAscii(literal);
        this.foldedText = Fold.fold(literal);
    }

    @Override
    public boolean test(byte[] json, int offset, int length) {
        int end = offset + length;
        for (int at = offset; at < end; at++) {
            if (Fold.isSpecial(json[at])) {
                return test(JsonText.decode(json, offset, offset + length));
            }
        }
        if (!isAscii) {
            // A text of ASCII alone can fold to it all the same: U+212A, the Kelvin sign, is a k.
            return test(JsonText.decode(json, offset, offset + length));
        }
        int last = end - folded.length;
        for (int at = offset; at <= last; at++) {
            int i = 0;
            while (i < folded.length && Fold.lower(json[at + i]) == folded[i]) {
                i++;
            }
            if (i == folded.length) {
                return true;
            }
        }
        return false;
    }

    @Override
    public boolean test(String text) {
        return Fold.fold(text).contains(foldedText);
    }
}
