package io.policylog.parser.filter;

import io.policylog.parser.JsonText;
import java.nio.charset.StandardCharsets;

/**
 * Whether a text belongs to the sample: its hash, as a number in [0, 1), is below the fraction. The hash is FNV-1a with 64
 * bits over the UTF-8 of the text, then the finalizer of MurmurHash3 (FNV-1a alone leaves the high bits of short texts
 * uneven). It is the same on every node and in every release, so samples with a smaller fraction lie within larger ones.
 */
final class StableSample implements TextTest {
    private final double fraction;

    StableSample(double fraction) {
        this.fraction = fraction;
    }

    @Override
    public boolean test(byte[] json, int offset, int length) {
        int end = offset + length;
        if (JsonText.indexOfEscape(json, offset, end) < end) {
            return test(JsonText.decode(json, offset, offset + length));
        }
        return isSampled(json, offset, end);
    }

    @Override
    public boolean test(String text) {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        return isSampled(utf8, 0, utf8.length);
    }

    private boolean isSampled(byte[] utf8, int offset, int end) {
        long hash = 0xcbf29ce484222325L;
        for (int at = offset; at < end; at++) {
            hash = (hash ^ (utf8[at] & 0xff)) * 0x100000001b3L;
        }
        hash = (hash ^ hash >>> 33) * 0xff51afd7ed558ccdL;
        hash = (hash ^ hash >>> 33) * 0xc4ceb9fe1a85ec53L;
        hash ^= hash >>> 33;
        return (hash >>> 11) * 0x1p-53 < fraction;
    }
}
