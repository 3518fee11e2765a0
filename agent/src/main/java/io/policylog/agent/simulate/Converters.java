package io.policylog.agent.simulate;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** What the values of options look like. */
final class Converters {
    private Converters() {}

    /** {@code 200ms}, {@code 10s}, {@code 1m}, {@code 2h}. */
    static final class ToDuration implements ITypeConverter<Duration> {
        private static final Pattern FORM = Pattern.compile("(\\d{1,9})(ms|s|m|h)");

        @Override
        public Duration convert(String value) {
            Matcher matcher = FORM.matcher(value);
            if (!matcher.matches()) {
                throw new TypeConversionException("'" + value + "' is not a duration such as 200ms, 10s, 1m or 2h");
            }
            long number = Long.parseLong(matcher.group(1));
            return switch (matcher.group(2)) {
                case "ms" -> Duration.ofMillis(number);
                case "s" -> Duration.ofSeconds(number);
                case "m" -> Duration.ofMinutes(number);
                default -> Duration.ofHours(number);
            };
        }
    }

    /** {@code 4096}, {@code 64KiB}, {@code 10MiB}, {@code 1GiB}. */
    static final class ToBytes implements ITypeConverter<Long> {
        private static final Pattern FORM = Pattern.compile("(\\d{1,9})(|KiB|MiB|GiB)");

        @Override
        public Long convert(String value) {
            Matcher matcher = FORM.matcher(value);
            if (!matcher.matches()) {
                throw new TypeConversionException("'" + value + "' is not a size such as 4096, 64KiB, 10MiB or 1GiB");
            }
            long number = Long.parseLong(matcher.group(1));
            return switch (matcher.group(2)) {
                case "KiB" -> number << 10;
                case "MiB" -> number << 20;
                case "GiB" -> number << 30;
                default -> number;
            };
        }
    }

    /** A number a second, or {@code max}, which is infinite. */
    static final class ToRate implements ITypeConverter<Double> {
        @Override
        public Double convert(String value) {
            if (value.equals("max")) {
                return Double.POSITIVE_INFINITY;
            }
            try {
                double rate = Double.parseDouble(value);
                if (rate > 0 && rate <= TrafficOptions.MAX_ATTEMPTS_PER_SECOND) {
                    return rate;
                }
            } catch (NumberFormatException e) {
                // The message below says it.
            }
            throw new TypeConversionException("'" + value + "' is neither max nor a number above 0 and at most "
                    + TrafficOptions.MAX_ATTEMPTS_PER_SECOND);
        }
    }
}
