package io.policylog.parser.filter;

/**
 * A piece of a query.
 *
 * @param text a word or an operator as it stands; a string without its quotes and with its escapes resolved
 * @param start where it begins in the query, in {@code char}s
 * @param end just after it
 */
record Token(Kind kind, String text, int start, int end) {
    enum Kind {
        WORD,
        STRING,
        OPERATOR,
        OPEN,
        CLOSE,
        COMMA,
        MINUS,
        END
    }

    boolean is(Kind other) {
        return kind == other;
    }

    boolean isWord(String word) {
        return kind == Kind.WORD && text.equals(word);
    }

    /** Whether nothing stands between this token and the next. */
    boolean touches(Token next) {
        return end == next.start;
    }
}
