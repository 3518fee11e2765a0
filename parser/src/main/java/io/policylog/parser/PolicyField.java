package io.policylog.parser;

/** A known field of one element of {@code policies} with a single value. */
public enum PolicyField {
    NAME("name", 0),
    NAMESPACE("namespace", 1),
    REVISION("revision", 3),
    KIND("kind", 4);

    private final String key;
    private final int place;

    PolicyField(String key, int place) {
        this.key = key;
        this.place = place;
    }

    /** The key within the element. */
    public String key() {
        return key;
    }

    /** The place of the key among the keys of a policy. */
    int place() {
        return place;
    }
}
