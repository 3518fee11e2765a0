package io.policylog.sinks.prometheus;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.policylog.sinks.CommitPolicy;
import io.policylog.sinks.Position;
import io.policylog.sinks.Sink;
import io.policylog.sinks.SinkException;
import io.policylog.sinks.prometheus.PrometheusText.Sample;
import io.policylog.sinks.testing.Line;
import io.policylog.sinks.testing.Line.Peer;
import io.policylog.sinks.testing.Line.Policy;
import io.policylog.sinks.testing.TestSegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PrometheusSinkTest {
    private static final Peer FRONTEND = Peer.pod("ReplicaSet", "frontend-7b78d7c957", "shop");
    private static final Peer REDIS = Peer.pod("StatefulSet", "redis-cart", "shop");
    private static final String CONNECTIONS = "network_policy_connections_total";
    private static final String MATCHES = "network_policy_matches_total";

    @TempDir
    private Path state;

    private final AgentProcess process = new AgentProcess();

    private Path file() {
        return state.resolve("prometheus");
    }

    private static TestSegment.Lines lines(Line... lines) {
        return Traffic.segment(List.of(lines)).batch(0);
    }

    private Sink openSink(Map<String, Object> options) throws SinkException {
        Sink sink = process.sink("prometheus", Optional.of(file()), Clock.systemUTC(), AgentProcess.NEVER, options);
        sink.open();
        return sink;
    }

    private static double total(Map<Sample, Double> samples) {
        return samples.values().stream().mapToDouble(Double::doubleValue).sum();
    }

    @Test
    void countsWhatAPlainModelCounts() throws Exception {
        long seed = new Random().nextLong();
        System.out.println("seed " + seed);
        Traffic traffic = new Traffic(new Random(seed));
        List<Line> lines = Stream.generate(traffic::next).limit(5_000).toList();
        Sink sink = openSink(Map.of());
        AgentProcess.writeAndCommit(sink, Traffic.segment(lines).batch(0));
        assertEquals(Model.of(lines).counts(), process.scrape("network_policy_"), "seed " + seed);
    }

    @Test
    void addsTheRecordsCount() throws Exception {
        Sink sink = openSink(Map.of());
        AgentProcess.writeAndCommit(
                sink, lines(Line.denied(FRONTEND, REDIS, 6379, 4), Line.denied(FRONTEND, REDIS, 6379, 1)));
        Map<String, String> labels = Map.of(
                "disposition", "deny",
                "direction", "ingress",
                "protocol", "tcp",
                "src_namespace", "shop",
                "src_workload", "frontend",
                "dest_namespace", "shop",
                "dest_workload", "redis-cart",
                "dest_port", "6379");
        assertEquals(Map.of(new Sample(CONNECTIONS, labels), 5.0), process.scrape("network_policy_"));
    }

    @Test
    void countsAMatchForEachPolicyOfAnAllowedConnection() throws Exception {
        Sink sink = openSink(Map.of());
        Policy one = new Policy("NetworkPolicy", "shop", "one");
        Policy everywhere = new Policy("CiliumClusterwideNetworkPolicy", "", "everywhere");
        AgentProcess.writeAndCommit(
                sink,
                lines(
                        Line.allowed(FRONTEND, REDIS, 6379, one, everywhere),
                        Line.allowed(FRONTEND, REDIS, 6380, one),
                        Line.denied(FRONTEND, REDIS, 6379, 9)));
        assertEquals(
                Map.of(
                        new Sample(
                                MATCHES,
                                Map.of(
                                        "policy_kind", "NetworkPolicy",
                                        "policy_namespace", "shop",
                                        "policy_name", "one",
                                        "direction", "ingress")),
                        2.0,
                        new Sample(
                                MATCHES,
                                Map.of(
                                        "policy_kind", "CiliumClusterwideNetworkPolicy",
                                        "policy_namespace", "",
                                        "policy_name", "everywhere",
                                        "direction", "ingress")),
                        1.0),
                process.scrape(MATCHES));
    }

    @Test
    void workloadsKeepTheirNameOverRolloutsAndRuns() throws Exception {
        Sink sink = openSink(Map.of("labels", List.of("src_workload")));
        AgentProcess.writeAndCommit(
                sink,
                lines(
                        Line.denied(Peer.pod("ReplicaSet", "cart-7b78d7c957", "shop"), REDIS, 1, 1),
                        Line.denied(Peer.pod("ReplicaSet", "cart-745c798fc9", "shop"), REDIS, 1, 1),
                        Line.denied(Peer.pod("Job", "backup-28971234", "shop"), REDIS, 1, 1),
                        Line.denied(Peer.pod("Job", "backup-28971235", "shop"), REDIS, 1, 1),
                        Line.denied(Peer.node("node-7"), REDIS, 1, 1),
                        Line.denied(Peer.external("192.0.2.7"), REDIS, 1, 1),
                        Line.denied(new Peer("old-x2k4z", "", "", "", "shop", ""), REDIS, 1, 1)));
        Map<Sample, Double> expected = Map.of(
                new Sample(CONNECTIONS, Map.of("src_workload", "cart")), 2.0,
                new Sample(CONNECTIONS, Map.of("src_workload", "backup")), 2.0,
                new Sample(CONNECTIONS, Map.of("src_workload", "node")), 1.0,
                new Sample(CONNECTIONS, Map.of("src_workload", "external")), 1.0,
                new Sample(CONNECTIONS, Map.of("src_workload", "")), 1.0);
        assertEquals(expected, process.scrape(CONNECTIONS));
    }

    @Test
    void everyAllowedLabelHasItsValue() throws Exception {
        List<String> all =
                Stream.of(ConnectionLabel.values()).map(ConnectionLabel::label).toList();
        Sink sink = openSink(Map.of("labels", all));
        AgentProcess.writeAndCommit(sink, lines(Line.allowed(FRONTEND, Peer.external("192.0.2.7"), 443)));
        Map<String, String> labels =
                process.scrape(CONNECTIONS).keySet().iterator().next().labels();
        assertEquals(
                "{dest_ip=10.84.0.11, dest_namespace=, dest_pod=, dest_port=443, dest_workload=external,"
                        + " dest_workload_kind=, direction=ingress, disposition=allow, node=node-1, protocol=tcp,"
                        + " src_ip=10.84.1.7, src_namespace=shop, src_pod=frontend-7b78d7c957-x2k4z,"
                        + " src_workload=frontend, src_workload_kind=ReplicaSet}",
                labels.toString());
    }

    @Test
    void aMetricCanHaveNoLabels() throws Exception {
        Sink sink = openSink(Map.of("labels", List.of()));
        AgentProcess.writeAndCommit(sink, lines(Line.denied(FRONTEND, REDIS, 1, 3)));
        assertEquals(Map.of(new Sample(CONNECTIONS, Map.of()), 3.0), process.scrape(CONNECTIONS));
        Sink restarted = new AgentProcess()
                .sink(
                        "prometheus",
                        Optional.of(file()),
                        Clock.systemUTC(),
                        AgentProcess.NEVER,
                        Map.of("labels", List.of()));
        assertTrue(restarted.open().isPresent());
    }

    @Test
    void malformedLinesChangeNothing() throws Exception {
        Sink sink = openSink(Map.of());
        AgentProcess.writeAndCommit(
                sink,
                TestSegment.of(List.of("{", Line.denied(FRONTEND, REDIS, 1, 3).json(), "", "nonsense"))
                        .batch(0));
        assertEquals(3.0, total(process.scrape(CONNECTIONS)));
    }

    @Test
    void servesWhatIsCommittedOnly() throws Exception {
        Sink sink = openSink(Map.of());
        sink.write(lines(Line.denied(FRONTEND, REDIS, 1, 3)));
        assertEquals(Map.of(), process.scrape("network_policy_"));
        TestSegment.Lines more = lines(Line.denied(FRONTEND, REDIS, 1, 2));
        AgentProcess.writeAndCommit(sink, more);
        sink.write(more);
        assertEquals(5.0, total(process.scrape("network_policy_")));
    }

    @Test
    void aScrapeAsksForACommitAndServesItsValues() throws Exception {
        List<Sink> sinks = new ArrayList<>();
        List<Duration> waits = new ArrayList<>();
        TestSegment segment = Traffic.segment(List.of(Line.denied(FRONTEND, REDIS, 1, 3)));
        Sink sink = process.sink(
                "prometheus",
                Optional.of(file()),
                Clock.systemUTC(),
                maxWait -> {
                    waits.add(maxWait);
                    try {
                        sinks.getFirst().commit(segment.position(segment.length()));
                    } catch (SinkException e) {
                        throw new AssertionError(e);
                    }
                    return true;
                },
                Map.of());
        sinks.add(sink);
        sink.open();
        sink.write(segment.batch(0));
        assertEquals(3.0, total(process.scrape(CONNECTIONS)));
        assertEquals(List.of(Duration.ofSeconds(1)), waits);
    }

    @Test
    void anInterruptedScrapeServesWhatWasCommitted() throws Exception {
        Sink sink = process.sink(
                "prometheus",
                Optional.of(file()),
                Clock.systemUTC(),
                maxWait -> {
                    throw new InterruptedException();
                },
                Map.of());
        sink.open();
        AgentProcess.writeAndCommit(sink, lines(Line.denied(FRONTEND, REDIS, 1, 3)));
        assertEquals(3.0, total(process.scrape(CONNECTIONS)));
        assertTrue(Thread.interrupted());
    }

    @Test
    void closeForgetsWhatWasNotCommittedAndServesTheRest() throws Exception {
        Sink sink = openSink(Map.of());
        TestSegment.Lines three = lines(Line.denied(FRONTEND, REDIS, 1, 3));
        Position committed = AgentProcess.writeAndCommit(sink, three);
        sink.write(three);
        sink.close();
        sink.close();
        assertEquals(3.0, total(process.scrape(CONNECTIONS)));
        assertEquals(Optional.of(committed), sink.open());
        AgentProcess.writeAndCommit(sink, three);
        assertEquals(6.0, total(process.scrape(CONNECTIONS)));
    }

    @Test
    void withoutAStateDirectoryASinkStillGoesOnWhenItIsOpenedAgain() throws Exception {
        Sink sink = process.sink(Optional.empty());
        assertEquals(Optional.empty(), sink.open());
        TestSegment.Lines three = lines(Line.denied(FRONTEND, REDIS, 1, 3));
        Position committed = AgentProcess.writeAndCommit(sink, three);
        sink.write(three);
        sink.close();
        assertEquals(Optional.of(committed), sink.open());
        assertEquals(3.0, total(process.scrape(CONNECTIONS)));
        assertEquals(Optional.empty(), new AgentProcess().sink(Optional.empty()).open());
    }

    @Test
    void commitsContinuouslyEvery30Seconds() {
        assertEquals(
                new CommitPolicy(CommitPolicy.Pacing.CONTINUOUS, Duration.ofSeconds(30), Duration.ofMillis(250)),
                process.sink(Optional.empty()).commitPolicy());
    }

    @Test
    void thePositionIsTheFilesSecondLine() throws Exception {
        Sink sink = openSink(Map.of());
        Position position = AgentProcess.writeAndCommit(sink, lines(Line.denied(FRONTEND, REDIS, 1, 3)));
        List<String> lines = Files.readAllLines(file());
        assertEquals("policylog counters v1", lines.get(0));
        assertEquals(position, Position.parse(lines.get(1)));
    }

    @Test
    void aDamagedFileStopsTheSink() throws Exception {
        Sink sink = openSink(Map.of());
        AgentProcess.writeAndCommit(sink, lines(Line.denied(FRONTEND, REDIS, 1, 3)));
        Files.writeString(file(), Files.readString(file()).replace("\t3\t", "\t4\t"));
        SinkException damaged = assertThrows(SinkException.class, sink::open);
        assertEquals(SinkException.Kind.POSITION, damaged.kind());
        assertTrue(damaged.getMessage().endsWith("is damaged; remove the file to start anew"), damaged.getMessage());
    }

    @Test
    void aFileOfAnotherReleaseStopsTheSink() throws Exception {
        Sink sink = openSink(Map.of());
        AgentProcess.writeAndCommit(sink, lines(Line.denied(FRONTEND, REDIS, 1, 3)));
        Files.writeString(file(), Files.readString(file()).replace("counters v1", "counters v2"));
        SinkException newer = assertThrows(SinkException.class, sink::open);
        assertEquals(SinkException.Kind.POSITION, newer.kind());
        assertTrue(newer.getMessage().contains("another release (\"policylog counters v2\""), newer.getMessage());
    }

    private Map<Sample, Double> restartedWith(Map<String, Object> options, Position expected) throws Exception {
        AgentProcess restarted = new AgentProcess();
        Sink sink = restarted.sink("prometheus", Optional.of(file()), Clock.systemUTC(), AgentProcess.NEVER, options);
        assertEquals(Optional.of(expected), sink.open());
        return restarted.scrape("network_policy_");
    }

    @Test
    void changedLabelsDropTheConnectionsAndKeepThePositionAndTheMatches() throws Exception {
        Position position = AgentProcess.writeAndCommit(
                openSink(Map.of()),
                lines(Line.allowed(FRONTEND, REDIS, 1, new Policy("NetworkPolicy", "shop", "one"))));
        Map<Sample, Double> samples = restartedWith(Map.of("labels", List.of("disposition", "node")), position);
        assertEquals(
                List.of(MATCHES), samples.keySet().stream().map(Sample::name).toList());
    }

    @Test
    void labelsInAnotherOrderChangeNothing() throws Exception {
        Position position = AgentProcess.writeAndCommit(
                openSink(Map.of("labels", List.of("node", "disposition"))), lines(Line.denied(FRONTEND, REDIS, 1, 3)));
        assertEquals(3.0, total(restartedWith(Map.of("labels", List.of("disposition", "node")), position)));
    }

    @Test
    void aChangedFilterDropsAllCountersAndKeepsThePosition() throws Exception {
        Position position = AgentProcess.writeAndCommit(
                openSink(Map.of("filter", "a=\"b\\t\"")),
                lines(Line.allowed(FRONTEND, REDIS, 1, new Policy("NetworkPolicy", "shop", "one"))));
        assertEquals(2.0, total(restartedWith(Map.of("filter", "a=\"b\\t\""), position)));
        assertEquals(Map.of(), restartedWith(Map.of("filter", "a=\"c\""), position));
    }

    @Test
    void aSmallerMaxSeriesDropsWhatChangedLeastRecently() throws Exception {
        TickingClock clock = new TickingClock();
        Sink sink = process.sink(
                "prometheus",
                Optional.of(file()),
                clock,
                AgentProcess.NEVER,
                Map.of("labels", List.of("src_workload")));
        sink.open();
        Optional<Position> position = Optional.empty();
        for (String name : List.of("one", "two", "three")) {
            position = Optional.of(AgentProcess.writeAndCommit(
                    sink, lines(Line.denied(Peer.pod("Deployment", name, "shop"), REDIS, 1, 1))));
            clock.advance(Duration.ofSeconds(1));
        }
        AgentProcess restarted = new AgentProcess();
        Sink smaller = restarted.sink(
                "prometheus",
                Optional.of(file()),
                clock,
                AgentProcess.NEVER,
                Map.of("labels", List.of("src_workload"), "maxSeries", 2L));
        assertEquals(position, smaller.open());
        assertEquals(
                Map.of(
                        new Sample(CONNECTIONS, Map.of("src_workload", "two")), 1.0,
                        new Sample(CONNECTIONS, Map.of("src_workload", "three")), 1.0),
                restarted.scrape(CONNECTIONS));
    }

    @Test
    void severalSinksCountIntoMetricsOfTheirOwn() throws Exception {
        Sink all = openSink(Map.of());
        Sink denies = process.sink(
                "denies",
                Optional.of(state.resolve("denies")),
                Clock.systemUTC(),
                AgentProcess.NEVER,
                Map.of("metric", "redis_attempts_total", "labels", List.of("src_workload"), "maxSeries", 1L));
        denies.open();
        AgentProcess.writeAndCommit(
                all,
                lines(
                        Line.allowed(FRONTEND, REDIS, 1, new Policy("NetworkPolicy", "shop", "one")),
                        Line.denied(FRONTEND, REDIS, 1, 3)));
        AgentProcess.writeAndCommit(
                denies,
                lines(
                        Line.allowed(FRONTEND, REDIS, 1, new Policy("NetworkPolicy", "shop", "two")),
                        Line.denied(REDIS, REDIS, 1, 7)));
        assertEquals(4.0, total(process.scrape(CONNECTIONS)));
        assertEquals(
                Map.of(
                        new Sample("redis_attempts_total", Map.of("src_workload", "frontend")), 1.0,
                        new Sample("redis_attempts_total", Map.of("src_workload", "overflow")), 7.0),
                process.scrape("redis_attempts_total"));
        assertEquals(1.0, total(process.scrape("redis_attempts_matches_total")));
        assertEquals(
                Map.of(
                        new Sample("policylog_series_overflow_total", Map.of("pipeline", "prometheus")), 0.0,
                        new Sample("policylog_series_overflow_total", Map.of("pipeline", "denies")), 1.0),
                process.scrape("policylog_series_overflow_total"));
    }

    @Test
    void theMatchesMetricCanBeNamedOrLeftOut() throws Exception {
        Line line = Line.allowed(FRONTEND, REDIS, 1, new Policy("NetworkPolicy", "shop", "one"));
        Sink named = openSink(Map.of("matchesMetric", "policies_total"));
        AgentProcess.writeAndCommit(named, lines(line));
        Sink without = process.sink(
                "without",
                Optional.empty(),
                Clock.systemUTC(),
                AgentProcess.NEVER,
                Map.of("metric", "other_total", "matchesMetric", "none"));
        without.open();
        AgentProcess.writeAndCommit(without, lines(line));
        assertEquals(1.0, total(process.scrape("policies_total")));
        assertEquals(Map.of(), process.scrape("other_matches"));
    }

    @Test
    void twoSinksCantHaveOneMetric() {
        process.sink(Optional.empty());
        for (Map<String, Object> options : List.<Map<String, Object>>of(
                Map.of(),
                Map.of("labels", List.of("node"), "matchesMetric", "other_total"),
                Map.of("metric", "other_total", "matchesMetric", MATCHES))) {
            IllegalArgumentException taken = assertThrows(
                    IllegalArgumentException.class,
                    () -> process.sink("second", Optional.empty(), Clock.systemUTC(), AgentProcess.NEVER, options));
            assertTrue(
                    String.valueOf(taken.getMessage())
                            .startsWith("sink second: metric and matchesMetric must be unique in the agent, found "),
                    taken.getMessage());
        }
    }

    @Test
    void aValueNeverPassesTheLargestNumber() throws Exception {
        Sink sink = openSink(Map.of());
        AgentProcess.writeAndCommit(
                sink,
                lines(
                        Line.denied(FRONTEND, REDIS, 1, Long.MAX_VALUE),
                        Line.denied(FRONTEND, REDIS, 1, Long.MAX_VALUE)));
        assertEquals((double) Long.MAX_VALUE, total(process.scrape(CONNECTIONS)));
    }

    @Test
    void aCommitThatFailsIsNotServed() throws Exception {
        Sink sink = openSink(Map.of());
        sink.write(lines(Line.denied(FRONTEND, REDIS, 1, 3)));
        Files.createDirectory(state.resolve("prometheus.tmp"));
        SinkException failed = assertThrows(
                SinkException.class,
                () -> sink.commit(lines(Line.denied(FRONTEND, REDIS, 1, 3)).position()));
        assertEquals(SinkException.Kind.IO, failed.kind());
        assertEquals(Map.of(), process.scrape(CONNECTIONS));
        assertFalse(Files.exists(file()));
    }
}
