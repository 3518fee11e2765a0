package io.policylog.parser.filter;

import io.policylog.parser.filter.Token.Kind;
import java.util.ArrayList;
import java.util.List;

/** Cuts a query into tokens. */
final class Lexer {
    private final String query;
    private final List<Token> tokens = new ArrayList<>();
    private int at;

    private Lexer(String query) {
        this.query = query;
    }

    /** The query's tokens, the last of them {@link Kind#END}. */
    static List<Token> tokens(String query) throws FilterException {
        return new Lexer(query).run();
    }

    private List<Token> run() throws FilterException {
        while (skipBlanksAndComments()) {
            int start = at;
            char c = query.charAt(at);
            switch (c) {
                case '(' -> add(Kind.OPEN, 1);
                case ')' -> add(Kind.CLOSE, 1);
                case ',' -> add(Kind.COMMA, 1);
                case '"', '\'' -> {
                    String text = string(c);
                    tokens.add(new Token(Kind.STRING, text, start, at));
                }
                case '=' -> add(Kind.OPERATOR, next('~') ? 2 : 1);
                case '<', '>' -> add(Kind.OPERATOR, next('=') ? 2 : 1);
                case ':' -> add(Kind.OPERATOR, 1);
                case '!' -> {
                    if (!next('=') && !next('~')) {
                        throw error(start, "! is only part of != and !~; write NOT, or quote the text");
                    }
                    add(Kind.OPERATOR, 2);
                }
                default -> {
                    if (c == '-' && !afterOperator()) {
                        add(Kind.MINUS, 1);
                    } else {
                        word();
                    }
                }
            }
        }
        tokens.add(new Token(Kind.END, "", at, at));
        return tokens;
    }

    /** After an operator a value begins, and its minus is part of it. */
    private boolean afterOperator() {
        return !tokens.isEmpty() && tokens.getLast().is(Kind.OPERATOR);
    }

    private boolean skipBlanksAndComments() {
        while (at < query.length()) {
            if (query.startsWith("--", at)) {
                int lineEnd = query.indexOf('\n', at);
                at = lineEnd < 0 ? query.length() : lineEnd;
            } else if (isBlank(query.charAt(at))) {
                at++;
            } else {
                return true;
            }
        }
        return false;
    }

    private boolean next(char c) {
        return at + 1 < query.length() && query.charAt(at + 1) == c;
    }

    private void add(Kind kind, int length) {
        tokens.add(new Token(kind, query.substring(at, at + length), at, at + length));
        at += length;
    }

    private void word() throws FilterException {
        int start = at;
        while (at < query.length() && isWordCharacter(query.charAt(at))) {
            at++;
        }
        if (at == start) {
            throw error(at, quotesNeeded());
        }
        checkSurrogates(query.substring(start, at), start);
        tokens.add(new Token(Kind.WORD, query.substring(start, at), start, at));
    }

    /** For the operators of other languages, which would be searched for as words: says how they are written here. */
    private String quotesNeeded() {
        char c = query.charAt(at);
        String operator = c == '&' ? "AND" : c == '|' ? "OR" : "";
        return operator.isEmpty()
                ? "this character must stand between quotes"
                : (next(c) ? "" + c + c : "" + c) + " is no operator; did you mean " + operator
                        + "? A text that contains it must stand between quotes";
    }

    private static boolean isBlank(char c) {
        return Character.isWhitespace(c) || Character.isSpaceChar(c) || c == '\uFEFF';
    }

    private static boolean isWordCharacter(char c) {
        return switch (c) {
            case '(', ')', ',', '"', '\'', '=', '<', '>', ':', '!', '~', '\\', '`', '&', '|', ';' -> false;
            default -> !isBlank(c) && !Character.isISOControl(c);
        };
    }

    /** Reads from the opening quote to after the closing one. */
    private String string(char quote) throws FilterException {
        int start = at++;
        StringBuilder text = new StringBuilder();
        while (true) {
            if (at >= query.length() || query.charAt(at) == '\n') {
                throw error(start, "the string that begins here is not closed on its line");
            }
            char c = query.charAt(at++);
            if (c == quote) {
                break;
            }
            if (c == '\\' && at < query.length()) {
                escape(text);
            } else {
                text.append(c);
            }
        }
        String result = text.toString();
        checkSurrogates(result, start);
        return result;
    }

    /**
     * Resolves one escape, {@code at} being just after its backslash. A backslash before anything else stays: people
     * write regular expressions such as {@code "10\.0\.\d+"} between plain quotes, and Cloud Logging takes them so.
     */
    private void escape(StringBuilder text) throws FilterException {
        int start = at - 1;
        char c = query.charAt(at++);
        switch (c) {
            case '"', '\'', '\\' -> text.append(c);
            case 'n' -> text.append('\n');
            case 't' -> text.append('\t');
            case 'r' -> text.append('\r');
            case 'u' -> text.append((char) digits(start, 16, 4, 4));
            case 'x' -> text.append((char) digits(start, 16, 2, 2));
            case '0', '1', '2', '3', '4', '5', '6', '7' -> {
                at--;
                int value = digits(start, 8, 1, 3);
                if (value > 0xff) {
                    throw error(start, "an octal escape ends at \\377");
                }
                text.append((char) value);
            }
            default -> {
                at--;
                text.append('\\');
                if (c != '\n') {
                    text.append(c);
                    at++;
                }
            }
        }
    }

    private int digits(int start, int radix, int min, int max) throws FilterException {
        int value = 0;
        int count = 0;
        while (count < max && at < query.length() && hexDigit(query.charAt(at), radix) >= 0) {
            value = value * radix + hexDigit(query.charAt(at), radix);
            at++;
            count++;
        }
        if (count < min) {
            throw error(start, query.substring(start, start + 2) + " needs " + min + " hexadecimal digits");
        }
        return value;
    }

    private static int hexDigit(char c, int radix) {
        return c < 0x80 ? Character.digit(c, radix) : -1;
    }

    private void checkSurrogates(String text, int start) throws FilterException {
        for (int i = 0; i < text.length(); i++) {
            if (Character.isSurrogate(text.charAt(i))) {
                if (Character.charCount(text.codePointAt(i)) == 1) {
                    throw error(start, "half of a surrogate pair is no character");
                }
                i++;
            }
        }
    }

    private FilterException error(int offset, String problem) {
        return new FilterException(query, offset, problem);
    }
}
