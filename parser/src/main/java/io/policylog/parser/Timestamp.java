package io.policylog.parser;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.time.DateTimeException;
import java.time.LocalDateTime;
import java.time.ZoneOffset;

/**
 * One timestamp after the other, as RFC 3339 has it, with up to nine fraction digits. The lines of a log mostly lie in
 * the same minute, so the last date, hour and minute are remembered, and calendar arithmetic is needed only when they
 * change.
 *
 * <p>Narrower than some readers of RFC 3339: no blank for the {@code T}, no hour 24, and after the conversion to UTC the
 * year must still have four digits. Wider than others: second 60 is taken at any minute.
 */
final class Timestamp {
    /** {@code 2020-06-13T21:29}, without seconds. */
    private static final int MINUTE_LENGTH = 16;

    private static final int SECONDS_LENGTH = MINUTE_LENGTH + 3;
    private static final int MAX_FRACTION_DIGITS = 9;
    private static final int[] POWERS_OF_TEN = {
        1, 10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000, 1_000_000_000
    };
    private static final long FIRST_MINUTE = LocalDateTime.of(0, 1, 1, 0, 0).toEpochSecond(ZoneOffset.UTC) / 60;
    private static final long LAST_MINUTE =
            LocalDateTime.of(9999, 12, 31, 23, 59).toEpochSecond(ZoneOffset.UTC) / 60;

    /** The longest normalized timestamp. */
    static final int MAX_LENGTH = SECONDS_LENGTH + 1 + MAX_FRACTION_DIGITS + 1;

    /** The sixteen bytes that {@link #localMinute} stands for. */
    private long knownFirst;

    private long knownSecond;
    private long localMinute;

    /** The minute for which {@link #minuteText} was made. */
    private long textMinute = Long.MIN_VALUE;

    private byte[] minuteText = {};

    private long epochMinute;
    private int second;
    private int nano;
    private boolean normal;

    Timestamp() {
        byte[] known = "1970-01-01T00:00".getBytes(US_ASCII);
        knownFirst = Swar.word(known, 0);
        knownSecond = Swar.word(known, Long.BYTES);
    }

    long epochSecond() {
        return epochMinute * 60 + second;
    }

    int nano() {
        return nano;
    }

    /** Whether what was read last already is in UTC and written with {@code T} and {@code Z}. */
    boolean isNormal() {
        return normal;
    }

    /** Reads {@code [from, end)}; false if it is no timestamp. */
    boolean read(byte[] text, int from, int end) {
        if (end - from <= SECONDS_LENGTH || !readMinute(text, from) || text[from + MINUTE_LENGTH] != ':') {
            return false;
        }
        second = twoDigits(text, from + MINUTE_LENGTH + 1);
        int zone = readFraction(text, from + SECONDS_LENGTH, end);
        if (second < 0 || second > 60 || zone < 0 || zone >= end) {
            return false;
        }
        epochMinute = localMinute;
        normal = text[zone] == 'Z' && text[from + 10] == 'T';
        if ((text[zone] | 0x20) == 'z') {
            return zone + 1 == end;
        }
        return readOffset(text, zone, end) && epochMinute >= FIRST_MINUTE && epochMinute <= LAST_MINUTE;
    }

    private boolean readMinute(byte[] text, int from) {
        long first = Swar.word(text, from);
        long second = Swar.word(text, from + Long.BYTES);
        if (first == knownFirst && second == knownSecond) {
            return true;
        }
        int century = twoDigits(text, from);
        int year = twoDigits(text, from + 2);
        int month = twoDigits(text, from + 5);
        int day = twoDigits(text, from + 8);
        int hour = twoDigits(text, from + 11);
        int minute = twoDigits(text, from + 14);
        if ((century | year | month | day | hour | minute) < 0
                || text[from + 4] != '-'
                || text[from + 7] != '-'
                || (text[from + 10] | 0x20) != 't'
                || text[from + 13] != ':') {
            return false;
        }
        try {
            LocalDateTime local = LocalDateTime.of(century * 100 + year, month, day, hour, minute);
            localMinute = Math.floorDiv(local.toEpochSecond(ZoneOffset.UTC), 60);
        } catch (DateTimeException e) {
            return false;
        }
        knownFirst = first;
        knownSecond = second;
        return true;
    }

    /** Where the zone begins, or -1. */
    private int readFraction(byte[] text, int from, int end) {
        nano = 0;
        if (text[from] != '.') {
            return from;
        }
        int p = from + 1;
        int digits = 0;
        if (end - p >= Long.BYTES) {
            long word = Swar.word(text, p);
            digits = Swar.digits(word);
            nano = digits == 0 ? 0 : Swar.number(word, digits);
            p += digits;
        }
        while (p < end && text[p] >= '0' && text[p] <= '9' && digits < MAX_FRACTION_DIGITS) {
            nano = nano * 10 + (text[p++] - '0');
            digits++;
        }
        nano *= POWERS_OF_TEN[MAX_FRACTION_DIGITS - digits];
        return digits == 0 ? -1 : p;
    }

    private boolean readOffset(byte[] text, int at, int end) {
        if (end - at != 6 || (text[at] != '+' && text[at] != '-') || text[at + 3] != ':') {
            return false;
        }
        int hours = twoDigits(text, at + 1);
        int minutes = twoDigits(text, at + 4);
        if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59) {
            return false;
        }
        int offset = hours * 60 + minutes;
        epochMinute += text[at] == '+' ? -offset : offset;
        return true;
    }

    /** The number of two digits, or -1. */
    private static int twoDigits(byte[] text, int at) {
        int tens = text[at] - '0';
        int ones = text[at + 1] - '0';
        return tens < 0 || tens > 9 || ones < 0 || ones > 9 ? -1 : tens * 10 + ones;
    }

    /**
     * Writes what was read last as it is when normalized: in UTC, the seconds and the fraction digits as given.
     *
     * @param text what was read
     * @param out has room for {@link #MAX_LENGTH} bytes from {@code at}
     * @return the position after the last byte written
     */
    int write(byte[] text, int from, byte[] out, int at) {
        if (epochMinute != textMinute) {
            minuteText = LocalDateTime.ofEpochSecond(epochMinute * 60, 0, ZoneOffset.UTC)
                    .toString()
                    .getBytes(US_ASCII);
            textMinute = epochMinute;
        }
        System.arraycopy(minuteText, 0, out, at, MINUTE_LENGTH);
        int p = from + MINUTE_LENGTH;
        int written = at + MINUTE_LENGTH;
        while (text[p] == ':' || text[p] == '.' || (text[p] >= '0' && text[p] <= '9')) {
            out[written++] = text[p++];
        }
        out[written++] = 'Z';
        return written;
    }
}
