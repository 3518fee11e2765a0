package io.policylog.agent.simulate;

import io.policylog.agent.config.Units;
import java.time.Duration;
import java.util.function.Function;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** What the values of options look like. */
final class Converters {
    private Converters() {}

    /** {@code 200ms}, {@code 10s}, {@code 1m}, {@code 2h}. */
    static final class ToDuration implements ITypeConverter<Duration> {
        @Override
        public Duration convert(String value) {
            return checked(value, Units::duration);
        }
    }

    /** {@code 4096}, {@code 64KiB}, {@code 10MiB}, {@code 1GiB}. */
    static final class ToBytes implements ITypeConverter<Long> {
        @Override
        public Long convert(String value) {
            return checked(value, Units::size);
        }
    }

    /** A number a second, or {@code max}, which is infinite. */
    static final class ToRate implements ITypeConverter<Double> {
        @Override
        public Double convert(String value) {
            return checked(value, ToRate::rate);
        }

        private static double rate(String value) {
            if (value.equals("max")) {
                return Double.POSITIVE_INFINITY;
            }
            String rule = "must be max or a number above 0 and at most " + TrafficOptions.MAX_ATTEMPTS_PER_SECOND;
            try {
                double rate = Double.parseDouble(value);
                if (rate > 0 && rate <= TrafficOptions.MAX_ATTEMPTS_PER_SECOND) {
                    return rate;
                }
                throw new IllegalArgumentException(rule);
            } catch (NumberFormatException e) {
                throw new IllegalArgumentException(rule, e);
            }
        }
    }

    private static <T> T checked(String value, Function<String, T> conversion) {
        try {
            return conversion.apply(value);
        } catch (IllegalArgumentException e) {
            throw new TypeConversionException(e.getMessage() + ", found '" + value + "'");
        }
    }
}
