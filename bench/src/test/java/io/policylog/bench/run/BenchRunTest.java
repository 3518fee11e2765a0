package io.policylog.bench.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BenchRunTest {
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @TempDir
    Path directory;

    @Test
    void measuresEachScenarioAsOftenAsAsked() throws IOException {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/time")), "there is no /usr/bin/time; install the package time");
        assertEquals(
                0,
                bench("--lines", "20000", "--runs", "2", "--patience-seconds", "0", "cat", "wc", "newline-scan"),
                err::toString);
        JsonNode report =
                new ObjectMapper().readTree(directory.resolve("run.json").toFile());
        assertEquals(20_000, report.at("/settings/lines").asLong());
        assertEquals(3, report.get("scenarios").size());
        for (JsonNode scenario : report.get("scenarios")) {
            assertEquals(2, scenario.get("runs").size());
            for (String figure : List.of("MB/s", "records/s", "peak MiB")) {
                JsonNode found = scenario.get("figures").get(figure);
                double median = found.get("median").asDouble();
                assertTrue(found.get("min").asDouble() > 0, scenario::toString);
                assertTrue(found.get("min").asDouble() <= median, scenario::toString);
                assertTrue(median <= found.get("max").asDouble(), scenario::toString);
            }
        }
        // A JVM is larger than cat; were memory the parent's, both would be the same.
        assertTrue(peak(report, 0, "max") < peak(report, 2, "min") / 2, report::toString);
        assertTrue(out.toString().contains("| `newline-scan` | Java: read and find the lines | "), out::toString);
    }

    private static double peak(JsonNode report, int scenario, String which) {
        return report.get("scenarios")
                .get(scenario)
                .get("figures")
                .get("peak MiB")
                .get(which)
                .asDouble();
    }

    @Test
    void aFloorThatIsMissedOrNotMeasuredFails() throws IOException {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/time")), "there is no /usr/bin/time; install the package time");
        List<String> few = List.of("--lines", "20000", "--runs", "1", "--patience-seconds", "0", "--budget");
        Path budget = directory.resolve("budget");
        assertEquals(0, bench(few, budget, "# a comment", "wc | MB/s | at least | 0.001 | newline-scan"));
        assertTrue(out.toString().contains("kept    wc: MB/s at least 0.001 × newline-scan, found "), out::toString);
        assertEquals(1, bench(few, budget, "wc | peak MiB | at most | 0.5", "wc | MB/s | at least | 0.1"));
        assertTrue(out.toString().contains("MISSED  wc: peak MiB at most 0.5, found "), out::toString);
        assertEquals(1, bench(few, budget, "wc | p50 ms | at most | 5"));
        assertTrue(out.toString().contains("unknown wc: p50 ms at most 5.0"), out::toString);
        assertEquals(1, bench(few, budget, "wc | MB/s | about | 5"));
        assertTrue(err.toString().contains("line 1: must be SCENARIO | METRIC | at least or at most"), err::toString);
    }

    @Test
    void theBudgetNamesWhatThereIs() throws IOException {
        Budget budget = Budget.read(Path.of("budget"));
        assertEquals(
                budget.scenarios().stream().sorted().toList(),
                Scenarios.named(budget.scenarios()).stream()
                        .map(Scenario::name)
                        .sorted()
                        .toList());
    }

    @Test
    void eachScenarioHasANameOfItsOwnAndAKnownReference() {
        List<String> names = Scenarios.all().stream().map(Scenario::name).toList();
        assertEquals(names.size(), Set.copyOf(names).size());
        for (Scenario scenario : Scenarios.all()) {
            assertTrue(scenario.reference() == null || names.contains(scenario.reference()), scenario::toString);
        }
    }

    @Test
    void lateRecordsCountFromWhenTheyWereDue() {
        Latencies latencies = new Latencies();
        Instant now = Instant.now();
        for (int i = 0; i < 100; i++) {
            latencies.came(now.minusSeconds(100 - i).toString());
        }
        Map<Metric, Double> figures = new EnumMap<>(Metric.class);
        latencies.from(50).into(figures);
        assertEquals(50, latencies.from(50).size());
        assertEquals(25_000, figures.getOrDefault(Metric.P50_MILLIS, 0.0), 2_000);
        assertEquals(50_000, figures.getOrDefault(Metric.MAX_MILLIS, 0.0), 2_000);
    }

    @Test
    void dataIsMadeOnceAndHasExactlyTheLines() throws IOException {
        DataSet first = DataSet.cached(directory, 3, 40_000);
        assertEquals(40_000, first.lines());
        assertTrue(first.files().size() > 1);
        FileTime made = Files.getLastModifiedTime(first.files().getFirst().path());
        assertEquals(first, DataSet.cached(directory, 3, 40_000));
        assertEquals(made, Files.getLastModifiedTime(first.files().getFirst().path()));
        assertEquals(1, first.first(1).files().size());
        assertEquals(first, first.first(Long.MAX_VALUE));
    }

    @Test
    void anUnknownScenarioIsRefused() {
        assertEquals(2, bench("dog"));
        assertTrue(err.toString().startsWith("no scenario 'dog': --list shows what there is"), err::toString);
    }

    @Test
    void theNewlineScanCountsEachNewlineOnce() {
        SplittableRandom random = new SplittableRandom(1);
        String alphabet = "\n\u000b\u0009\u008a\u0000 x";
        for (int i = 0; i < 5_000; i++) {
            StringBuilder text = new StringBuilder();
            for (int length = random.nextInt(40); length > 0; length--) {
                text.append(alphabet.charAt(random.nextInt(alphabet.length())));
            }
            byte[] bytes = text.toString().getBytes(StandardCharsets.ISO_8859_1);
            assertEquals(
                    text.chars().filter(c -> c == '\n').count(),
                    NewlineScan.count(bytes, bytes.length),
                    text::toString);
        }
    }

    private int bench(List<String> options, Path budget, String... lines) throws IOException {
        Files.write(budget, List.of(lines));
        List<String> all = new ArrayList<>(options);
        all.add(budget.toString());
        return bench(all.toArray(String[]::new));
    }

    private int bench(String... arguments) {
        List<String> all = new ArrayList<>(List.of(
                "--data",
                directory.resolve("data").toString(),
                "--json",
                directory.resolve("run.json").toString()));
        all.addAll(List.of(arguments));
        return BenchRun.commandLine()
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err))
                .execute(all.toArray(String[]::new));
    }
}
