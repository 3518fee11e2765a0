package io.policylog.parser.filter;

import io.policylog.parser.JsonText;

/** Whether a text is the literal, ignoring case. */
final class TextEquals implements TextTest {
    private final String literal;
    private final boolean isAscii;
    private final byte[] folded;

    TextEquals(String literal) {
        this.literal = literal;
        this.isAscii = Fold.isAscii(literal);
        this.folded = Fold.lowerAscii(literal);
    }

    @Override
    public boolean test(byte[] json, int offset, int length) {
        if (!isAscii) {
            return test(JsonText.decode(json, offset, offset + length));
        }
        for (int i = 0; ; i++) {
            if (i == length) {
                return i == folded.length;
            }
            byte b = json[offset + i];
            if (Fold.isSpecial(b)) {
                // Up to here both are the same, so only the decoded text can tell.
                return test(JsonText.decode(json, offset, offset + length));
            }
            if (i == folded.length || Fold.lower(b) != folded[i]) {
                return false;
            }
        }
    }

    @Override
    public boolean test(String text) {
        return text.equalsIgnoreCase(literal);
    }
}
