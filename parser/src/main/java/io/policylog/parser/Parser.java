package io.policylog.parser;

import org.jspecify.annotations.Nullable;

/**
 * Turns one line after the other into a record or a malformed line. Keeps state that makes the next line faster, so an
 * instance belongs to one thread. Never throws for what a line holds.
 */
public final class Parser {
    /**
     * @param limits what a line may cost
     * @param fillNodeName what {@code node_name} becomes in a record that has none; null leaves it out
     */
    public Parser(Limits limits, @Nullable String fillNodeName) {
        throw new UnsupportedOperationException(limits + " " + fillNodeName);
    }

    /**
     * Parses {@code buffer[start, end)}: one line without its {@code \n}. A {@code \r} at its end is not part of the
     * line. The result is a flyweight over {@code buffer}: both must stay as they are until it is no longer needed,
     * which is at the latest when the next line is parsed.
     */
    public ParsedLine parse(byte[] buffer, int start, int end) {
        throw new UnsupportedOperationException("" + buffer.length + start + end);
    }
}
