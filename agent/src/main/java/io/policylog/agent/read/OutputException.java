package io.policylog.agent.read;

import java.io.IOException;

/** What was asked for can't be put out. */
final class OutputException extends IOException {
    private static final long serialVersionUID = 1L;

    private final boolean closed;

    OutputException(boolean closed, IOException cause) {
        super("can't write to the standard output: " + cause.getMessage(), cause);
        this.closed = closed;
    }

    OutputException(String message) {
        super(message);
        this.closed = false;
    }

    /** Whether whoever read it has gone, as {@code head} does: no reason to complain. */
    boolean closed() {
        return closed;
    }
}
