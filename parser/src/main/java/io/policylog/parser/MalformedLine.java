package io.policylog.parser;

/**
 * A line that is not a record. A flyweight like {@link PolicyRecord}: valid until the next line is parsed.
 *
 * <p>Of a line that is {@link MalformedReason#TOO_LONG} only the first bytes may be there; {@link #lineLength} tells
 * how long it was.
 */
public final class MalformedLine implements ParsedLine {
    private MalformedReason reason = MalformedReason.NOT_JSON;
    private byte[] array = {};
    private int offset;
    private int length;
    private long lineLength;

    /** Lets this flyweight stand for another line, of which {@code length} bytes are at hand. */
    public MalformedLine set(MalformedReason reason, byte[] array, int offset, int length, long lineLength) {
        this.reason = reason;
        this.array = array;
        this.offset = offset;
        this.length = length;
        this.lineLength = lineLength;
        return this;
    }

    public MalformedReason reason() {
        return reason;
    }

    /** The array that holds the line's bytes as they were found; owned by the reader, not to be changed. */
    public byte[] array() {
        return array;
    }

    public int offset() {
        return offset;
    }

    /** How many of the line's bytes are in {@link #array}. */
    public int length() {
        return length;
    }

    /** How long the line was in the log, in bytes, without its line end. */
    public long lineLength() {
        return lineLength;
    }
}
