package io.policylog.parser;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class TimestampTest {
    private final Timestamp timestamp = new Timestamp();

    @ParameterizedTest
    @CsvSource({
        "2020-06-13T21:29:31.445836587Z, 2020-06-13T21:29:31.445836587Z",
        "2020-06-13T21:29:31Z, 2020-06-13T21:29:31Z",
        "2020-06-13T21:29:31.5Z, 2020-06-13T21:29:31.5Z",
        "2020-06-13T21:29:31.500Z, 2020-06-13T21:29:31.500Z",
        "2020-06-13T21:29:31.000000000Z, 2020-06-13T21:29:31.000000000Z",
        "2020-06-13t21:29:31z, 2020-06-13T21:29:31Z",
        "2020-06-13T21:29:31+00:00, 2020-06-13T21:29:31Z",
        "2020-06-13T21:29:31-00:00, 2020-06-13T21:29:31Z",
        "2020-06-13T21:29:31.07+05:45, 2020-06-13T15:44:31.07Z",
        "2020-02-28T23:29:31-00:31, 2020-02-29T00:00:31Z",
        "2021-02-28T23:29:31-00:31, 2021-03-01T00:00:31Z",
        "2020-12-31T23:59:59-23:59, 2021-01-01T23:58:59Z",
        "2020-01-01T00:00:00+23:59, 2019-12-31T00:01:00Z",
        "2016-12-31T23:59:60Z, 2016-12-31T23:59:60Z",
        "2016-12-31T15:59:60.25-08:00, 2016-12-31T23:59:60.25Z",
        "0000-01-01T00:00:00Z, 0000-01-01T00:00:00Z",
        "0000-02-29T00:00:00Z, 0000-02-29T00:00:00Z",
        "9999-12-31T23:59:59.999999999Z, 9999-12-31T23:59:59.999999999Z",
        "2000-02-29T00:00:00Z, 2000-02-29T00:00:00Z",
        "1969-12-31T23:59:59.5Z, 1969-12-31T23:59:59.5Z"
    })
    void normalizesToUtc(String given, String normalized) {
        byte[] text = ("##" + given + "##").getBytes(US_ASCII);
        assertTrue(timestamp.read(text, 2, text.length - 2));
        byte[] out = new byte[Timestamp.MAX_LENGTH + 1];
        int end = timestamp.write(text, 2, out, 1);
        assertEquals(normalized, new String(out, 1, end - 1, US_ASCII));
        assertEquals(given.equals(normalized), timestamp.isNormal());
        boolean leap = normalized.contains(":60");
        Instant expected = Instant.parse(normalized.replace(":60", ":59")).plusSeconds(leap ? 1 : 0);
        assertEquals(expected, Instant.ofEpochSecond(timestamp.epochSecond(), timestamp.nano()));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "2020-06-13T21:29:31",
                "2020-06-13T21:29:31 Z",
                "2020-06-13 21:29:31Z",
                "2020-06-13T21:29Z",
                "2020-06-13T21:29:31ZZ",
                "2020-06-13T21:29:31Z ",
                " 2020-06-13T21:29:31Z",
                "2020-06-13T21:29:31.Z",
                "2020-06-13T21:29:31.1234567890Z",
                "2020-06-13T21:29:31,5Z",
                "2020-06-13T21:29:31.5",
                "2020-06-13T21:29:31+0200",
                "2020-06-13T21:29:31+02",
                "2020-06-13T21:29:31+2:00",
                "2020-06-13T21:29:31+24:00",
                "2020-06-13T21:29:31+02:60",
                "2020-06-13T21:29:31+02:00:00",
                "2020-06-13T21:29:31\u221202:00",
                "2020-06-13T21:29:61Z",
                "2020-06-13T21:60:31Z",
                "2020-06-13T24:00:00Z",
                "2020-06-31T21:29:31Z",
                "2020-00-13T21:29:31Z",
                "2020-13-13T21:29:31Z",
                "2020-06-00T21:29:31Z",
                "2021-02-29T21:29:31Z",
                "1900-02-29T21:29:31Z",
                "20200613T212931Z....",
                "-020-06-13T21:29:31Z",
                "+2020-06-13T21:29:31Z",
                "12020-06-13T21:29:31Z",
                "0000-01-01T00:00:00+00:01",
                "9999-12-31T23:59:59-00:01",
                "2020/06/13T21:29:31Z",
                "2020-06-13T21-29-31Z",
                "2020-06-1aT21:29:31Z",
                "2020-06-13T21:29:3aZ",
                "2020-06-13T21:29:31GMT",
                "2020-06-13T21:29:31{"
            })
    void refusesWhatIsNotRfc3339(String given) {
        byte[] text = given.getBytes(java.nio.charset.StandardCharsets.UTF_8);
        assertFalse(timestamp.read(text, 0, text.length));
    }

    @Test
    void remembersOnlyAMinuteThatIsValid() {
        byte[] bad = "2021-02-29T21:29:31Z".getBytes(US_ASCII);
        byte[] good = "2021-02-28T21:29:31Z".getBytes(US_ASCII);
        assertFalse(timestamp.read(bad, 0, bad.length));
        assertFalse(timestamp.read(bad, 0, bad.length));
        assertTrue(timestamp.read(good, 0, good.length));
        assertFalse(timestamp.read(bad, 0, bad.length));
        assertTrue(timestamp.read(good, 0, good.length));
        assertEquals(Instant.parse("2021-02-28T21:29:31Z").getEpochSecond(), timestamp.epochSecond());
    }
}
