package io.policylog.parser.filter;

import java.util.List;

/** A query as it was written. {@code at} is always an offset into its text. */
sealed interface Expression {
    /** All of them; of none: true. */
    record And(List<Expression> operands) implements Expression {}

    record Or(List<Expression> operands) implements Expression {}

    record Not(Expression operand) implements Expression {}

    record Comparison(Path field, Operator operator, Value value) implements Expression {}

    /** A value alone: any field has it. */
    record Restriction(Value value) implements Expression {}

    record Call(String function, List<Value> arguments, int at) implements Expression {}

    /** The names from the outermost to the innermost. */
    record Path(List<String> names, int at) {
        @Override
        public String toString() {
            return String.join(".", names);
        }
    }

    /**
     * One value, as it was written.
     *
     * @param quoted whether it stood between quotes: then {@code *} is a star
     * @param path the same read as a field, for the functions that take one
     */
    record Value(String text, boolean quoted, Path path, int at) {
        boolean isUnquoted(String word) {
            return !quoted && text.equals(word);
        }
    }
}
