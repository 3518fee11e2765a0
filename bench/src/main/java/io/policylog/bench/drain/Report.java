package io.policylog.bench.drain;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The results as a table for people and as JSON for programs. */
final class Report {
    private record Row(
            String name,
            String about,
            long lines,
            long bytes,
            Figure megabytesPerSecond,
            Figure recordsPerSecond,
            Figure cpuSecondsPerMillion,
            Figure maxRssMebibytes,
            Figure busyBefore,
            List<Measurement> runs) {}

    private final DataSet data;
    private final List<Row> rows = new ArrayList<>();

    Report(DataSet data) {
        this.data = data;
    }

    void add(Scenario scenario, List<Measurement> runs) {
        DataSet read = scenario.select(data);
        double lines = read.lines();
        rows.add(new Row(
                scenario.name(),
                scenario.about(),
                read.lines(),
                read.bytes(),
                Figure.of(runs, run -> read.bytes() / 1e6 / run.seconds()),
                Figure.of(runs, run -> lines / run.seconds()),
                Figure.of(runs, run -> run.cpuSeconds() / lines * 1e6),
                Figure.of(runs, run -> run.maxRssKib() / 1024.0),
                Figure.of(runs, Measurement::busyBefore),
                runs));
    }

    /** A Markdown table. */
    String table() {
        StringBuilder table = new StringBuilder("""
                | scenario | what | MB/s | records/s | CPU s / 1M | RSS MiB | busy | n |
                |---|---|---:|---:|---:|---:|---:|---:|
                """);
        for (Row row : rows) {
            table.append("| ")
                    .append(String.join(
                            " | ",
                            row.name(),
                            row.about(),
                            row.megabytesPerSecond().text(0),
                            row.recordsPerSecond().text(0),
                            row.cpuSecondsPerMillion().text(3),
                            row.maxRssMebibytes().text(1),
                            Math.round(row.busyBefore().max() * 100) + " %",
                            Integer.toString(row.runs().size())))
                    .append(" |\n");
        }
        return table.toString();
    }

    void writeJson(Path file) throws IOException, InterruptedException {
        Map<String, Object> report = new LinkedHashMap<>();
        report.put("date", Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
        report.put("machine", Machine.describe());
        report.put("versions", Machine.versions());
        report.put(
                "data",
                Map.of(
                        "seed", data.seed(),
                        "lines", data.lines(),
                        "bytes", data.bytes(),
                        "files", data.files().size(),
                        "fingerprint", data.fingerprint()));
        report.put("scenarios", rows);
        new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT).writeValue(file.toFile(), report);
    }
}
