package io.policylog.parser;

/** Why a line is not a record. The set is fixed: it is the value of a metric label and of a Kafka header. */
public enum MalformedReason {
    /** Longer than {@link Limits#maxLineBytes}, or more policies than {@link Limits#maxPolicies}. */
    TOO_LONG("too-long"),
    /** Bytes that are not UTF-8 (RFC 3629), anywhere in the line. */
    BAD_UTF8("bad-utf8"),
    /** Broken JSON (RFC 8259), a raw control character, NaN and the like, an empty or blank line, NUL bytes. */
    NOT_JSON("not-json"),
    /** Something other than white space after the object. */
    TRAILING_DATA("trailing-data"),
    /** Valid JSON, but not an object. */
    NOT_AN_OBJECT("not-an-object"),
    /** Nested deeper than {@link Limits#maxDepth}. */
    TOO_DEEP("too-deep"),
    /** A known key twice in one object. */
    DUPLICATE_KEY("duplicate-key"),
    /** A field that every record has is missing. */
    MISSING_FIELD("missing-field"),
    /** A known key with another JSON type, or a port or count that is no plain integer in its range. */
    WRONG_TYPE("wrong-type"),
    /** A timestamp that is not RFC 3339 with at most nine fraction digits. */
    BAD_TIMESTAMP("bad-timestamp");

    private final String label;

    MalformedReason(String label) {
        this.label = label;
    }

    /** The reason as users see it: in metrics, headers and messages. */
    public String label() {
        return label;
    }
}
