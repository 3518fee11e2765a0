package io.policylog.parser.filter;

import io.policylog.parser.filter.Expression.And;
import io.policylog.parser.filter.Expression.Call;
import io.policylog.parser.filter.Expression.Comparison;
import io.policylog.parser.filter.Expression.Not;
import io.policylog.parser.filter.Expression.Or;
import io.policylog.parser.filter.Expression.Path;
import io.policylog.parser.filter.Expression.Restriction;
import io.policylog.parser.filter.Expression.Value;
import io.policylog.parser.filter.Token.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * The grammar, by recursive descent. NOT binds tightest, then OR, then AND:
 *
 * <pre>
 * query      = [ and ]
 * and        = or { [ "AND" ] or }
 * or         = not { "OR" not }
 * not        = ( "NOT" | "-" ) not | primary
 * primary    = "(" and ")" | call | comparison | value
 * comparison = path operator ( value | "(" list ")" )
 * list       = the same three levels over values
 * call       = name "(" [ argument { "," argument } ] ")"
 * path       = ( word | string ) { string | word }, touching each other
 * </pre>
 *
 * A list is written out while it is read: {@code f=(a OR b)} becomes {@code f=a OR f=b}. Every rule that calls itself
 * counts its depth, so a hostile query is refused before the stack ends.
 */
final class QueryParser {
    /** The longest query, in {@code char}s. */
    static final int MAX_QUERY_LENGTH = 20_000;

    /** How deep parentheses and NOTs may be nested. */
    static final int MAX_NESTING = 100;

    private final String query;
    private final List<Token> tokens;
    private final List<String> warnings;
    private int next;
    private int depth;

    private QueryParser(String query, List<Token> tokens, List<String> warnings) {
        this.query = query;
        this.tokens = tokens;
        this.warnings = warnings;
    }

    /** @param warnings takes what is legal but probably not meant */
    static Expression parse(String query, List<String> warnings) throws FilterException {
        if (query.length() > MAX_QUERY_LENGTH) {
            throw new FilterException(
                    query,
                    MAX_QUERY_LENGTH,
                    "a query has at most " + MAX_QUERY_LENGTH + " characters; this one has " + query.length());
        }
        return new QueryParser(query, Lexer.tokens(query), warnings).query();
    }

    private Expression query() throws FilterException {
        if (peek().is(Kind.END)) {
            return new And(List.of());
        }
        Expression result = and(this::primary);
        if (!peek().is(Kind.END)) {
            throw unexpected();
        }
        return result;
    }

    private interface Rule {
        Expression read() throws FilterException;
    }

    private Expression and(Rule primary) throws FilterException {
        List<Expression> operands = new ArrayList<>();
        operands.add(or(primary));
        while (!peek().is(Kind.END) && !peek().is(Kind.CLOSE)) {
            if (peek().isWord("AND")) {
                next++;
            }
            operands.add(or(primary));
        }
        return operands.size() == 1 ? operands.getFirst() : new And(operands);
    }

    private Expression or(Rule primary) throws FilterException {
        List<Expression> operands = new ArrayList<>();
        operands.add(not(primary));
        while (peek().isWord("OR")) {
            next++;
            operands.add(not(primary));
        }
        return operands.size() == 1 ? operands.getFirst() : new Or(operands);
    }

    private Expression not(Rule primary) throws FilterException {
        if (!peek().isWord("NOT") && !(peek().is(Kind.MINUS) && !isNegativeNumber(primary))) {
            return primary.read();
        }
        enter();
        next++;
        Expression result = new Not(not(primary));
        depth--;
        return result;
    }

    /** In a list of values {@code -5} is a number; before a comparison the minus means NOT. */
    private boolean isNegativeNumber(Rule primary) {
        Token number = tokens.get(next + 1);
        return primary instanceof ListRule
                && number.is(Kind.WORD)
                && peek().touches(number)
                && Character.digit(number.text().charAt(0), 10) >= 0;
    }

    private Expression primary() throws FilterException {
        Token first = peek();
        if (first.is(Kind.OPEN)) {
            return parenthesised(this::primary);
        }
        if (!first.is(Kind.WORD) && !first.is(Kind.STRING)) {
            throw unexpected();
        }
        if (first.is(Kind.WORD)
                && first.touches(tokens.get(next + 1))
                && tokens.get(next + 1).is(Kind.OPEN)) {
            checkNoKeyword(first);
            return call();
        }
        Value left = value();
        if (!peek().is(Kind.OPERATOR)) {
            warnAboutLowerCase(left);
            return new Restriction(left);
        }
        Path field = left.path();
        if (field.names().contains("")) {
            throw error(field.at(), "a part of the field's name is missing: " + query.substring(field.at(), end()));
        }
        Operator operator = Operator.of(advance().text());
        ListRule list = new ListRule(field, operator);
        return peek().is(Kind.OPEN) ? parenthesised(list) : list.read();
    }

    /** A value in the place of {@code field operator value}. */
    private final class ListRule implements Rule {
        private final Path field;
        private final Operator operator;

        ListRule(Path field, Operator operator) {
            this.field = field;
            this.operator = operator;
        }

