package io.policylog.agent.config;

import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How sizes, durations and percentages are written. Each method throws {@link IllegalArgumentException} with the rule
 * for a text that is none.
 */
public final class Units {
    static final String SIZE_RULE = "must be a size such as 512KiB, 1MiB, 1GiB or a plain number of bytes";
    static final String DURATION_RULE = "must be a duration such as 200ms, 5s, 1m, 2h or 7d";
    static final String PERCENTAGE_RULE = "must be a percentage from 0% to 99%, such as 15%";

    private static final Pattern SIZE = Pattern.compile("([0-9]{1,18})(|B|KiB|MiB|GiB|TiB)");
    private static final Pattern DURATION = Pattern.compile("([0-9]{1,18})(ms|s|m|h|d)");
    private static final Pattern PERCENTAGE = Pattern.compile("([0-9]{1,2}(?:\\.[0-9]{1,3})?)%");

    private static final Map<String, Long> BYTES =
            Map.of("", 1L, "B", 1L, "KiB", 1L << 10, "MiB", 1L << 20, "GiB", 1L << 30, "TiB", 1L << 40);
    private static final Map<String, Long> MILLIS =
            Map.of("ms", 1L, "s", 1_000L, "m", 60_000L, "h", 3_600_000L, "d", 86_400_000L);

    private Units() {}

    /** Bytes. */
    public static long size(String text) {
        return amount(SIZE, text, BYTES, SIZE_RULE);
    }

    /** Of milliseconds at the finest, and so short that its nanoseconds fit a {@code long} (292 years). */
    public static Duration duration(String text) {
        Duration duration = Duration.ofMillis(amount(DURATION, text, MILLIS, DURATION_RULE));
        if (duration.compareTo(Duration.ofNanos(Long.MAX_VALUE)) > 0) {
            throw new IllegalArgumentException(DURATION_RULE);
        }
        return duration;
    }

    /** A percentage as a fraction: {@code 15%} is 0.15. */
    public static double fraction(String text) {
        Matcher matcher = PERCENTAGE.matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException(PERCENTAGE_RULE);
        }
        return Double.parseDouble(matcher.group(1)) / 100;
    }

    /** The size in the largest unit that gives a whole number. */
    public static String formatSize(long bytes) {
        for (String unit : new String[] {"TiB", "GiB", "MiB", "KiB"}) {
            long factor = BYTES.getOrDefault(unit, 1L);
            if (bytes != 0 && bytes % factor == 0) {
                return bytes / factor + unit;
            }
        }
        return String.format(Locale.ROOT, "%d", bytes);
    }

    private static long amount(Pattern pattern, String text, Map<String, Long> units, String rule) {
        Matcher matcher = pattern.matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException(rule);
        }
        try {
            return Math.multiplyExact(Long.parseLong(matcher.group(1)), units.getOrDefault(matcher.group(2), 1L));
        } catch (ArithmeticException e) {
            throw new IllegalArgumentException(rule, e);
        }
    }
}
