package io.policylog.parser;

import java.util.Arrays;

/**
 * Writes a record as it is when normalized: known keys in their order, then the unknown ones in order of appearance, at
 * each level; no white space; every value as it stands in the line or as {@link LineIndex} has it. What already is
 * normal is copied whole. The buffer is reused, and grows with the longest record so far.
 */
final class Normalizer {
    private byte[] out = new byte[1024];
    private int length;

    byte[] out() {
        return out;
    }

    /** Writes the record from the beginning of {@link #out} and returns its length. */
    int write(LineIndex index, Keys keys) {
        length = 0;
        object(index, keys, LineIndex.TOP);
        return length;
    }

    private void object(LineIndex index, Keys keys, int base) {
        byte separator = '{';
        for (int seen = index.seen(base); seen != 0; seen &= seen - 1) {
            int key = Integer.numberOfTrailingZeros(seen);
            put(separator);
            separator = ',';
            copy(keys.literal(key), 0, keys.literalLength(key));
            value(index, keys.member(key), base, key);
        }
        for (int extra = index.extrasFrom(base); extra < index.extrasTo(base); extra++) {
            if (index.isExtraOf(base, extra)) {
                put(separator);
                separator = ',';
                copyTokens(index.line(), index.extraFrom(extra), index.extraTo(extra));
            }
        }
        if (separator == '{') {
            put(separator);
        }
        put((byte) '}');
    }

    private void value(LineIndex index, Keys.Member member, int base, int key) {
        byte[] array = index.array(base, key);
        int from = index.from(base, key);
        int to = index.to(base, key);
        switch (member.type()) {
            case STRING, LOWER_CASE, TIMESTAMP -> copy(array, from - 1, to + 1);
            case PORT, COUNT, INTEGER -> copy(array, from, to);
            case STRINGS -> copyTokens(array, from, to);
            case OBJECT, WORKLOAD -> {
                if (index.isNormal(member.childBase())) {
                    copy(array, from, to);
                } else {
                    object(index, member.child(), member.childBase());
                }
            }
            case POLICIES -> {
                if (index.policiesNormal()) {
                    copy(array, from, to);
                } else {
                    policies(index, member.child());
                }
            }
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

    /** Copies JSON without the white space between its tokens. */
    private void copyTokens(byte[] from, int start, int end) {
        int copied = start;
        boolean inString = false;
        for (int at = start; at < end; at++) {
            byte b = from[at];
            if (inString) {
                if (b == '\\') {
                    at++;
                } else if (b == '"') {
                    inString = false;
                }
            } else if (b == '"') {
                inString = true;
            } else if (b <= ' ' && b >= 0) {
                copy(from, copied, at);
                copied = at + 1;
            }
        }
        copy(from, copied, end);
    }

    private void put(byte b) {
        ensure(1);
        out[length++] = b;
    }

    private void copy(byte[] from, int start, int end) {
        int count = end - start;
        ensure(count);
        System.arraycopy(from, start, out, length, count);
        length += count;
    }

    private void ensure(int count) {
        if (out.length - length < count) {
            out = Arrays.copyOf(out, Math.max(out.length * 2, length + count));
        }
    }
}
