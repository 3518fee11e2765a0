package io.policylog.sinks.prometheus;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.policylog.sinks.Exposition;
import io.policylog.sinks.Sink;
import io.policylog.sinks.prometheus.PrometheusText.Sample;
import io.policylog.sinks.testing.Line;
import io.policylog.sinks.testing.Line.Peer;
import io.policylog.sinks.testing.Promtool;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PrometheusExpositionTest {
    private static final String CONNECTIONS = "network_policy_connections_total";
    private static final List<String> HOSTILE = List.of(
            "quote\"d",
            "back\\slash",
            "two\nlines",
            "carriage\rreturn",
            "tab\tbed",
            "nul\0byte",
            "bell\u0007",
            "del\u007f",
            "bidi\u202eevil",
            "ünï-cödé",
            "smile\ud83d\ude00",
            "half\ud83d",
            "\ude00half",
            "x".repeat(10_000),
            "\ud83d\ude00".repeat(5_000),
            "{}=,#",
            " ");

    @TempDir
    private File directory;

    private final AgentProcess process = new AgentProcess();

    private void countHostileNames() throws Exception {
        Sink sink = process.sink(Optional.of(directory.toPath().resolve("prometheus")));
        sink.open();
        List<Line> lines = HOSTILE.stream()
                .map(name -> Line.allowed(
                        Peer.pod("Deployment", name, "shop"),
                        Peer.pod("Deployment", "redis", name),
                        6379,
                        new Line.Policy("NetworkPolicy", name, name)))
                .toList();
        AgentProcess.writeAndCommit(sink, Traffic.segment(lines).batch(0));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "|text/plain; version=0.0.4; charset=utf-8",
                "*/*|text/plain; version=0.0.4; charset=utf-8",
                "text/html|text/plain; version=0.0.4; charset=utf-8",
                "application/openmetrics-text|application/openmetrics-text; version=1.0.0; charset=utf-8",
                "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,"
                        + "text/plain;version=0.0.4;q=0.5,*/*;q=0.1"
                        + "|application/openmetrics-text; version=1.0.0; charset=utf-8",
                "application/openmetrics-text;q=0.4, text/plain;q=0.5|text/plain; version=0.0.4; charset=utf-8",
                "application/openmetrics-text;q=0|text/plain; version=0.0.4; charset=utf-8",
                "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited"
                        + "|text/plain; version=0.0.4; charset=utf-8"
            })
    void negotiatesTheFormat(String accept, String contentType) throws Exception {
        assertEquals(contentType, process.exposition.contentType(accept));
        countHostileNames();
        assertEquals(contentType.startsWith("application"), process.text(accept).endsWith("# EOF\n"));
    }

    @Test
    void anEmptyExpositionIsFound() {
        assertEquals(
                List.of(PrometheusExposition.class),
                ServiceLoader.load(Exposition.class).stream()
                        .map(ServiceLoader.Provider::type)
                        .toList());
    }

    @Test
    void hostileNamesAreReadBackAsTheyWereUnlessTheyCantBe() throws Exception {
        countHostileNames();
        TreeSet<String> expected = new TreeSet<>(HOSTILE);
        expected.removeAll(
                List.of("nul\0byte", "half\ud83d", "\ude00half", "x".repeat(10_000), "\ud83d\ude00".repeat(5_000)));
        expected.addAll(List.of(
                "nul\ufffdbyte", "half\ufffd", "\ufffdhalf", "x".repeat(252) + "…", "\ud83d\ude00".repeat(126) + "…"));
        for (String accept : new String[] {"text/plain", "application/openmetrics-text"}) {
            TreeSet<String> names = new TreeSet<>();
            for (Sample sample : PrometheusText.parse(process.text(accept)).keySet()) {
                if (sample.name().equals(CONNECTIONS)) {
                    names.add(String.valueOf(sample.labels().get("src_workload")));
                }
            }
            assertEquals(expected, names, accept);
        }
    }

    @Test
    void hostileNamesSurviveARestart() throws Exception {
        countHostileNames();
        Map<Sample, Double> before = process.scrape("network_policy_");
        AgentProcess restarted = new AgentProcess();
        assertTrue(restarted
                .sink(Optional.of(directory.toPath().resolve("prometheus")))
                .open()
                .isPresent());
        assertEquals(before, restarted.scrape("network_policy_"));
    }

    @Test
    void promtoolFindsNothingToComplainAbout() throws Exception {
        countHostileNames();
        Path metrics = Files.writeString(directory.toPath().resolve("metrics"), process.text("text/plain"));
        assertEquals("", Promtool.run(metrics, "promtool", "check", "metrics"));
    }
}
