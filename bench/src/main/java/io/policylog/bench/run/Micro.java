package io.policylog.bench.run;

import io.policylog.bench.CountersBenchmark;
import io.policylog.bench.FilterBenchmark;
import io.policylog.bench.ParserRatios;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The ratios that the benchmarks of single parts print, each in a JVM of its own. */
final class Micro {
    private Micro() {}

    /** Parse and normalize, to Jackson's streaming. */
    static Scenario.Measure parser(String writer) {
        return ratio("parse and normalize .* = ([0-9.]+) x jackson", ParserRatios.class, writer);
    }

    /** Parse, test and normalize, to the same without a filter. */
    static Scenario.Measure filter(String query) {
        return ratio("x([0-9.]+) of parse and normalize", FilterBenchmark.class, query);
    }

    /** Parse and count, in MB for a second of the processor. */
    static Scenario.Measure counters(String conversations) {
        return printed(
                Metric.MEGABYTES_PER_CPU_SECOND, "counters +([0-9]+) MB/s", CountersBenchmark.class, conversations);
    }

    private static Scenario.Measure ratio(String pattern, Class<?> program, String argument) {
        return printed(Metric.TIMES, pattern, program, argument);
    }

    private static Scenario.Measure printed(Metric metric, String pattern, Class<?> program, String argument) {
        return lab -> {
            lab.quiet();
            Path output = Files.createTempFile("bench", ".output");
            ProcessMeter.run(Lab.java(List.of("-XX:+UseCompactObjectHeaders"), program, argument), output);
            String said = Files.readString(output);
            Files.delete(output);
            Matcher matcher = Pattern.compile(pattern).matcher(said);
            if (!matcher.find()) {
                throw new IllegalStateException("no ratio in: " + said);
            }
            Map<Metric, Double> figures = new EnumMap<>(Metric.class);
            figures.put(metric, Double.valueOf(matcher.group(1)));
            return figures;
        };
    }
}
