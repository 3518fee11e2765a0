package io.policylog.parser.filter;

import java.util.Arrays;

enum Operator {
    EQUAL("="),
    NOT_EQUAL("!="),
    LESS("<"),
    LESS_OR_EQUAL("<="),
    GREATER(">"),
    GREATER_OR_EQUAL(">="),
    HAS(":"),
    MATCHES("=~"),
    MATCHES_NOT("!~");

    private final String symbol;

    Operator(String symbol) {
        this.symbol = symbol;
    }

    String symbol() {
        return symbol;
    }

    static Operator of(String symbol) {
        return Arrays.stream(values())
                .filter(operator -> operator.symbol.equals(symbol))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no operator: " + symbol));
    }

    boolean isRegex() {
        return this == MATCHES || this == MATCHES_NOT;
    }

    /** Whether the result of {@link Integer#compare} satisfies the operator; {@code :} means "equal" here. */
    boolean accepts(int comparison) {
        return switch (this) {
            case EQUAL, HAS -> comparison == 0;
            case NOT_EQUAL -> comparison != 0;
            case LESS -> comparison < 0;
            case LESS_OR_EQUAL -> comparison <= 0;
            case GREATER -> comparison > 0;
            case GREATER_OR_EQUAL -> comparison >= 0;
            case MATCHES, MATCHES_NOT -> throw new IllegalStateException(symbol + " does not compare");
        };
    }
}
