package io.policylog.agent.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.networknt.schema.Error;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import io.policylog.agent.simulate.LogWriter;
import io.policylog.agent.simulate.LogWriterOptions;
import io.policylog.agent.simulate.TrafficGenerator;
import io.policylog.agent.simulate.TrafficOptions;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The dashboard: what it asks for exists, and it is laid out as Grafana wants it. */
final class DashboardTest {
    private static final Path DASHBOARD = Path.of("..", "k8s", "monitoring", "dashboard.json");
    private static final int COLUMNS = 24;

    /** For each variable some of the values that must be offered: "loadgenerator" is only ever a source. */
    private static final Map<String, Set<String>> VARIABLES = Map.of(
            "cluster", Set.of("test"), "namespace", Set.of("shop"), "workload", Set.of("loadgenerator", "redis-cart"));

    @TempDir
    private Path directory;

    private static JsonNode dashboard() throws IOException {
        return new ObjectMapper().readTree(Files.readString(DASHBOARD));
    }

    private static List<JsonNode> panels() throws IOException {
        List<JsonNode> panels = new ArrayList<>();
        dashboard().path("panels").forEach(panels::add);
        assertFalse(panels.isEmpty());
        return panels;
    }

    /** An expression with the variables as Grafana puts them in for a namespace that is selected. */
    private static String filledIn(String expression) {
        String filled = expression
                .replace("\"$1\"", "\"%1\"")
                .replace("$cluster", "test")
                .replace("$namespace", "shop")
                .replace("$workload", ".*")
                .replace("$__rate_interval", "5s")
                .replace("$__range", "5s");
        assertFalse(filled.contains("$"), filled);
        return filled.replace("\"%1\"", "\"$1\"");
    }

    @Test
    void everyExpressionGivesDataOfARealAgent() throws Exception {
        Set<String> expressions = new TreeSet<>(dashboard().findValuesAsText("expr"));
        try (AgentProcess agent = new AgentProcess(directory, "- type: prometheus\n- type: stdout").start();
                LogWriter log = new LogWriter(agent.log(), LogWriterOptions.DEFAULT);
                Server prometheus = Server.prometheus(directory, agent, "groups: []", 1)) {
            TrafficGenerator traffic = new TrafficGenerator(TrafficOptions.seeded(1));
            // First with traffic, which some ask for, then without, which the one about silence asks for.
            agent.await("data with traffic", () -> {
                traffic.generate(50, log::write);
                return withoutData(prometheus, expressions).size() <= 1;
            });
            agent.await(
                    "data for " + expressions,
                    () -> withoutData(prometheus, expressions).isEmpty());
            for (String metric : metrics()) {
                assertTrue(prometheus.number("count(" + metric + ")") > 0, metric);
            }
            for (JsonNode variable : dashboard().path("templating").path("list")) {
                if (variable.path("type").asText().equals("query")) {
                    Set<String> values = values(prometheus, variable);
                    String name = variable.path("name").asText();
                    assertTrue(values.containsAll(VARIABLES.get(name)), name + ": " + values);
                }
            }
        }
    }

    /** Removes those that give data, and gives those that are left. */
    private static Set<String> withoutData(Server prometheus, Set<String> expressions) {
        for (String expression : List.copyOf(expressions)) {
            for (JsonNode sample : prometheus.query(filledIn(expression))) {
                if (!sample.path("value").path(1).asText().equals("NaN")) {
                    expressions.remove(expression);
                }
            }
        }
        return expressions;
    }

    /** The metrics that are asked for: with "or vector(0)" one that does not exist would give data too. */
    private static Set<String> metrics() throws IOException {
        Set<String> metrics = new TreeSet<>();
        for (String expression : dashboard().findValuesAsText("expr")) {
            Pattern.compile("\\b(up|(policylog|network_policy|jvm)_\\w+)\\b")
                    .matcher(expression)
                    .results()
                    .forEach(m -> metrics.add(m.group()));
        }
        return metrics;
    }

    /** What Grafana would offer for a variable. */
    private static Set<String> values(Server prometheus, JsonNode variable) {
        String query = variable.path("query").asText();
        Set<String> values = new TreeSet<>();
        Matcher labelValues = Pattern.compile("label_values\\((.*), (\\w+)\\)").matcher(query);
        if (labelValues.matches()) {
            prometheus
                    .get(
                            "/api/v1/label/" + labelValues.group(2) + "/values",
                            Map.of("match[]", filledIn(labelValues.group(1))))
                    .path("data")
                    .forEach(value -> values.add(value.asText()));
            return values;
        }
        Matcher queryResult = Pattern.compile("query_result\\((.*)\\)").matcher(query);
        assertTrue(queryResult.matches(), query);
        String regex = variable.path("regex").asText().replaceAll("^/|/$", "");
        for (JsonNode sample : prometheus.query(filledIn(queryResult.group(1)))) {
            // Grafana shows a sample as name{label="value"}, and takes of it what the regular expression does.
            List<String> labels = sample.path("metric").properties().stream()
                    .map(label -> label.getKey() + "=\"" + label.getValue().asText() + "\"")
                    .toList();
            Matcher value = Pattern.compile(regex).matcher("{" + String.join(",", labels) + "}");
            if (value.find()) {
                values.add(value.group(1));
            }
        }
        return values;
    }

    /** Grafana itself drops what it does not know without a word. */
    @Test
    void isWhatGrafanaTakes() throws Exception {
        try (InputStream schema = DashboardTest.class.getResourceAsStream("dashboard.schema.json")) {
            List<Error> errors = SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
                    .getSchema(schema)
                    .validate(dashboard());
            assertEquals(List.of(), errors);
        }
    }

    @Test
    void everyPanelIsExplainedAndAsksTheChosenDataSource() throws Exception {
        for (JsonNode panel : panels()) {
            String title = panel.path("title").asText();
            assertFalse(title.isBlank());
            if (!panel.path("type").asText().equals("row")) {
                assertFalse(panel.path("description").asText().isBlank(), title);
                assertFalse(
                        panel.path("fieldConfig")
                                .path("defaults")
                                .path("unit")
                                .asText()
                                .isBlank(),
                        title);
                assertFalse(panel.path("targets").isEmpty(), title);
            }
        }
        for (JsonNode source : dashboard().findValues("datasource")) {
            assertEquals("${datasource}", source.path("uid").asText());
        }
    }

    @Test
    void panelsHaveIdsOfTheirOwnAndDoNotOverlap() throws Exception {
        Set<Integer> ids = new HashSet<>();
        Set<String> cells = new HashSet<>();
        for (JsonNode panel : panels()) {
            String title = panel.path("title").asText();
            assertTrue(ids.add(panel.path("id").asInt()), title);
            JsonNode place = panel.path("gridPos");
            int right = place.path("x").asInt() + place.path("w").asInt();
            assertTrue(right <= COLUMNS, title);
            for (int x = place.path("x").asInt(); x < right; x++) {
                int bottom = place.path("y").asInt() + place.path("h").asInt();
                for (int y = place.path("y").asInt(); y < bottom; y++) {
                    assertTrue(cells.add(x + "," + y), title);
                }
            }
        }
    }
}
