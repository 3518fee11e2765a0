package io.policylog.parser.filter;

import java.util.List;
import java.util.stream.Collectors;

/** A query as a test makes it: what it means is known before it is written down. */
sealed interface Query {
    /** How tightly the query binds: 0 AND, 1 OR, 2 the rest. */
    int level();

    /** The query in the language, parentheses only where they are needed. */
    String text();

    record All(List<Query> operands, String separator) implements Query {
        @Override
        public int level() {
            return 0;
        }

        @Override
        public String text() {
            return operands.stream().map(operand -> operand.within(1)).collect(Collectors.joining(separator));
        }
    }

    record Any(List<Query> operands) implements Query {
        @Override
        public int level() {
            return 1;
        }

        @Override
        public String text() {
            return operands.stream().map(operand -> operand.within(2)).collect(Collectors.joining(" OR "));
        }
    }

    record No(Query operand, String prefix) implements Query {
        @Override
        public int level() {
            return 2;
        }

        @Override
        public String text() {
            String text = operand.within(2);
            // Two dashes begin a comment.
            return (text.startsWith("-") ? "NOT " : prefix) + text;
        }
    }

    /** {@code field op value}; the presence test is {@code :} with the unquoted value {@code *}. */
    record Compare(List<String> path, String prefix, String operator, String value, boolean quoted) implements Query {
        @Override
        public int level() {
            return 2;
        }

        @Override
        public String text() {
            return prefix
                    + path.stream()
                            .map(name -> name.indexOf('.') < 0 ? name : '"' + name + '"')
                            .collect(Collectors.joining("."))
                    + operator
                    + (quoted ? quote(value) : value);
        }
    }

    record Anywhere(String value) implements Query {
        @Override
        public int level() {
            return 2;
        }

        @Override
        public String text() {
            return quote(value);
        }
    }

    record InNet(List<String> path, String network) implements Query {
        @Override
        public int level() {
            return 2;
        }

        @Override
        public String text() {
            return "ip_in_net(" + String.join(".", path) + ", \"" + network + "\")";
        }
    }

    default String within(int level) {
        return level() < level ? "(" + text() + ")" : text();
    }

    private static String quote(String value) {
        return '"' + value.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }
}
