package io.policylog.parser;

import org.jspecify.annotations.Nullable;

/**
 * One parsed line. A flyweight over the parser's and the reader's buffers: valid until the parser is given the next
 * line, and confined to the parser's thread. Whoever keeps something of it copies it.
 *
 * <p>A text field's bytes are handed out as they stand in the JSON string, escapes included and without the quotes;
 * {@link #text} decodes them.
 */
public final class PolicyRecord implements ParsedLine {
    PolicyRecord() {}

    /** The array that holds the line as it was found; owned by the reader, not to be changed. */
    public byte[] line() {
        throw new UnsupportedOperationException();
    }

    public int lineOffset() {
        throw new UnsupportedOperationException();
    }

    /** In bytes, without line end and byte order mark. */
    public int lineLength() {
        throw new UnsupportedOperationException();
    }

    /**
     * The array that holds the normalized record from {@link #jsonOffset}, {@link #jsonLength} bytes long, without a line
     * end. It is {@link #line} itself when the line already is normal; otherwise the parser's own buffer, into which
     * the record is written on the first call for this line.
     */
    public byte[] json() {
        throw new UnsupportedOperationException();
    }

    public int jsonOffset() {
        throw new UnsupportedOperationException();
    }

    public int jsonLength() {
        throw new UnsupportedOperationException();
    }

    /** Whether the field is there, or is filled in by normalization ({@code namespace}, {@code count}, {@code node_name}). */
    public boolean has(Field field) {
        throw new UnsupportedOperationException();
    }

    /** The array that holds the field's value; meaningful only if {@link #has}. */
    public byte[] array(Field field) {
        throw new UnsupportedOperationException();
    }

    public int offset(Field field) {
        throw new UnsupportedOperationException();
    }

    public int length(Field field) {
        throw new UnsupportedOperationException();
    }

    /** The decoded value of the field as normalized, numbers as digits; null when it is not there. Allocates. */
    public @Nullable String text(Field field) {
        throw new UnsupportedOperationException();
    }

    /** 1–65535, or 0 when the record has none. */
    public int srcPort() {
        throw new UnsupportedOperationException();
    }

    /** 1–65535, or 0 when the record has none. */
    public int destPort() {
        throw new UnsupportedOperationException();
    }

    /** How many attempts this record stands for; 1 when the line does not say. */
    public long count() {
        throw new UnsupportedOperationException();
    }

    /** The record's time: seconds since the epoch, UTC. A leap second (:60) counts as the following second. */
    public long epochSecond() {
        throw new UnsupportedOperationException();
    }

    /** The fraction of the record's time: 0–999,999,999. */
    public int nano() {
        throw new UnsupportedOperationException();
    }

    public int policyCount() {
        throw new UnsupportedOperationException();
    }

    public boolean has(int policy, PolicyField field) {
        throw new UnsupportedOperationException();
    }

    /** The decoded value; null when it is not there. Allocates. */
    public @Nullable String text(int policy, PolicyField field) {
        throw new UnsupportedOperationException();
    }

    public byte[] array(int policy, PolicyField field) {
        throw new UnsupportedOperationException();
    }

    public int offset(int policy, PolicyField field) {
        throw new UnsupportedOperationException();
    }

    public int length(int policy, PolicyField field) {
        throw new UnsupportedOperationException();
    }

    /** The side whose pod or node the policy is enforced on: {@code egress} is the source, everything else the destination. */
    public Side enforcedSide() {
        throw new UnsupportedOperationException();
    }
}
