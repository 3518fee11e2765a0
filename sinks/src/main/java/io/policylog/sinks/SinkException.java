package io.policylog.sinks;

import java.util.Objects;

/** A sink could not do what it was asked. The message names what failed, what was found, and what to do about it. */
public final class SinkException extends Exception {
    private static final long serialVersionUID = 1L;

    /** What went wrong, as a metric label; the set is fixed. */
    public enum Kind {
        /** The destination did not answer, or answered that it can't now. */
        UNAVAILABLE("unavailable"),
        /** A call took longer than it may. */
        TIMEOUT("timeout"),
        /** The destination does not know who we are. */
        AUTHENTICATION("authentication"),
        /** We may not do this. */
        AUTHORIZATION("authorization"),
        /** Another process took our identity. */
        FENCED("fenced"),
        /** What the configuration names is not there or does not fit, for example a missing topic. */
        DESTINATION("destination"),
        /** The durable position or snapshot can't be used: corrupt, foreign, or of a newer version. */
        POSITION("position"),
        /** A local file operation failed. */
        IO("io"),
        /** The thread was asked to stop. */
        STOPPED("stopped"),
        /** A defect: something that was not foreseen. */
        INTERNAL("internal");

        private final String label;

        Kind(String label) {
            this.label = label;
        }

        /** The kind as users see it: in metrics and messages. */
        public String label() {
            return label;
        }
    }

    private final Kind kind;
    private final boolean retriable;

    public SinkException(Kind kind, boolean retriable, String message, Throwable cause) {
        super(message, cause);
        this.kind = kind;
        this.retriable = retriable;
    }

    public SinkException(Kind kind, boolean retriable, String message) {
        super(message);
        this.kind = kind;
        this.retriable = retriable;
    }

    /** There always is one. */
    @Override
    public String getMessage() {
        return Objects.requireNonNull(super.getMessage());
    }

    public Kind kind() {
        return kind;
    }

    /**
     * Whether trying again can help by itself. The pipeline tries again in any case (the operator may mend it), but
     * waits longer, and says so once, when it can't.
     */
    public boolean retriable() {
        return retriable;
    }
}
