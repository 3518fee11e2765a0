package io.policylog.sinks.prometheus;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.policylog.sinks.Sink;
import io.policylog.sinks.SinkException;
import io.policylog.sinks.prometheus.PrometheusText.Sample;
import io.policylog.sinks.testing.Line;
import io.policylog.sinks.testing.Line.Peer;
import io.policylog.sinks.testing.TestSegment;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What gives way, in which order, when there are more series than {@code maxSeries}. */
class SeriesBoundTest {
    private static final Peer SCANNER = Peer.pod("Deployment", "scanner", "shop");
    private static final Peer FRONTEND = Peer.pod("Deployment", "frontend", "shop");
    private static final Peer REDIS = Peer.pod("StatefulSet", "redis-cart", "shop");
    private static final String CONNECTIONS = "network_policy_connections_total";

    @TempDir
    private Path state;

    private final TickingClock clock = new TickingClock();
    private AgentProcess process = new AgentProcess();

    private Sink open(Map<String, Object> options) throws SinkException {
        process = new AgentProcess();
        Sink sink = process.sink(
                "prometheus", Optional.of(state.resolve("prometheus")), clock, AgentProcess.NEVER, options);
        sink.open();
        return sink;
    }

    private static void count(Sink sink, Line... lines) throws SinkException {
        AgentProcess.writeAndCommit(sink, Traffic.segment(List.of(lines)).batch(0));
    }

    private double count(Predicate<Map<String, String>> labels) {
        return process.scrape(CONNECTIONS).entrySet().stream()
                .filter(sample -> labels.test(sample.getKey().labels()))
                .mapToDouble(Map.Entry::getValue)
                .sum();
    }

    private double own(String metric) {
        return process.scrape(metric).entrySet().stream()
                .filter(sample -> sample.getKey().name().equals(metric))
                .mapToDouble(Map.Entry::getValue)
                .sum();
    }

    private static Predicate<Map<String, String>> has(String label, String value) {
        return labels -> value.equals(labels.get(label));
    }

    @Test
    void portsOfTheSourceWithTheMostSeriesAreFoldedFirst() throws Exception {
        Sink sink = open(Map.of("maxSeries", 10L));
        for (int port = 1; port <= 8; port++) {
            count(sink, Line.denied(SCANNER, REDIS, port, port));
        }
        count(sink, Line.denied(FRONTEND, REDIS, 6379, 1), Line.denied(FRONTEND, REDIS, 6380, 1));
        assertEquals(10, process.scrape(CONNECTIONS).size());
        count(sink, Line.denied(SCANNER, REDIS, 9, 100), Line.denied(SCANNER, REDIS, 1, 1000));
        count(sink, Line.denied(FRONTEND, REDIS, 6381, 1));
        assertEquals(4, process.scrape(CONNECTIONS).size());
        assertEquals(36 + 1100, count(has("src_workload", "scanner").and(has("dest_port", "other"))));
        assertEquals(1, count(has("src_workload", "frontend").and(has("dest_port", "6381"))));
        assertEquals(9, own("policylog_series_folded_total"));
        assertEquals(0, own("policylog_series_overflow_total"));
    }

    @Test
    void aFoldedSourceStaysFoldedAfterARestart() throws Exception {
        Sink sink = open(Map.of("maxSeries", 3L));
        for (int port = 1; port <= 4; port++) {
            count(sink, Line.denied(SCANNER, REDIS, port, 1));
        }
        assertEquals(4, count(has("dest_port", "other")));
        Sink restarted = open(Map.of("maxSeries", 3L));
        count(restarted, Line.denied(SCANNER, REDIS, 77, 1), Line.denied(SCANNER, REDIS, 1, 1));
        assertEquals(6, count(has("dest_port", "other")));
        assertEquals(1, process.scrape(CONNECTIONS).size());
    }

    @Test
    void connectionsWithoutAPortAreNotFolded() throws Exception {
        Sink sink = open(Map.of("maxSeries", 3L));
        count(sink, Line.denied(SCANNER, REDIS, 0, 1));
        for (int port = 1; port <= 4; port++) {
            count(sink, Line.denied(SCANNER, REDIS, port, 1));
        }
        count(sink, Line.denied(SCANNER, REDIS, 0, 1));
        assertEquals(2, count(has("dest_port", "")));
        assertEquals(4, count(has("dest_port", "other")));
    }

    @Test
    void seriesUnchangedForADayAreEvictedNext() throws Exception {
        Map<String, Object> options = Map.of("maxSeries", 3L, "labels", List.of("src_workload"));
        Sink sink = open(options);
        count(sink, from("one"), from("two"), from("three"));
        clock.advance(Duration.ofHours(23));
        count(sink, from("two"));
        clock.advance(Duration.ofMinutes(59));
        count(sink, from("four"));
        assertEquals(1, own("policylog_series_overflow_total"));
        clock.advance(Duration.ofMinutes(1));
        // What was last changed is known after a restart too.
        sink = open(options);
        count(sink, from("four"), from("two"));
        assertEquals(1, count(has("src_workload", "four")));
        assertEquals(3, count(has("src_workload", "two")));
        assertEquals(0, count(has("src_workload", "one")));
        assertEquals(1, count(has("src_workload", "overflow")));
        assertEquals(2, own("policylog_series_evicted_total"));
        count(sink, from("one"));
        assertEquals(1, count(has("src_workload", "one")));
        assertEquals(2, own("policylog_series_evicted_total"));
    }

