package io.policylog.bench.run;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The results as tables for people and as JSON for programs. */
final class Report {
    private final Map<Scenario, List<Map<Metric, Double>>> runs = new LinkedHashMap<>();

    void add(Scenario scenario, Map<Metric, Double> run) {
        runs.computeIfAbsent(scenario, any -> new ArrayList<>()).add(run);
    }

    /** Of the scenarios by name. */
    Map<String, Map<Metric, Figure>> figures() {
        Map<String, Map<Metric, Figure>> figures = new LinkedHashMap<>();
        runs.forEach((scenario, all) -> {
            Map<Metric, Figure> own = new EnumMap<>(Metric.class);
            for (Metric metric : Metric.values()) {
                List<Double> values = all.stream()
                        .filter(run -> run.containsKey(metric))
                        .map(run -> run.get(metric))
                        .toList();
                if (!values.isEmpty()) {
                    own.put(metric, Figure.of(values));
                }
            }
            figures.put(scenario.name(), own);
        });
        return figures;
    }

    /** A Markdown table for each group: medians, with the smallest and the largest; the ratio to the reference after it. */
    String tables() {
        Map<String, Map<Metric, Figure>> figures = figures();
        StringBuilder tables = new StringBuilder();
        for (String group :
                runs.keySet().stream().map(Scenario::group).distinct().toList()) {
            List<Scenario> rows = runs.keySet().stream()
                    .filter(scenario -> scenario.group().equals(group))
                    .toList();
            Set<Metric> columns = EnumSet.noneOf(Metric.class);
            rows.forEach(row ->
                    columns.addAll(figures.getOrDefault(row.name(), Map.of()).keySet()));
            tables.append("\n| ").append(group).append(" | what |");
            columns.forEach(column -> tables.append(' ').append(column.label()).append(" |"));
            tables.append(" n |\n|---|---|")
                    .append("---:|".repeat(columns.size() + 1))
                    .append('\n');
            for (Scenario row : rows) {
                tables.append("| `")
                        .append(row.name())
                        .append("` | ")
                        .append(row.about())
                        .append(" |");
                columns.forEach(column ->
                        tables.append(' ').append(cell(figures, row, column)).append(" |"));
                tables.append(' ')
                        .append(runs.getOrDefault(row, List.of()).size())
                        .append(" |\n");
            }
        }
        return tables.toString();
    }

    private static String cell(Map<String, Map<Metric, Figure>> figures, Scenario row, Metric column) {
        Optional<Figure> own =
                Optional.ofNullable(figures.getOrDefault(row.name(), Map.of()).get(column));
        Optional<Figure> reference = Optional.ofNullable(row.reference())
                .filter(name -> column.compared())
                .flatMap(name ->
                        Optional.ofNullable(figures.getOrDefault(name, Map.of()).get(column)));
        return own.map(figure -> figure.text(column.digits())
                        + reference
                                .map(other -> String.format(Locale.ROOT, ", ×%.2f", figure.median() / other.median()))
                                .orElse(""))
                .orElse("");
    }

    /** With each run, and all that figures depend on. */
    void writeJson(Path file, Map<String, Object> settings) throws IOException, InterruptedException {
        Map<String, Object> report = new LinkedHashMap<>();
        report.put("date", Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
        report.put("machine", Machine.describe());
        report.put("versions", Machine.versions());
        report.put("settings", settings);
        Map<String, Map<Metric, Figure>> figures = figures();
        List<Map<String, Object>> scenarios = new ArrayList<>();
        runs.forEach((scenario, all) -> {
            Map<String, Object> row = new LinkedHashMap<>();
            row.put("group", scenario.group());
            row.put("name", scenario.name());
            row.put("about", scenario.about());
            row.put("reference", scenario.reference());
            row.put("figures", figures.getOrDefault(scenario.name(), Map.of()));
            row.put("runs", all);
            scenarios.add(row);
        });
        report.put("scenarios", scenarios);
        Files.createDirectories(file.toAbsolutePath().getParent());
        new ObjectMapper()
                .enable(SerializationFeature.INDENT_OUTPUT, SerializationFeature.WRITE_ENUMS_USING_TO_STRING)
                .writeValue(file.toFile(), report);
    }
}
