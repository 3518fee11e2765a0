package io.policylog.parser.filter;

import io.policylog.parser.JsonText;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** How a text compares with the literal, code point by code point. */
final class TextOrder implements TextTest {
    private final Operator operator;
    private final String literal;
    private final byte[] utf8;

    TextOrder(Operator operator, String literal) {
        this.operator = operator;
        this.literal = literal;
        this.utf8 = literal.getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public boolean test(byte[] json, int offset, int length) {
        int end = offset + length;
        if (JsonText.indexOfEscape(json, offset, end) < end) {
            return test(JsonText.decode(json, offset, offset + length));
        }
        // UTF-8 sorts like the code points it stands for.
        return operator.accepts(Arrays.compareUnsigned(json, offset, end, utf8, 0, utf8.length));
    }

    @Override
    public boolean test(String text) {
        int length = Math.min(text.length(), literal.length());
        int at = 0;
        while (at < length && text.charAt(at) == literal.charAt(at)) {
            at++;
        }
        if (at == length) {
            return operator.accepts(Integer.compare(text.length(), literal.length()));
        }
        if (at > 0
                && Character.isLowSurrogate(text.charAt(at))
                && Character.isHighSurrogate(text.charAt(at - 1))
                && Character.isLowSurrogate(literal.charAt(at))) {
            at--;
        }
        return operator.accepts(Integer.compare(text.codePointAt(at), literal.codePointAt(at)));
    }
}
