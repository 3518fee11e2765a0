package io.policylog.parser;

/** UTF-8 as RFC 3629 defines it: no overlong forms, no surrogates, nothing above U+10FFFF. */
final class Utf8 {
    private Utf8() {}

    static boolean isValid(byte[] bytes, int from, int end) {
        int at = from;
        while (at >= 0 && at < end) {
            at = bytes[at] >= 0 ? at + 1 : sequenceEnd(bytes, at, end);
        }
        return at == end;
    }

    /**
     * Where the multi-byte sequence that begins at {@code at} ends, or -1 if it is not one. Table 3-7 of the Unicode
     * Standard: only the second byte's range depends on the first byte.
     */
    static int sequenceEnd(byte[] bytes, int at, int end) {
        int first = bytes[at] & 0xFF;
        int length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
        if (first < 0xC2 || first > 0xF4 || end - at < length) {
            return -1;
        }
        int second = bytes[at + 1] & 0xFF;
        int lowest = first == 0xE0 ? 0xA0 : first == 0xF0 ? 0x90 : 0x80;
        int highest = first == 0xED ? 0x9F : first == 0xF4 ? 0x8F : 0xBF;
        if (second < lowest || second > highest) {
            return -1;
        }
        for (int i = at + 2; i < at + length; i++) {
            if ((bytes[i] & 0xC0) != 0x80) {
                return -1;
            }
        }
        return at + length;
    }
}
