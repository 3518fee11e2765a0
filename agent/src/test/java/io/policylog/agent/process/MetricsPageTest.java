package io.policylog.agent.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.policylog.agent.simulate.LogWriter;
import io.policylog.agent.simulate.LogWriterOptions;
import io.policylog.agent.simulate.TrafficGenerator;
import io.policylog.agent.simulate.TrafficOptions;
import io.policylog.sinks.testing.Promtool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The metrics of a real agent, and the page that lists them. To bring the page up to date, run this test with
 * {@code -Dpolicylog.docs.write=true}.
 */
final class MetricsPageTest {
    private static final Path PAGE = Path.of("..", "docs", "metrics.md");
    private static final Pattern TABLE =
            Pattern.compile("(<!-- metrics: ([a-z_]+) -->\n).*?(<!-- end of metrics -->)", Pattern.DOTALL);
    private static final Pattern SAMPLE = Pattern.compile("([a-z_]+)(?:\\{(.*)})? \\S+");
    private static final Pattern LABEL = Pattern.compile("(\\w+)=\"(?:[^\"\\\\]|\\\\.)*\"");

    @TempDir
    private static Path directory;

    /** A metric as a scrape shows it. */
    private record Metric(String type, String help, Set<String> labels) {}

    /** An agent with every kind of sink; Kafka's broker is not there. */
    @BeforeAll
    static void scrape() throws Exception {
        try (AgentProcess agent = new AgentProcess(directory, """
                        - type: prometheus
                        - type: stdout
                        - {type: kafka, bootstrapServers: "127.0.0.1:1", topic: log}
                        """);
                LogWriter log = new LogWriter(agent.log(), LogWriterOptions.DEFAULT)) {
            agent.start();
            new TrafficGenerator(TrafficOptions.seeded(1)).generate(100, log::write);
            agent.await("counted", () -> agent.metric("policylog_records_total", "\"prometheus\"") == 100);
            Files.writeString(directory.resolve("scrape"), agent.get("/metrics").body());
        }
    }

    private static Map<String, Metric> metrics() throws IOException {
        Map<String, Metric> metrics = new TreeMap<>();
        Map<String, String> help = new TreeMap<>();
        String name = "";
        Set<String> labels = new TreeSet<>();
        for (String line : Files.readAllLines(directory.resolve("scrape"))) {
            String[] words = line.split(" ", 4);
            if (line.startsWith("# HELP ")) {
                help.put(words[2], words[3]);
            } else if (line.startsWith("# TYPE ")) {
                name = words[2];
                labels = new TreeSet<>();
                metrics.put(name, new Metric(words[3], help.getOrDefault(name, ""), labels));
            } else {
                Matcher sample = SAMPLE.matcher(line);
                assertTrue(sample.matches() && sample.group(1).startsWith(name), line);
                if (sample.group(2) != null) {
                    LABEL.matcher(sample.group(2))
                            .results()
                            .map(label -> label.group(1))
                            .filter(label -> !label.equals("le"))
                            .forEach(labels::add);
                }
            }
        }
        return metrics;
    }

    @Test
    void promtoolFindsNothingToComplainAbout() throws Exception {
        assertEquals("", Promtool.run(directory.resolve("scrape"), "promtool", "check", "metrics"));
    }

    @Test
    void everyMetricHasAHelp() throws Exception {
        metrics().forEach((name, metric) -> assertFalse(metric.help().isBlank(), name));
    }

    @Test
    void thePageListsWhatAnAgentServes() throws Exception {
        Map<String, Metric> metrics = metrics();
        String page = Files.readString(PAGE);
        Set<String> listed = new TreeSet<>();
        Matcher matcher = TABLE.matcher(page);
        StringBuilder upToDate = new StringBuilder();
        while (matcher.find()) {
            String prefix = matcher.group(2);
            String table = metrics.entrySet().stream()
                    .filter(e -> e.getKey().startsWith(prefix))
                    .peek(e -> listed.add(e.getKey()))
                    .map(e -> row(e.getKey(), e.getValue()))
                    .collect(Collectors.joining("\n"));
            matcher.appendReplacement(
                    upToDate,
                    Matcher.quoteReplacement(matcher.group(1) + "\n| metric | type | labels | |\n|---|---|---|---|\n"
                            + table + "\n\n" + matcher.group(3)));
        }
        matcher.appendTail(upToDate);
        if (Boolean.getBoolean("policylog.docs.write")) {
            Files.writeString(PAGE, upToDate);
        }
        assertEquals(upToDate.toString(), Files.readString(PAGE));
        assertEquals(metrics.keySet(), listed, "a metric in no table");
    }

    private static String row(String name, Metric metric) {
        String labels = metric.labels().stream().map(l -> "`" + l + "`").collect(Collectors.joining(", "));
        return "| `%s` | %s | %s | %s |".formatted(name, metric.type().toLowerCase(Locale.ROOT), labels, metric.help());
    }
}
