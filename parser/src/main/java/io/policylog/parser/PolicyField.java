package io.policylog.parser;

/** A known field of one element of {@code policies} with a single value. */
public enum PolicyField {
    NAME("name"),
    NAMESPACE("namespace"),
    REVISION("revision"),
    KIND("kind");

    private final String key;

    PolicyField(String key) {
        this.key = key;
    }

    /** The key within the element. */
    public String key() {
        return key;
    }
}
