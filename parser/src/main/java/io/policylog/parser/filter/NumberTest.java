package io.policylog.parser.filter;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * How a number compares with the literal. Integers of up to 18 digits compare exactly, other numbers as
 * {@code double}s, which is what Cloud Logging makes of every number in {@code jsonPayload}.
 */
final class NumberTest {
    /** The exponent is bounded so that no literal costs more than its length. */
    private static final Pattern NUMBER = Pattern.compile("[-+]?(\\d+(\\.\\d*)?|\\.\\d+)([eE][-+]?\\d{1,3})?");

    private static final BigInteger MIN_LONG = BigInteger.valueOf(Long.MIN_VALUE);
    private static final BigInteger MAX_LONG = BigInteger.valueOf(Long.MAX_VALUE);
    private static final int EXACT_DIGITS = 18;

    private final Operator operator;
    private final double literal;

    /** A {@code long} satisfies the operator when it lies in [lowest, highest], or when it does not. */
    private final long lowest;

    private final long highest;
    private final boolean inside;

    private NumberTest(Operator operator, BigDecimal literal) {
        this.operator = operator;
        this.literal = literal.doubleValue();
        BigInteger floor = literal.setScale(0, RoundingMode.FLOOR).toBigIntegerExact();
        BigInteger ceiling = literal.setScale(0, RoundingMode.CEILING).toBigIntegerExact();
        BigInteger low = switch (operator) {
            case LESS, LESS_OR_EQUAL -> MIN_LONG;
            case GREATER -> floor.add(BigInteger.ONE);
            default -> ceiling;
        };
        BigInteger high = switch (operator) {
            case GREATER, GREATER_OR_EQUAL -> MAX_LONG;
            case LESS -> ceiling.subtract(BigInteger.ONE);
            default -> floor;
        };
        boolean empty = low.compareTo(high) > 0 || low.compareTo(MAX_LONG) > 0 || high.compareTo(MIN_LONG) < 0;
        this.lowest = empty ? 1 : low.max(MIN_LONG).longValueExact();
        this.highest = empty ? 0 : high.min(MAX_LONG).longValueExact();
        this.inside = operator != Operator.NOT_EQUAL;
    }

    /** Null if the literal is no number. */
    static @Nullable NumberTest of(Operator operator, String literal) {
        return NUMBER.matcher(literal).matches() ? new NumberTest(operator, new BigDecimal(literal)) : null;
    }

    boolean test(long value) {
        return (value >= lowest && value <= highest) == inside;
    }

    /** Tests a JSON number as it stands. */
    boolean test(byte[] json, int offset, int length) {
        boolean negative = json[offset] == '-';
        int from = negative ? offset + 1 : offset;
        int end = offset + length;
        if (end - from > EXACT_DIGITS) {
            return testDouble(json, offset, length);
        }
        long value = 0;
        for (int at = from; at < end; at++) {
            int digit = json[at] - '0';
            if (digit < 0 || digit > 9) {
                return testDouble(json, offset, length);
            }
            value = value * 10 + digit;
        }
        return test(negative ? -value : value);
    }

    private boolean testDouble(byte[] json, int offset, int length) {
        double value = Double.parseDouble(new String(json, offset, length, StandardCharsets.ISO_8859_1));
        // Adding zero makes -0.0 zero.
        return operator.accepts(Double.compare(value + 0.0, literal + 0.0));
    }
}
