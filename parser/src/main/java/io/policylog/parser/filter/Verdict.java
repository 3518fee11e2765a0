package io.policylog.parser.filter;

/** The answer of a filter in Kleene's three-valued logic. */
public enum Verdict {
    FALSE,
    /** Depends on a field whose value is not known here. */
    UNKNOWN,
    TRUE;

    static Verdict of(boolean value) {
        return value ? TRUE : FALSE;
    }

    Verdict not() {
        return switch (this) {
            case FALSE -> TRUE;
            case UNKNOWN -> UNKNOWN;
            case TRUE -> FALSE;
        };
    }
}
