package io.policylog.parser;

/**
 * Writes a record as it is when normalized: known keys in their order, then the unknown ones in order of appearance, at
 * each level; no white space; every value as it stands in the line or as {@link LineIndex} has it. The buffer is reused,
 * and grows with the longest record so far.
 *
 * <p>Most of a line often is in order already. So what is to be copied from the line is held back as a run, for as long
 * as what comes next in the record is what comes next in the line, and then copied at once.
 */
final class Normalizer {
    /** Room for what is filled in apart from values, and for whole words written at the end. */
    private static final int SLACK = 256;

    /** Names and addresses are short: copied by so many bytes at a time, more than asked for, that is faster. */
    private static final int CHUNK = 4 * Long.BYTES;

    /** Far enough from any position that no difference to one is the length of a key. */
    private static final int NO_RUN = Integer.MIN_VALUE;

    private byte[] out = new byte[1024];
    private int length;
    private byte[] line = {};
    /** What of the line is to be copied next: {@code [runFrom, runTo)}. */
    private int runFrom;

    private int runTo;

    byte[] out() {
        return out;
    }

    /** Writes the record from the beginning of {@link #out} and returns its length. */
    int write(LineIndex index, Keys keys, int lineLength) {
        // Only namespaces can come twice, so the values are at most twice as long as the line.
        int bound = 2 * lineLength + index.filledLength() + SLACK;
        if (out.length < bound) {
            out = new byte[Math.max(bound, 2 * out.length)];
        }
        line = index.line();
        length = 0;
        runFrom = NO_RUN;
        runTo = NO_RUN;
        object(index, keys, LineIndex.TOP);
        flush();
        return length;
    }

    private void object(LineIndex index, Keys keys, int base) {
        byte separator = '{';
        for (int seen = index.seen(base); seen != 0; seen &= seen - 1) {
            put(separator);
            separator = ',';
            member(index, keys.get(Integer.numberOfTrailingZeros(seen)), base);
        }
        for (int extra = index.extrasFrom(base); extra < index.extrasTo(base); extra++) {
            if (index.isExtraOf(base, extra)) {
                put(separator);
                separator = ',';
                appendTokens(index.extraFrom(extra), index.extraTo(extra));
            }
        }
        if (separator == '{') {
            put(separator);
        }
        put((byte) '}');
    }

    private void member(LineIndex index, Key key, int base) {
        int quote = key.type.quoted() ? 1 : 0;
        int from = index.from(base, key.place) - quote;
        int to = index.to(base, key.place) + quote;
        if (index.isDisplaced(base, key.place)) {
            flush();
            length = key.write(out, length);
            copy(index.array(base, key.place), from, to);
            return;
        }
        // Between the run and the value stands the key, perhaps with escapes and white space. If that is as long as the
        // key written plainly, it is the key written plainly.
        if (from - runTo != key.length) {
            flush();
            length = key.write(out, length);
            runFrom = from;
        }
        runTo = from;
        Keys child = key.child;
        if (child == null) {
            if (key.type == Key.Type.STRINGS) {
                appendTokens(from, to);
            } else {
                append(from, to);
            }
        } else if (key.type == Key.Type.POLICIES) {
            if (index.policiesNormal()) {
                append(from, to);
            } else {
                policies(index, child);
            }
        } else if (index.isNormal(key.childBase)) {
            append(from, to);
        } else {
            object(index, child, key.childBase);
        }
    }

    private void policies(LineIndex index, Keys keys) {
        put((byte) '[');
        for (int policy = 0; policy < index.policyCount(); policy++) {
            if (policy > 0) {
                put((byte) ',');
            }
            object(index, keys, LineIndex.policyBase(policy));
        }
        put((byte) ']');
    }

    /** Writes a byte, by way of the run if it comes next in the line. */
    private void put(byte b) {
        if (runTo != NO_RUN && line[runTo] == b) {
            runTo++;
        } else {
            flush();
            out[length++] = b;
        }
    }

    /** Writes JSON of the line without the white space between its tokens. */
    private void appendTokens(int from, int to) {
        int start = from;
        boolean inString = false;
        for (int at = from; at < to; at++) {
            byte b = line[at];
            if (inString) {
                if (b == '\\') {
                    at++;
                } else if (b == '"') {
                    inString = false;
                }
            } else if (b == '"') {
                inString = true;
            } else if (b <= ' ') {
                append(start, at);
                start = at + 1;
            }
        }
        append(start, to);
    }

    /** Writes what stands in the line, by way of the run. */
    private void append(int from, int to) {
        if (from != runTo) {
            flush();
            runFrom = from;
        }
        runTo = to;
    }

    private void flush() {
        if (runTo != NO_RUN) {
            copy(line, runFrom, runTo);
            runTo = NO_RUN;
        }
    }

    private void copy(byte[] from, int start, int end) {
        int count = end - start;
        if (count <= 2 * CHUNK && start <= from.length - 2 * CHUNK) {
            copyChunk(from, start, 0);
            if (count > CHUNK) {
                copyChunk(from, start, CHUNK);
            }
        } else {
            System.arraycopy(from, start, out, length, count);
        }
        length += count;
    }

    private void copyChunk(byte[] from, int start, int at) {
        for (int i = at; i < at + CHUNK; i += Long.BYTES) {
            Swar.putWord(out, length + i, Swar.word(from, start + i));
        }
    }
}
