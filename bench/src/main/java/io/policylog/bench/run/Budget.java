package io.policylog.bench.run;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The floors that figures must keep. */
record Budget(List<Floor> floors) {
    /**
     * A line of the file: {@code SCENARIO | METRIC | at least or at most | VALUE | REFERENCE}.
     *
     * @param value a figure, or how often that of the reference
     * @param reference a scenario of the same run; null when the value is a figure
     */
    record Floor(
            String scenario,
            Metric metric,
            boolean atLeast,
            double value,
            @Nullable String reference) {
        /** Whether the medians keep it; nothing when one of them was not measured. */
        Optional<Boolean> kept(Map<String, Map<Metric, Figure>> figures) {
            return found(figures).map(found -> atLeast ? found >= value : found <= value);
        }

        private Optional<Double> found(Map<String, Map<Metric, Figure>> figures) {
            Optional<Double> own = median(figures, scenario);
            return reference == null
                    ? own
                    : own.flatMap(median -> median(figures, reference).map(other -> median / other));
        }

        private Optional<Double> median(Map<String, Map<Metric, Figure>> figures, String of) {
            return Optional.ofNullable(figures.getOrDefault(of, Map.of()).get(metric))
                    .map(Figure::median);
        }

        /** What was asked and what was found. */
        String verdict(Map<String, Map<Metric, Figure>> figures) {
            String asked = scenario + ": " + metric + " " + (atLeast ? "at least " : "at most ") + value
                    + (reference == null ? "" : " × " + reference);
            return found(figures)
                    .map(found -> (kept(figures).orElse(false) ? "kept    " : "MISSED  ")
                            + asked
                            + String.format(Locale.ROOT, ", found %.3f", found))
                    .orElse("unknown " + asked);
        }
    }

    static Budget read(Path file) throws IOException {
        List<Floor> floors = new ArrayList<>();
        int number = 0;
        for (String line : Files.readAllLines(file)) {
            number++;
            if (line.isBlank() || line.startsWith("#")) {
                continue;
            }
            String[] words = line.strip().split(" *\\| *", -1);
            boolean relation = words.length >= 3 && (words[2].equals("at least") || words[2].equals("at most"));
            if (words.length < 4 || words.length > 5 || !relation) {
                throw new IOException(file + ", line " + number
                        + ": must be SCENARIO | METRIC | at least or at most | VALUE [| REFERENCE], found '" + line
                        + "'");
            }
            floors.add(new Floor(
                    words[0],
                    Metric.labelled(words[1]),
                    words[2].equals("at least"),
                    Double.parseDouble(words[3]),
                    words.length == 5 ? words[4] : null));
        }
        return new Budget(floors);
    }

    /** What must be measured to know. */
    List<String> scenarios() {
        return floors.stream()
                .flatMap(floor -> Stream.of(Optional.of(floor.scenario()), Optional.ofNullable(floor.reference())))
                .flatMap(Optional::stream)
                .distinct()
                .toList();
    }
}
