package io.policylog.agent.simulate;

import java.nio.charset.StandardCharsets;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;

/**
 * Writes times as Go's {@code RFC3339Nano} does: UTC, up to nine fraction digits, trailing zeros trimmed. Keeps the text
 * of the last second, so an instance belongs to one thread.
 */
final class TimestampWriter {
    private static final DateTimeFormatter SECONDS = DateTimeFormatter.ofPattern("'\"'uuuu-MM-dd'T'HH:mm:ss");
    private static final int NANOS_PER_SECOND = 1_000_000_000;

    private long second = Long.MIN_VALUE;
    private byte[] secondText = new byte[0];

    /** Writes the time with its quotes; returns the offset after it. */
    int write(long epochNanos, byte[] out, int offset) {
        long newSecond = Math.floorDiv(epochNanos, NANOS_PER_SECOND);
        if (newSecond != second) {
            second = newSecond;
            secondText = SECONDS.format(LocalDateTime.ofEpochSecond(newSecond, 0, ZoneOffset.UTC))
                    .getBytes(StandardCharsets.US_ASCII);
        }
        System.arraycopy(secondText, 0, out, offset, secondText.length);
        int at = offset + secondText.length;
        int fraction = Math.floorMod(epochNanos, NANOS_PER_SECOND);
        if (fraction != 0) {
            out[at++] = '.';
            for (int unit = NANOS_PER_SECOND / 10; fraction != 0; unit /= 10) {
                out[at++] = (byte) ('0' + fraction / unit);
                fraction %= unit;
            }
        }
        out[at++] = 'Z';
        out[at++] = '"';
        return at;
    }
}
