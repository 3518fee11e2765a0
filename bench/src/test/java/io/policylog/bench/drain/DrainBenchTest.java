package io.policylog.bench.drain;

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
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DrainBenchTest {
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @TempDir
    Path directory;

    @Test
    void measuresEachScenarioAsOftenAsAsked() throws IOException {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/time")), "needs the package time");
        assertEquals(0, bench("--lines", "20000", "--runs", "2", "cat", "wc", "newline-scan"), err::toString);
        JsonNode report =
                new ObjectMapper().readTree(directory.resolve("drain.json").toFile());
        assertEquals(20_000, report.at("/data/lines").asLong());
        assertEquals(3, report.get("scenarios").size());
        for (JsonNode scenario : report.get("scenarios")) {
            assertEquals(2, scenario.get("runs").size());
            assertEquals(report.at("/data/bytes"), scenario.get("bytes"));
            for (String figure : List.of("megabytesPerSecond", "recordsPerSecond", "maxRssMebibytes")) {
                double min = scenario.at("/" + figure + "/min").asDouble();
                double median = scenario.at("/" + figure + "/median").asDouble();
                assertTrue(min > 0 && min <= median, scenario::toString);
                assertTrue(median <= scenario.at("/" + figure + "/max").asDouble(), scenario::toString);
            }
        }
        // A JVM is larger than cat; were memory the parent's, both would be the same.
        assertTrue(report.at("/scenarios/0/maxRssMebibytes/max").asDouble()
                < report.at("/scenarios/2/maxRssMebibytes/min").asDouble() / 2);
        assertTrue(
                out.toString().contains("| newline-scan | Java: read and find the lines, SerialGC | "), out::toString);
        assertEquals(5, out.toString().lines().count());
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
        assertEquals(first, first.first(Scenario.ALL_LINES));
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

    private int bench(String... arguments) {
        List<String> all = new ArrayList<>(List.of(
                "--data",
                directory.resolve("data").toString(),
                "--json",
                directory.resolve("drain.json").toString()));
        all.addAll(List.of(arguments));
        return DrainBench.commandLine()
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err))
                .execute(all.toArray(String[]::new));
    }
}
