package io.policylog.agent.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.policylog.agent.simulate.LogWriter;
import io.policylog.agent.simulate.LogWriterOptions;
import io.policylog.agent.simulate.TrafficGenerator;
import io.policylog.agent.simulate.TrafficOptions;
import io.policylog.parser.Limits;
import io.policylog.parser.Parser;
import io.policylog.parser.PolicyRecord;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** From the log to Alertmanager, with the real Prometheus in between and the real rules, in which a minute takes a second. */
final class AlertingTest {
    private static final String CONNECTIONS = "network_policy_connections_total";

    @TempDir
    private Path directory;

    private final Parser parser = new Parser(Limits.DEFAULT, "node-1");
    private long attempts;

    /** Writes lines as a node does, and adds up what they stand for. */
    private void write(LogWriter log, TrafficGenerator traffic, int count) throws Exception {
        traffic.generate(count, (line, offset, length) -> {
            log.write(line, offset, length);
            if (!(parser.parse(line, offset, offset + length - 1) instanceof PolicyRecord record)) {
                throw new AssertionError("the simulator wrote what is no record");
            }
            attempts += record.count();
        });
    }

    private static String rules() throws Exception {
        return Files.readString(Path.of("..", "k8s", "monitoring", "alerts.yaml"))
                .replaceAll("\\b(\\d+)m\\b", "$1s")
                .replace("1d", "24m");
    }

    private static TrafficGenerator traffic(double attemptsPerSecond, double denyShare) {
        return new TrafficGenerator(TrafficOptions.seeded(1)
                .withAttemptsPerSecond(attemptsPerSecond)
                .withDenyShare(denyShare));
    }

    private static JsonNode alerts(Server alertmanager) {
        return alertmanager.get("/api/v2/alerts", Map.of());
    }

    private static boolean has(JsonNode alerts, String name, String label, String value) {
        for (JsonNode alert : alerts) {
            JsonNode labels = alert.path("labels");
            if (labels.path("alertname").asText().equals(name)
                    && labels.path(label).asText().equals(value)) {
                return true;
            }
        }
        return false;
    }

    /** Waits until Prometheus has scraped what was written, and gives the time of such a scrape, in milliseconds. */
    private long awaitScraped(AgentProcess agent, Server prometheus) throws Exception {
        agent.await("scraped", () -> prometheus.number("sum(" + CONNECTIONS + ")") == attempts);
        return Math.round(prometheus.number("max(timestamp(" + CONNECTIONS + "))") * 1000);
    }

    @Test
    void theRoguePodIsReported() throws Exception {
        try (AgentProcess agent = new AgentProcess(directory, "- type: prometheus").start();
                LogWriter log = new LogWriter(agent.log(), LogWriterOptions.DEFAULT);
                Server alertmanager = Server.alertmanager(directory);
                Server prometheus = Server.prometheus(directory, agent, rules(), alertmanager.port())) {
            TrafficGenerator peace = traffic(500, 0);
            agent.await("known for ten seconds", () -> {
                write(log, peace, 20);
                return prometheus.number("count(policylog_build_info offset 10s)") > 0;
            });
            agent.await("an Alertmanager", () -> alerts(alertmanager).isArray());
            assertTrue(alerts(alertmanager).isEmpty(), () -> "in peace: " + alerts(alertmanager));
            TrafficGenerator attack = traffic(20, 0.4);
            agent.await("the first denial", () -> {
                write(log, attack, 50);
                return has(alerts(alertmanager), "PolicylogNewDenial", "src_workload", "rogue");
            });
            agent.await("many denials", () -> {
                write(log, attack, 50);
                return has(alerts(alertmanager), "PolicylogDeniedConnections", "dest_workload", "redis-cart");
            });
        }
    }

    @Test
    void theIncreaseOverARestartIsExact() throws Exception {
        try (AgentProcess agent = new AgentProcess(directory, "- type: prometheus").start();
                LogWriter log = new LogWriter(agent.log(), LogWriterOptions.DEFAULT);
                Server prometheus = Server.prometheus(directory, agent, "groups: []", 1)) {
            TrafficGenerator traffic = traffic(500, 0.3);
            write(log, traffic, 5_000);
            long from = awaitScraped(agent, prometheus);
            long attemptsBefore = attempts;
            write(log, traffic, 2_000);
            agent.await("more", () -> prometheus.number("sum(" + CONNECTIONS + ")") > attemptsBefore);
            agent.kill9();
            write(log, traffic, 2_000);
            agent.await("down", () -> prometheus.number("up") == 0);
            agent.start();
            write(log, traffic, 2_000);
            long to = awaitScraped(agent, prometheus);

            // A range from scrape to scrape: increase() extrapolates to its range's ends, and there is nothing to add.
            String range = to - from + "ms";
            String time = "%d.%03d".formatted(to / 1000, to % 1000);
            String known = CONNECTIONS + " offset " + range;
            double increase =
                    prometheus.number("sum(increase(%s[%s]) and %s)".formatted(CONNECTIONS, range, known), time);
            double begun = prometheus.number("sum(%s unless %s) or vector(0)".formatted(CONNECTIONS, known), time);
            assertEquals((double) (attempts - attemptsBefore), increase + begun, 1e-6);
            assertEquals(0, prometheus.number("sum(resets(%s[%s]))".formatted(CONNECTIONS, range), time));
        }
    }
}
