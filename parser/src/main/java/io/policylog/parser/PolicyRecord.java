package io.policylog.parser;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One parsed line. A flyweight over the parser's and the reader's buffers: valid until the parser is given the next
 * line, and confined to the parser's thread. Whoever keeps something of it copies it.
 *
 * <p>A text field's bytes are handed out as they stand in the JSON string, escapes included and without the quotes;
 * {@link #text} decodes them.
 */
public final class PolicyRecord implements ParsedLine {
    private static final byte[] EGRESS = "egress".getBytes(UTF_8);

    private final LineIndex index;
    private final Keys keys;
    private final Normalizer normalizer = new Normalizer();
    private int lineOffset;
    private int lineLength;
    private int objectOffset;
    private int objectLength;
    private boolean normal;
    /** How many bytes the normalizer has written for this line; 0 before it was asked. */
    private int writtenLength;

    private long epochSecond;
    private int nano;

    PolicyRecord(LineIndex index, Keys keys) {
        this.index = index;
        this.keys = keys;
    }

    /** Lets this flyweight stand for the line that the index holds, and whose JSON is {@code [from, to)}. */
    void set(int lineOffset, int lineLength, int from, int to, boolean normal, Timestamp timestamp) {
        this.lineOffset = lineOffset;
        this.lineLength = lineLength;
        this.objectOffset = from;
        this.objectLength = to - from;
        this.normal = normal;
        this.writtenLength = 0;
        this.epochSecond = timestamp.epochSecond();
        this.nano = timestamp.nano();
    }

    /** The array that holds the line as it was found; owned by the reader, not to be changed. */
    public byte[] line() {
        return index.line();
    }

    public int lineOffset() {
        return lineOffset;
    }

    /** In bytes, without line end and byte order mark. */
    public int lineLength() {
        return lineLength;
    }

    /** Whether the line already is normal, apart from white space around it, so that {@link #json} is {@link #line}. */
    public boolean isNormal() {
        return normal;
    }

    /**
     * The array that holds the normalized record from {@link #jsonOffset}, {@link #jsonLength} bytes long, without a line
     * end. It is {@link #line} itself when the line already is normal; otherwise the parser's own buffer, into which
     * the record is written on the first call for this line.
     */
    public byte[] json() {
        if (normal) {
            return index.line();
        }
        write();
        return normalizer.out();
    }

    public int jsonOffset() {
        return normal ? objectOffset : 0;
    }

    public int jsonLength() {
        if (normal) {
            return objectLength;
        }
        write();
        return writtenLength;
    }

    private void write() {
        if (writtenLength == 0) {
            writtenLength = normalizer.write(index, keys, lineLength);
        }
    }

    /** Whether the field is there, or is filled in by normalization ({@code namespace}, {@code count}, {@code node_name}). */
    public boolean has(Field field) {
        return index.has(field.base(), field.key());
    }

    /** The array that holds the field's value; meaningful only if {@link #has}. */
    public byte[] array(Field field) {
        return index.array(field.base(), field.key());
    }

    public int offset(Field field) {
        return index.from(field.base(), field.key());
    }

    public int length(Field field) {
        return index.to(field.base(), field.key()) - offset(field);
    }

    /** The decoded value of the field as normalized, numbers as digits; null when it is not there. Allocates. */
    public @Nullable String text(Field field) {
        return text(field.base(), field.key());
    }

    private @Nullable String text(int base, int key) {
        return index.has(base, key)
                ? JsonText.decode(index.array(base, key), index.from(base, key), index.to(base, key))
                : null;
    }

    /** 1–65535, or 0 when the record has none. */
    public int srcPort() {
        return (int) number(Field.SRC_PORT);
    }

    /** 1–65535, or 0 when the record has none. */
    public int destPort() {
        return (int) number(Field.DEST_PORT);
    }

    /** How many attempts this record stands for; 1 when the line does not say. */
    public long count() {
        return number(Field.COUNT);
    }

    private long number(Field field) {
        long number = 0;
        if (has(field)) {
            byte[] array = array(field);
            int to = offset(field) + length(field);
            for (int i = offset(field); i < to; i++) {
                number = number * 10 + (array[i] - '0');
            }
        }
        return number;
    }

    /** The record's time: seconds since the epoch, UTC. A leap second (:60) counts as the following second. */
    public long epochSecond() {
        return epochSecond;
    }

    /** The fraction of the record's time: 0–999,999,999. */
    public int nano() {
        return nano;
    }

    public int policyCount() {
        return index.policyCount();
    }

    public boolean has(int policy, PolicyField field) {
        return index.has(base(policy), field.place());
    }

    /** The decoded value; null when it is not there. Allocates. */
    public @Nullable String text(int policy, PolicyField field) {
        return text(base(policy), field.place());
    }

    public byte[] array(int policy, PolicyField field) {
        return index.array(base(policy), field.place());
    }

    public int offset(int policy, PolicyField field) {
        return index.from(base(policy), field.place());
    }

    public int length(int policy, PolicyField field) {
        return index.to(base(policy), field.place()) - offset(policy, field);
    }

    private int base(int policy) {
        return LineIndex.policyBase(Objects.checkIndex(policy, index.policyCount()));
    }

    /** The side whose pod or node the policy is enforced on: {@code egress} is the source, everything else the destination. */
    public Side enforcedSide() {
        byte[] array = array(Field.DIRECTION);
        int from = offset(Field.DIRECTION);
        int to = from + length(Field.DIRECTION);
        boolean egress = Arrays.equals(array, from, to, EGRESS, 0, EGRESS.length)
                || (to - from > EGRESS.length && "egress".equals(text(Field.DIRECTION)));
        return egress ? Side.SRC : Side.DEST;
    }
}
