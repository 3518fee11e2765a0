package io.policylog.agent.simulate;

import io.policylog.agent.config.TypedPath;
import io.policylog.agent.config.Units;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.function.Predicate;
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
            return value.equals("max")
                    ? Double.POSITIVE_INFINITY
                    : checked(
                            value,
                            "must be max or a number above 0 and at most " + TrafficOptions.MAX_ATTEMPTS_PER_SECOND,
                            Double::parseDouble,
                            rate -> rate > 0 && rate <= TrafficOptions.MAX_ATTEMPTS_PER_SECOND);
        }
    }

    /** A share, 0 to 1. */
    static final class ToShare implements ITypeConverter<Double> {
        @Override
        public Double convert(String value) {
            return checked(
                    value,
                    "must be a number from 0 to 1, such as 0.3",
                    Double::parseDouble,
                    share -> share >= 0 && share <= 1);
        }
    }

    /** A time that the log can begin at. */
    static final class ToStart implements ITypeConverter<Instant> {
        @Override
        public Instant convert(String value) {
            return checked(
                    value,
                    "must be a time such as 2026-01-01T00:00:00Z, from 1970-01-01 to 2116-02-20",
                    text -> OffsetDateTime.parse(text).toInstant(),
                    start -> !start.isBefore(Instant.EPOCH) && !start.isAfter(TrafficOptions.LAST_START));
        }
    }

    /** {@code 1}, {@code 2}, {@code 3}, {@code mixed}. */
    static final class ToGeneration implements ITypeConverter<Generation> {
        @Override
        public Generation convert(String value) {
            return checked(value, v -> choice(v, Generation.values()));
        }
    }

    /** {@code writer}, {@code numbered}, {@code dated}, {@code copytruncate}. */
    static final class ToRotation implements ITypeConverter<Rotation> {
        @Override
        public Rotation convert(String value) {
            return checked(value, v -> choice(v, Rotation.values()));
        }
    }

    /** A path, whatever its characters. */
    static final class ToPath implements ITypeConverter<Path> {
        @Override
        public Path convert(String value) {
            try {
                return TypedPath.of(value);
            } catch (IllegalArgumentException e) {
                throw new TypeConversionException(String.valueOf(e.getMessage()));
            }
        }
    }

    /** The one that is written so: an enum's own names are not what people type. */
    private static <E extends Enum<E>> E choice(String value, E[] choices) {
        List<String> labels = Arrays.stream(choices).map(Object::toString).toList();
        int index = labels.indexOf(value);
        if (index < 0) {
            throw new IllegalArgumentException("must be one of " + String.join(", ", labels));
        }
        return choices[index];
    }

    private static <T> T checked(String value, String rule, Function<String, T> parse, Predicate<T> keepsRule) {
        return checked(value, text -> {
            try {
                T parsed = parse.apply(text);
                if (keepsRule.test(parsed)) {
                    return parsed;
                }
            } catch (NumberFormatException | DateTimeException e) {
                throw new IllegalArgumentException(rule, e);
            }
            throw new IllegalArgumentException(rule);
        });
    }

    private static <T> T checked(String value, Function<String, T> conversion) {
        try {
            return conversion.apply(value);
        } catch (IllegalArgumentException e) {
            throw new TypeConversionException(e.getMessage() + ", found '" + value + "'");
        }
    }
}
