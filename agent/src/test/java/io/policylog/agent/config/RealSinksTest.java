package io.policylog.agent.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.policylog.sinks.SinkFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The configuration together with the sinks that are shipped. */
final class RealSinksTest {
    private static final Pattern YAML_BLOCK = Pattern.compile("```yaml\n(.*?)```", Pattern.DOTALL);

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it
    private Path folder;

    @Test
    void theDocumentedExamplesAreValid() throws Exception {
        for (String page : List.of("README.md", "docs/configuration.md")) {
            List<String> examples = YAML_BLOCK
                    .matcher(Files.readString(Path.of("..", page)))
                    .results()
                    .map(block -> block.group(1))
                    .toList();
            assertFalse(examples.isEmpty(), page);
            for (String example : examples) {
                assertFalse(load(example).sinks().isEmpty(), page);
            }
        }
    }

    @Test
    void theDefaultsAreValid() throws Exception {
        assertEquals(
                List.of("prometheus", "stdout"),
                loader().load(Optional.empty(), List.of()).sinks().stream()
                        .map(SinkConfiguration::type)
                        .toList());
    }

    @Test
    void kafkaAloneNeedsNoStateDirectory() throws Exception {
        for (String delivery : List.of("exactly-once", "at-least-once")) {
            Configuration configuration = load("""
                    cluster: {name: c}
                    state: {directory: none}
                    sinks: [{type: kafka, bootstrapServers: 'b:9092', topic: t, delivery: %s}]
                    """.formatted(delivery));
            assertEquals(Optional.empty(), configuration.state().directory());
        }
        for (String type : List.of("prometheus", "stdout")) {
            String told = problems("state: {directory: none}\nsinks: [{type: " + type + "}]");
            assertTrue(told.contains("state.directory: can be none only when"), told);
        }
    }

    @Test
    void prometheusSinksHaveMetricsOfTheirOwn() {
        String told = problems("""
                sinks:
                  - {type: prometheus, metric: a_total, matchesMetric: m_total}
                  - {type: prometheus, name: b, metric: m_total, matchesMetric: none}
                """);
        assertTrue(
                told.endsWith(":3:33: sinks.1.metric: is the same as another sink's; give each sink of type prometheus"
                        + " its own; found \"m_total\" there and in sinks.0"),
                told);
    }

    @Test
    void aValueOfTheWrongKindHidesNoOtherProblemOfItsSink() {
        String told = problems("""
                sinks:
                  - {type: prometheus, maxSeries: many, metric: a_connections, labels: [dst_workload]}
                  - {type: kafka, bootstrapServers: "k:9092", topic: t, linger: 1, commitInterval: 1h}
                """);
        assertTrue(told.contains("sinks.0.maxSeries: must be a whole number"), told);
        assertTrue(told.contains("sinks.0.metric: must be letters"), told);
        assertFalse(told.contains("matchesMetric"), told);
        assertTrue(
                told.contains("sinks.0.labels: there is no label \"dst_workload\"; did you mean \"dest_workload\"?"),
                told);
        assertTrue(told.contains("sinks.1.linger: unknown key"), told);
        assertTrue(told.contains("sinks.1.commitInterval: must be from 0ms to"), told);
    }

    @Test
    void anEntryOfAMapWithAProblemHidesNoOther() {
        String told = problems("""
                cluster: {name: c}
                sinks:
                  - type: kafka
                    bootstrapServers: "k:9092"
                    topic: t
                    properties: {linger.ms: abc, batch.size: "${NOPE}", max.request.size: [1], acks: all}
                """);
        assertTrue(told.contains(":6:18: sinks.0.properties.linger.ms: Invalid value abc"), told);
        assertTrue(
                told.contains(":6:46: sinks.0.properties.batch.size: the environment variable NOPE is not set"), told);
        assertTrue(told.contains("sinks.0.properties.max.request.size: must be a text; found a list"), told);
        assertEquals(3, told.lines().count(), told);
    }

    private Configuration load(String yaml) throws Exception {
        Path file = Files.writeString(folder.resolve("policylog.yaml"), yaml);
        return loader().load(Optional.of(file), List.of());
    }

    private String problems(String yaml) {
        return String.valueOf(
                assertThrows(ConfigurationException.class, () -> load(yaml)).getMessage());
    }

    private static ConfigurationLoader loader() {
        return new ConfigurationLoader(
                Map.of("NODE_NAME", "node-1"),
                () -> "host-1",
                true,
                ServiceLoader.load(SinkFactory.class).stream()
                        .map(ServiceLoader.Provider::get)
                        .toList());
    }
}