    @Test
    void jobsOfThreeMonthsLeaveRoomForTheOthers() throws Exception {
        int hours = 90 * 24;
        Sink sink = open(Map.of("maxSeries", 100L));
        for (int hour = 0; hour < hours; hour++) {
            sink.write(Traffic.segment(List.of(
                            Line.denied(Peer.pod("Job", "cleanup-" + (29_400_000 + hour * 60), "shop"), REDIS, 6379, 1),
                            // Named by somebody's script: nobody can tell that it is the same each hour.
                            from("report-of-hour-" + hour + "-x"),
                            Line.denied(FRONTEND, REDIS, 6379, 2)))
                    .batch(0));
            clock.advance(Duration.ofHours(1));
        }
        count(sink, from("last"));
        Map<Sample, Double> samples = process.scrape(CONNECTIONS);
        assertTrue(samples.size() <= 100, samples.size() + " series");
        assertEquals(hours, count(has("src_workload", "cleanup")));
        assertEquals(2 * hours, count(has("src_workload", "frontend")));
        assertEquals(0, own("policylog_series_overflow_total"));
        assertTrue(own("policylog_series_evicted_total") >= hours - 100);
    }

    private static Line from(String workload) {
        return Line.denied(Peer.pod("Deployment", workload, "shop"), REDIS, 1, 1);
    }

    @Test
    void whatFindsNoRoomCountsIntoOneSeries() throws Exception {
        Map<String, Object> options = Map.of("maxSeries", 2L);
        Sink sink = open(options);
        count(sink, from("one"), from("two"), from("three"), from("four"), from("four"), from("one"));
        assertEquals(3, process.scrape(CONNECTIONS).size());
        assertEquals(3, count(labels -> labels.values().stream().allMatch("overflow"::equals)));
        assertEquals(2, count(has("src_workload", "one")));
        assertEquals(3, own("policylog_series_overflow_total"));
        Sink restarted = open(options);
        count(restarted, from("five"));
        assertEquals(4, count(labels -> labels.values().stream().allMatch("overflow"::equals)));
        assertEquals(3, process.scrape(CONNECTIONS).size());
        assertEquals(3, own("policylog_series"));
    }

    @Test
    void policiesOverflowTooButHaveNoPorts() throws Exception {
        Sink sink = open(Map.of("maxSeries", 2L));
        for (int i = 0; i < 5; i++) {
            count(sink, Line.allowed(SCANNER, REDIS, 1, new Line.Policy("NetworkPolicy", "shop", "policy-" + i)));
        }
        Map<Sample, Double> matches = process.scrape("network_policy_matches_total");
        assertEquals(3, matches.size());
        assertEquals(
                3.0,
                matches.get(new Sample(
                        "network_policy_matches_total",
                        Map.of(
                                "direction", "overflow",
                                "policy_kind", "overflow",
                                "policy_name", "overflow",
                                "policy_namespace", "overflow"))));
    }

    @Test
    void aPortScanFromManyAddressesLeavesRoomForTheOthers() throws Exception {
        int maxSeries = 2_000;
        Sink sink = open(Map.of(
                "maxSeries",
                (long) maxSeries,
                "labels",
                List.of("disposition", "src_ip", "src_workload", "dest_workload", "dest_port")));
        int sources = 10_000;
        int ports = 60_000;
        long total = 0;
        List<Line> lines = new ArrayList<>();
        for (int workload = 0; workload < 200; workload++) {
            lines.add(from("workload-" + workload).from("10.0.0." + workload));
            total++;
        }
        for (int i = 0; i < ports; i++) {
            int source = i % sources;
            lines.add(Line.denied(source < 5_000 ? Peer.external("192.0.2.1") : SCANNER, REDIS, 1 + i, 1)
                    .from("198.51." + source / 250 + "." + source % 250));
            total++;
            if (i % 300 == 0) {
                lines.add(from("workload-" + i / 300).from("10.0.0." + i / 300));
                total++;
            }
        }
        TestSegment segment = Traffic.segment(lines);
        AgentProcess.writeAndCommit(sink, segment.batch(0));
        Map<Sample, Double> samples = process.scrape(CONNECTIONS);
        assertTrue(samples.size() <= maxSeries + 1, samples.size() + " series");
        assertEquals(
                (double) total,
                samples.values().stream().mapToDouble(Double::doubleValue).sum());
        for (int workload = 0; workload < 200; workload++) {
            String name = "workload-" + workload;
            double count = samples.entrySet().stream()
                    .filter(sample ->
                            has("src_workload", name).test(sample.getKey().labels()))
                    .mapToDouble(Map.Entry::getValue)
                    .sum();
            assertEquals(2.0, count, name);
        }
        assertTrue(own("policylog_series_overflow_total") > 0);
    }

    @Test
    void aPortScanOfOneSourceCostsNobodyElseAnything() throws Exception {
        Sink sink = open(Map.of("maxSeries", 1_000L));
        List<Line> lines = new ArrayList<>();
        for (int port = 1; port <= 60_000; port++) {
            lines.add(Line.denied(SCANNER, REDIS, port, 1));
        }
        for (int workload = 0; workload < 900; workload++) {
            lines.add(from("workload-" + workload));
        }
        AgentProcess.writeAndCommit(sink, Traffic.segment(lines).batch(0));
        assertEquals(60_000, count(has("src_workload", "scanner").and(has("dest_port", "other"))));
        assertEquals(901, process.scrape(CONNECTIONS).size());
        assertEquals(0, own("policylog_series_overflow_total"));
    }
}
