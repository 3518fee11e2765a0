package io.policylog.sinks;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.zip.CRC32C;

/** What the durable text formats share: a CRC-32C (RFC 3720) in hex over UTF-8, and quoting of what was damaged. */
final class Checksum {
    private Checksum() {}

    static String of(String text) {
        CRC32C crc = new CRC32C();
        crc.update(text.getBytes(StandardCharsets.UTF_8));
        return HexFormat.of().toHexDigits((int) crc.getValue());
    }

    /** The text with everything but printable ASCII replaced, so that a damaged file does no harm to a terminal. */
    static String printable(String text) {
        return text.replaceAll("[^ -~]", "?");
    }
}
