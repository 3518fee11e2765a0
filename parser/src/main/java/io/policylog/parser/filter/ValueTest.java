package io.policylog.parser.filter;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** What a query asks of one value, whatever its JSON type turns out to be. An array never arrives here, its elements do. */
sealed interface ValueTest extends JsonWalker.Visitor {
    enum Kind {
        STRING,
        NUMBER,
        TRUE,
        FALSE,
        NULL,
        OBJECT
    }

    /** @param offset for a string, just after its opening quote; an object has no length */
    @Override
    boolean value(Kind kind, byte[] json, int offset, int length);

    /** Tests a text that is not JSON, such as the log's name. */
    boolean text(String text);

    @Override
    default boolean descends() {
        return false;
    }

    /** {@code field:*}. */
    record Present() implements ValueTest {
        @Override
        public boolean value(Kind kind, byte[] json, int offset, int length) {
            return true;
        }

        @Override
        public boolean text(String text) {
            return true;
        }
    }

    /** {@code field=NULL_VALUE}. */
    record IsNull(boolean expected) implements ValueTest {
        @Override
        public boolean value(Kind kind, byte[] json, int offset, int length) {
            return kind != Kind.OBJECT && (kind == Kind.NULL) == expected;
        }

        @Override
        public boolean text(String text) {
            return !expected;
        }
    }

    /** A function of one text. */
    record Function(TextTest test) implements ValueTest {
        @Override
        public boolean value(Kind kind, byte[] json, int offset, int length) {
            return kind == Kind.STRING && test.test(json, offset, length);
        }

        @Override
        public boolean text(String text) {
            return test.test(text);
        }
    }

    /**
     * {@code field op literal}.
     *
     * @param number null when the literal is no number; a number then only differs from it
     * @param bool null when the literal is neither true nor false; a boolean then only differs from it
     */
    record Compare(
            Operator operator,
            TextTest test,
            @Nullable NumberTest number,
            @Nullable Boolean bool) implements ValueTest {
        @Override
        public boolean value(Kind kind, byte[] json, int offset, int length) {
            return switch (kind) {
                case STRING -> text(json, offset, length);
                case NUMBER -> {
                    if (operator.isRegex()) {
                        yield text(json, offset, length);
                    }
                    yield number != null ? number.test(json, offset, length) : operator == Operator.NOT_EQUAL;
                }
                case TRUE, FALSE -> {
                    if (operator.isRegex()) {
                        yield text(json, offset, length);
                    }
                    yield bool != null
                            ? operator.accepts(Boolean.compare(kind == Kind.TRUE, bool))
                            : operator == Operator.NOT_EQUAL;
                }
                case NULL -> operator == Operator.NOT_EQUAL;
                case OBJECT -> false;
            };
        }

        @Override
        public boolean text(String text) {
            return test.test(text) != isNegative();
        }

        private boolean text(byte[] json, int offset, int length) {
            return test.test(json, offset, length) != isNegative();
        }

        /** These two are tested by their opposites. */
        private boolean isNegative() {
            return operator == Operator.NOT_EQUAL || operator == Operator.MATCHES_NOT;
        }

        /** {@code jsonPayload:"text"} and {@code src:"text"} look into the whole object. */
        @Override
        public boolean descends() {
            return operator == Operator.HAS;
        }

        /** Tests a number that is at hand. */
        boolean integer(long value) {
            if (operator.isRegex()) {
                byte[] digits = Long.toString(value).getBytes(StandardCharsets.ISO_8859_1);
                return text(digits, 0, digits.length);
            }
            return number != null ? number.test(value) : operator == Operator.NOT_EQUAL;
        }
    }
}
