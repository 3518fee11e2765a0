package io.policylog.parser.filter;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** How a time compares with the literal, to the nanosecond. */
final class TimeTest {
    private static final Pattern RFC_3339 = Pattern.compile("(\\d{4}-\\d\\d-\\d\\d)"
            + "([Tt ](\\d\\d):(\\d\\d)(:(\\d\\d)(\\.(\\d{1,9}))?)?([Zz]|[-+]\\d\\d:\\d\\d)?)?");
    private static final Pattern DURATION = Pattern.compile("([-+]?)((\\d{1,9}(ms|[smhdw]))+)");
    private static final Pattern DURATION_PART = Pattern.compile("(\\d+)(ms|[smhdw])");

    private final Operator operator;
    private final long second;
    private final int nano;
    private final @Nullable InstantSource reference;

    /** @param reference what second and nano are added to; null if they are a time themselves */
    private TimeTest(Operator operator, long second, int nano, @Nullable InstantSource reference) {
        this.operator = operator;
        this.second = second;
        this.nano = nano;
        this.reference = reference;
    }

    /** Null if the literal is neither a time, nor a date, nor a duration. */
    static @Nullable TimeTest of(Operator operator, String literal, InstantSource reference) {
        Matcher time = RFC_3339.matcher(literal);
        if (time.matches()) {
            try {
                return ofTime(operator, time);
            } catch (DateTimeException e) {
                return null;
            }
        }
        Matcher duration = DURATION.matcher(literal);
        return duration.matches() ? ofDuration(operator, duration, reference) : null;
    }

    private static TimeTest ofTime(Operator operator, Matcher time) {
        LocalDate date = LocalDate.parse(time.group(1));
        if (time.group(2) == null) {
            return new TimeTest(operator, date.toEpochDay() * 86_400, 0, null);
        }
        int second = time.group(6) == null ? 0 : Integer.parseInt(time.group(6));
        // A leap second counts as the second after it, in a record too.
        boolean isLeap = second == 60;
        int nano = time.group(8) == null ? 0 : Integer.parseInt((time.group(8) + "00000000").substring(0, 9));
        LocalTime ofDay = LocalTime.of(
                Integer.parseInt(time.group(3)), Integer.parseInt(time.group(4)), isLeap ? 59 : second, nano);
        String zone = time.group(9);
        ZoneOffset offset = zone == null || zone.equalsIgnoreCase("Z") ? ZoneOffset.UTC : ZoneOffset.of(zone);
        return new TimeTest(operator, date.atTime(ofDay).toEpochSecond(offset) + (isLeap ? 1 : 0), nano, null);
    }

    private static TimeTest ofDuration(Operator operator, Matcher duration, InstantSource reference) {
        long seconds = 0;
        long millis = 0;
        Matcher part = DURATION_PART.matcher(duration.group(2));
        while (part.find()) {
            long amount = Long.parseLong(part.group(1));
            switch (part.group(2)) {
                case "ms" -> millis += amount;
                case "s" -> seconds += amount;
                case "m" -> seconds += amount * 60;
                case "h" -> seconds += amount * 3_600;
                case "d" -> seconds += amount * 86_400;
                default -> seconds += amount * 7 * 86_400;
            }
        }
        int sign = duration.group(1).equals("-") ? -1 : 1;
        long total = millis * sign;
        return new TimeTest(
                operator,
                seconds * sign + Math.floorDiv(total, 1_000L),
                (int) Math.floorMod(total, 1_000L) * 1_000_000,
                reference);
    }

    boolean test(long epochSecond, int epochNano) {
        long otherSecond = second;
        int otherNano = nano;
        if (reference != null) {
            Instant now = reference.instant();
            int sum = nano + now.getNano();
            otherSecond += now.getEpochSecond() + sum / 1_000_000_000;
            otherNano = sum % 1_000_000_000;
        }
        int seconds = Long.compare(epochSecond, otherSecond);
        return operator.accepts(seconds != 0 ? seconds : Integer.compare(epochNano, otherNano));
    }
}
