package io.policylog.sinks.prometheus;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.policylog.sinks.OptionProblem;
import io.policylog.sinks.SinkContext;
import io.policylog.sinks.SinkFactory;
import io.policylog.sinks.SinkOption;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Test;

class PrometheusSinkFactoryTest {
    private static final String ALL =
            "disposition, direction, protocol, src_namespace, src_workload, src_workload_kind, src_pod, src_ip,"
                    + " dest_namespace, dest_workload, dest_workload_kind, dest_pod, dest_ip, dest_port, node";

    private final PrometheusSinkFactory factory = new PrometheusSinkFactory();

    private List<OptionProblem> check(String key, Object value) {
        return factory.check(AgentProcess.options(Map.of(key, value)), AgentProcess.NODE);
    }

    @Test
    void isFound() {
        assertTrue(ServiceLoader.load(SinkFactory.class).stream()
                .anyMatch(provider -> provider.type() == PrometheusSinkFactory.class));
    }

    @Test
    void defaultsAreThoseOfTheInterface() {
        assertEquals(
                List.of("metric", "matchesMetric", "labels", "maxSeries"),
                factory.options().stream().map(SinkOption::key).toList());
        assertEquals(
                List.of(
                        "network_policy_connections_total",
                        "[disposition, direction, protocol, src_namespace, src_workload, dest_namespace,"
                                + " dest_workload, dest_port]",
                        "10000"),
                factory.options().stream()
                        .map(SinkOption::defaultValue)
                        .filter(value -> value != null)
                        .toList());
        assertEquals(List.of(), factory.check(AgentProcess.options(Map.of()), AgentProcess.NODE));
    }

    @Test
    void aMetricsNameIsChecked() {
        for (String name :
                List.of("", "requests", "1_total", "a:b_total", "a-b_total", "_total", "ä_total", "a_total ")) {
            assertEquals(
                    new OptionProblem(
                            "metric",
                            "must be letters, digits and _, at most 206 of them, not begin with a digit, and end in"
                                    + " _total; found \"" + name + "\""),
                    check("metric", name).getFirst(),
                    name);
        }
        assertEquals(
                List.of(new OptionProblem(
                        "matchesMetric",
                        "must not begin with policylog_, which is the agent's own, found"
                                + " \"policylog_records_total\"")),
                check("matchesMetric", "policylog_records_total"));
        assertEquals(
                List.of(new OptionProblem(
                        "matchesMetric",
                        "must differ from metric, found \"network_policy_connections_total\" for both")),
                check("matchesMetric", "network_policy_connections_total"));
        assertEquals(List.of(), check("matchesMetric", "none"));
    }

    @Test
    void labelsAreChecked() {
        assertEquals(
                List.of(
                        new OptionProblem("labels", "there is no label \"remote\"; known are: " + ALL),
                        new OptionProblem("labels", "must name each label once, found \"node\" again")),
                check("labels", List.of("node", "remote", "node")));
    }

    @Test
    void maxSeriesIsChecked() {
        for (long value : new long[] {-1, 0, 100_001, Long.MAX_VALUE}) {
            assertEquals(
                    List.of(new OptionProblem("maxSeries", "must be from 1 to 100000, found " + value)),
                    check("maxSeries", value));
        }
        assertEquals(List.of(), check("maxSeries", 1L));
        assertEquals(List.of(), check("maxSeries", 100_000L));
    }

    @Test
    void anotherKindOfRegistryIsRefused() {
        IllegalArgumentException refused = assertThrows(
                IllegalArgumentException.class,
                () -> factory.create(
                        AgentProcess.options(Map.of()),
                        new SinkContext(
                                "prometheus",
                                AgentProcess.NODE,
                                Optional.empty(),
                                new SimpleMeterRegistry(),
                                Clock.systemUTC(),
                                AgentProcess.NEVER)));
        assertTrue(
                String.valueOf(refused.getMessage())
                        .startsWith("sink prometheus: the prometheus sink needs the agent's Prometheus registry"),
                refused.getMessage());
    }
}