        @Override
        public Expression read() throws FilterException {
            if (peek().is(Kind.OPEN)) {
                return parenthesised(this);
            }
            Value value = peek().is(Kind.MINUS) ? negativeNumber() : value();
            if (peek().is(Kind.OPERATOR)) {
                throw error(
                        peek().start(),
                        "a value ends before " + peek().text()
                                + "; a value that contains it must stand between quotes");
            }
            if (peek().is(Kind.OPEN) && tokens.get(next - 1).touches(peek())) {
                throw error(value.at(), "a function cannot be a value: " + value.text());
            }
            return new Comparison(field, operator, value);
        }

        private Value negativeNumber() throws FilterException {
            int at = advance().start();
            Value number = value();
            return new Value("-" + number.text(), false, number.path(), at);
        }
    }

    private Expression parenthesised(Rule primary) throws FilterException {
        Token open = advance();
        enter();
        if (peek().is(Kind.CLOSE)) {
            throw error(peek().start(), "nothing stands between the parentheses");
        }
        Expression result = and(primary);
        if (!peek().is(Kind.CLOSE)) {
            throw error(open.start(), "this parenthesis is not closed");
        }
        next++;
        depth--;
        return result;
    }

    private Expression call() throws FilterException {
        Token name = advance();
        Token open = advance();
        List<Value> arguments = new ArrayList<>();
        while (!peek().is(Kind.CLOSE)) {
            if (!arguments.isEmpty()) {
                if (!peek().is(Kind.COMMA)) {
                    throw peek().is(Kind.END)
                            ? error(open.start(), "this parenthesis is not closed")
                            : error(peek().start(), "a comma should stand between the arguments");
                }
                next++;
            }
            if (peek().is(Kind.END)) {
                throw error(open.start(), "this parenthesis is not closed");
            }
            arguments.add(value());
        }
        next++;
        if (peek().is(Kind.OPERATOR)) {
            throw error(peek().start(), "a function stands alone; it is not compared with " + peek().text());
        }
        return new Call(name.text(), arguments, name.start());
    }

    /** One value, or the parts of a field's name: words and strings that touch each other. */
    private Value value() throws FilterException {
        Token first = peek();
        if (!first.is(Kind.WORD) && !first.is(Kind.STRING)) {
            throw unexpected();
        }
        checkNoKeyword(first);
        StringBuilder text = new StringBuilder();
        List<String> names = new ArrayList<>();
        boolean quoted = false;
        Token part = first;
        do {
            part = advance();
            text.append(part.text());
            if (part.is(Kind.STRING)) {
                quoted = true;
                names.add(part.text());
            } else {
                addNames(part.text(), names);
            }
        } while (part.touches(peek()) && continuesPath(part, peek()));
        return new Value(text.toString(), quoted, new Path(List.copyOf(names), first.start()), first.start());
    }

    private static boolean continuesPath(Token part, Token following) {
        return part.is(Kind.WORD)
                ? part.text().endsWith(".") && following.is(Kind.STRING)
                : following.is(Kind.WORD) && following.text().startsWith(".");
    }

    /** Adds the names in {@code a.b.c}; the dot that joins a word to a string makes no empty name. */
    private void addNames(String word, List<String> names) {
        int from = !names.isEmpty() && word.startsWith(".") ? 1 : 0;
        boolean joinsString = word.endsWith(".")
                && continuesPath(tokens.get(next - 1), peek())
                && tokens.get(next - 1).touches(peek());
        int to = joinsString ? word.length() - 1 : word.length();
        if (from <= to) {
            names.addAll(List.of(word.substring(from, to).split("\\.", -1)));
        }
    }

    private void checkNoKeyword(Token token) throws FilterException {
        if (token.isWord("AND") || token.isWord("OR") || token.isWord("NOT")) {
            throw unexpected();
        }
    }

    private void warnAboutLowerCase(Value value) {
        String upper = value.text().toUpperCase(Locale.ROOT);
        if (!value.quoted() && (upper.equals("AND") || upper.equals("OR") || upper.equals("NOT"))) {
            warnings.add(FilterException.place(query, value.at()) + ": " + value.text()
                    + " is a word to search for; the operator is written " + upper);
        }
    }

    private void enter() throws FilterException {
        if (++depth > MAX_NESTING) {
            throw error(peek().start(), "nested deeper than " + MAX_NESTING + " parentheses and NOTs");
        }
    }

    private Token peek() {
        return tokens.get(next);
    }

    private Token advance() {
        return tokens.get(next++);
    }

    private int end() {
        return tokens.get(next - 1).end();
    }

    private FilterException unexpected() {
        Token token = peek();
        String problem = switch (token.kind()) {
            case END -> "the query ends where a comparison or a value should follow";
            case CLOSE -> "no parenthesis is open here, or nothing stands before it";
            case OPERATOR -> "a field's name must stand before " + token.text();
            case COMMA -> "a comma separates only the arguments of a function; quote a value that contains one";
            case WORD -> token.text() + " stands where a comparison or a value should";
            case OPEN, STRING, MINUS -> "a value should stand here";
        };
        return error(token.start(), problem);
    }

    private FilterException error(int offset, String problem) {
        return new FilterException(query, offset, problem);
    }
}
