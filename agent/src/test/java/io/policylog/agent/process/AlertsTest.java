package io.policylog.agent.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.policylog.sinks.testing.Promtool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * The alert rules: they fire when they shall, each is explained, and the operator's form of them is the same. To make that
 * form anew, run this test with {@code -Dpolicylog.docs.write=true}.
 */
final class AlertsTest {
    private static final Path MONITORING = Path.of("..", "k8s", "monitoring");
    private static final Path RULES = MONITORING.resolve("alerts.yaml");
    private static final Path TESTS = MONITORING.resolve("alerts.test.yaml");
    private static final Path DOCS = Path.of("..", "docs");

    private static JsonNode yaml(Path file) throws IOException {
        return new YAMLMapper().readTree(Files.readString(file));
    }

    private static List<JsonNode> alerts() throws IOException {
        List<JsonNode> alerts = new ArrayList<>();
        yaml(RULES).findParents("alert").forEach(alerts::add);
        assertFalse(alerts.isEmpty());
        return alerts;
    }

    private static Set<String> names() throws IOException {
        return alerts().stream().map(a -> a.path("alert").asText()).collect(Collectors.toSet());
    }

    @Test
    void firesWhenItShall() throws Exception {
        assertEquals("  SUCCESS", lastLine(Promtool.run(TESTS, "promtool", "test", "rules", TESTS.toString())));
    }

    private static String lastLine(String said) {
        return said.lines().filter(l -> !l.isBlank()).reduce(said, (a, b) -> b);
    }

    @Test
    void everyAlertIsTestedFiringAndNotFiring() throws Exception {
        Set<String> firing = new HashSet<>();
        Set<String> silent = new HashSet<>();
        for (JsonNode test : yaml(TESTS).findParents("alertname")) {
            (test.path("exp_alerts").isEmpty() ? silent : firing)
                    .add(test.path("alertname").asText());
        }
        assertEquals(names(), firing);
        assertEquals(names(), silent);
    }

    @Test
    void everyAlertSaysHowSevereItIsWhatItMeansAndWhatToDo() throws Exception {
        for (JsonNode alert : alerts()) {
            String name = alert.path("alert").asText();
            String severity = alert.path("labels").path("severity").asText();
            assertTrue(Set.of("critical", "warning", "info").contains(severity), name + ": " + severity);
            assertFalse(alert.path("annotations").path("summary").asText().isBlank(), name);
            assertFalse(alert.path("annotations").path("description").asText().isBlank(), name);
            assertEquals(
                    "docs/operations.md#" + name.toLowerCase(Locale.ROOT),
                    alert.path("annotations").path("runbook").asText());
        }
        String page = Files.readString(DOCS.resolve("operations.md"));
        Set<String> sections = Pattern.compile("^### (Policylog\\w+)$", Pattern.MULTILINE)
                .matcher(page)
                .results()
                .map(m -> m.group(1))
                .collect(Collectors.toSet());
        assertEquals(names(), sections);
    }

    @Test
    void everyMetricThatIsAskedForExists() throws Exception {
        String page = Files.readString(DOCS.resolve("metrics.md"));
        for (String expression : yaml(RULES).findValuesAsText("expr")) {
            Pattern.compile("\\b(policylog|network_policy)_\\w+")
                    .matcher(expression)
                    .results()
                    .map(m -> "`" + m.group() + "`")
                    .forEach(metric -> assertTrue(page.contains(metric), metric));
        }
    }

    @Test
    void theOperatorsFormIsTheSame() throws Exception {
        Path file = MONITORING.resolve("prometheusrule.yaml");
        String rules = Files.readString(RULES);
        String made = """
                # Made from alerts.yaml; change that one, and make this one anew as AlertsTest says.
                apiVersion: monitoring.coreos.com/v1
                kind: PrometheusRule
                metadata:
                  name: policylog
                  labels:
                    app.kubernetes.io/name: policylog
                spec:
                """
                + rules.substring(rules.indexOf("groups:"))
                        .lines()
                        .map(line -> line.isEmpty() ? "\n" : "  " + line + "\n")
                        .collect(Collectors.joining());
        if (Boolean.getBoolean("policylog.docs.write")) {
            Files.writeString(file, made);
        }
        assertEquals(made, Files.readString(file));
        assertEquals(yaml(RULES).path("groups"), yaml(file).path("spec").path("groups"));
    }
}
