package io.policylog.bench;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.Arrays;
import java.util.Locale;

/**
 * The ratios of {@link ParserBenchmark} on a machine that has other work to do: by the CPU time of the thread, the
 * contestants taking turns every few dozen milliseconds, the median over all turns. Not a replacement for JMH, which
 * measures by the clock, but within a few percent of it on an idle machine.
 */
public final class ParserRatios {
    private static final int ROUNDS = 40;
    private static final int WARM_UP_ROUNDS = 10;
    private static final int PASSES = 2;

    private ParserRatios() {}

    private interface Contestant {
        long pass(ParserBenchmark.Input input) throws IOException;
    }

    /** Prints a line for each writer of lines that is named, or for all. */
    public static void main(String[] arguments) throws IOException {
        for (PolicyLines.Writer writer : PolicyLines.Writer.values()) {
            if (arguments.length > 0 && !Arrays.asList(arguments).contains(writer.name())) {
                continue;
            }
            ParserBenchmark benchmark = new ParserBenchmark();
            benchmark.writer = writer;
            benchmark.makeLines();
            measure(
                    writer.name(),
                    benchmark::newlines,
                    benchmark::jacksonStreaming,
                    benchmark::parse,
                    benchmark::parseAndNormalize);
        }
    }

    private static void measure(String name, Contestant... contestants) throws IOException {
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        ParserBenchmark.Input input = new ParserBenchmark.Input();
        double[][] megabytesPerSecond = new double[contestants.length][ROUNDS - WARM_UP_ROUNDS];
        long results = 0;
        for (int round = 0; round < ROUNDS; round++) {
            for (int i = 0; i < contestants.length; i++) {
                double megabytes = input.megabytes;
                long start = threads.getCurrentThreadCpuTime();
                for (int pass = 0; pass < PASSES; pass++) {
                    results += contestants[i].pass(input);
                }
                double seconds = (threads.getCurrentThreadCpuTime() - start) / 1e9;
                if (round >= WARM_UP_ROUNDS) {
                    megabytesPerSecond[i][round - WARM_UP_ROUNDS] = (input.megabytes - megabytes) / seconds;
                }
            }
        }
        double[] medians = Arrays.stream(megabytesPerSecond)
                .mapToDouble(ParserRatios::median)
                .toArray();
        double[][] ratios = new double[contestants.length][ROUNDS - WARM_UP_ROUNDS];
        for (int i = 0; i < contestants.length; i++) {
            for (int round = 0; round < ratios[i].length; round++) {
                ratios[i][round] = megabytesPerSecond[i][round] / megabytesPerSecond[1][round];
            }
        }
        System.out.printf(
                Locale.ROOT,
                "%-12s newlines %.0f MB/s, jackson %.0f MB/s, parse %.0f MB/s = %.2f x jackson,"
                        + " parse and normalize %.0f MB/s = %.2f x jackson (%d)%n",
                name,
                medians[0],
                medians[1],
                medians[2],
                median(ratios[2]),
                medians[3],
                median(ratios[3]),
                results);
    }

    private static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }
}
