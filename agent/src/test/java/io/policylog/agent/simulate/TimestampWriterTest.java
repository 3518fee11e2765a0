package io.policylog.agent.simulate;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TimestampWriterTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "2020-06-13T21:29:31.445836587Z",
                "2020-06-13T21:29:31Z",
                "2020-06-13T21:29:31.5Z",
                "2020-06-13T21:29:31.000000001Z",
                "2020-06-13T21:29:31.00000001Z",
                "2024-02-29T23:59:59.99Z",
                "1970-01-01T00:00:00Z"
            })
    void writesAsManyDigitsAsAreNeeded(String time) {
        TimestampWriter timestamps = new TimestampWriter();
        byte[] out = new byte[40];
        long epochNanos = Duration.between(Instant.EPOCH, Instant.parse(time)).toNanos();
        // Twice: the second time from the text that was kept.
        for (int i = 0; i < 2; i++) {
            int end = timestamps.write(epochNanos, out, 3);
            assertEquals('"' + time + '"', new String(out, 3, end - 3, US_ASCII));
        }
    }
}
