package io.policylog.bench.run;

import java.util.Collection;
import java.util.Locale;

/** What several runs gave. */
record Figure(double median, double min, double max) {
    static Figure of(Collection<Double> runs) {
        double[] sorted =
                runs.stream().mapToDouble(Double::doubleValue).sorted().toArray();
        int half = sorted.length / 2;
        double median = sorted.length % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
        return new Figure(median, sorted[0], sorted[sorted.length - 1]);
    }

    /** With so many digits after the point. */
    String text(int digits) {
        String number = "%,." + digits + "f";
        return min == max
                ? String.format(Locale.ROOT, number, median)
                : String.format(Locale.ROOT, number + " (" + number + "–" + number + ")", median, min, max);
    }
}
