package io.policylog.bench.run;

import static io.policylog.bench.run.Contender.kafkaSink;
import static io.policylog.bench.run.Contender.policylog;

import io.policylog.bench.kafka.KafkaProbeDrain;
import io.policylog.bench.run.Drain.Until;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** What can be measured. */
final class Scenarios {
    private static final String COUNTERS = "{type: prometheus}";
    private static final String STDOUT = "{type: stdout}";
    private static final String NOTHING = "{type: stdout, filter: 'jsonPayload.disposition=\"neither\"'}";
    private static final String EXACT = kafkaSink("exactly-once", "lz4", "1s");
    private static final String SOON = kafkaSink("exactly-once", "zstd", "20ms");
    private static final String BY_DEFAULT = kafkaSink("exactly-once", "zstd", "1s");
    private static final String AT_LEAST_ONCE = kafkaSink("at-least-once", "zstd", "1s");

    private static final long ALL_LINES = Long.MAX_VALUE;

    private final List<Scenario> scenarios = new ArrayList<>();

    private Scenarios() {}

    /** In the order in which they are run. */
    static List<Scenario> all() {
        Scenarios all = new Scenarios();
        all.limits();
        all.parts();
        all.drains();
        all.growth();
        all.steady();
        all.starts();
        all.faults();
        return List.copyOf(all.scenarios);
    }

    /** What no program that does more can beat. */
    private void limits() {
        add("limits", "cat", "cat to the null device", Drain.command(ALL_LINES, false, List.of("cat")));
        add("limits", "wc", "wc -l", Drain.command(ALL_LINES, true, List.of("wc", "-l")));
        add(
                "limits",
                "newline-scan",
                "Java: read and find the lines",
                lab -> Drain.command(ALL_LINES, true, Lab.java(List.of(), NewlineScan.class))
                        .run(lab));
        add(
                "limits",
                "jackson",
                "Java: read, find the lines, jackson streaming over every field",
                lab -> Drain.command(ALL_LINES, true, Lab.java(List.of(), JacksonScan.class))
                        .run(lab));
        add("limits", "jq", "jq -c ., of 100,000 lines", Drain.command(100_000, false, List.of("jq", "-c", ".")))
                .needing("jq");
        for (String compression : List.of("lz4", "zstd", "none")) {
            for (boolean c1 : new boolean[] {false, true}) {
                add(
                        "limits",
                        "probe-" + compression + (c1 ? "-c1" : ""),
                        "Java: read, find the lines, produce them as they are in transactions of 1 s, " + compression
                                + (c1 ? ", C1 only" : ""),
                        lab -> Drain.command(ALL_LINES, true, probe(lab, compression, c1))
                                .run(lab));
            }
        }
    }

    private static List<String> probe(Lab lab, String compression, boolean c1) throws Exception {
        List<String> flags = new ArrayList<>(List.of("-XX:+UseCompactObjectHeaders", "-Xmx48m"));
        if (c1) {
            flags.add("-XX:TieredStopAtLevel=1");
        }
        return Lab.java(
                flags, KafkaProbeDrain.class, lab.broker().bootstrapServers(), lab.topic(1), compression, "1000");
    }

    private void parts() {
        for (String writer : List.of("NEWEST", "OLDER", "OTHER_ORDER", "ANY_ORDER")) {
            add("parts", "parse-" + writer, "parse and normalize, × jackson streaming", Micro.parser(writer));
        }
        for (String query : List.of("THREE_COMPARISONS", "REGEX")) {
            add("parts", "filter-" + query, "with a filter, × without", Micro.filter(query));
        }
        for (String conversations : List.of("500", "8000")) {
            add("parts", "count-" + conversations, "parse and count, conversations", Micro.counters(conversations));
        }
    }

    private void drains() {
        drain("drain-nothing", "all filtered away", Until.READ, lab -> policylog(lab, NOTHING));
        drain(
                "drain-counters",
                "to counters with the default labels",
                Until.COMMITTED,
                lab -> policylog(lab, COUNTERS));
        drain("drain-stdout", "to a file, the standard output", Until.OUTPUT, lab -> policylog(lab, STDOUT));
        for (String compression : List.of("lz4", "zstd", "none")) {
            drain(
                            "drain-kafka-" + compression,
                            "to Kafka, exactly-once, " + compression + ", commits of 1 s",
                            Until.TOPIC,
                            lab -> policylog(lab, kafkaSink("exactly-once", compression, "1s")))
                    .comparedWith("probe-" + compression);
        }
        drain(
                        "drain-kafka-100ms",
                        "to Kafka, exactly-once, lz4, commits of 100 ms",
                        Until.TOPIC,
                        lab -> policylog(lab, kafkaSink("exactly-once", "lz4", "100ms")))
                .comparedWith("probe-lz4");
        for (String compression : List.of("lz4", "zstd", "none")) {
            drain(
                            "drain-kafka-alo-" + compression,
                            "to Kafka, at-least-once, " + compression,
                            Until.TOPIC,
                            lab -> policylog(lab, kafkaSink("at-least-once", compression, "1s")))
                    .comparedWith("probe-" + compression);
        }
        for (String settings : List.of("default", "tuned")) {
            drain(
                            "rsyslog-file-" + settings,
                            "rsyslog, " + settings + ", to a file",
                            Until.OUTPUT,
                            lab -> Contender.rsyslog(lab, "file-" + settings))
                    .needing("rsyslogd")
                    .comparedWith("drain-stdout");
            drain(
                            "rsyslog-kafka-" + settings,
                            "rsyslog, " + settings + ", to Kafka, lz4",
                            Until.TOPIC,
                            lab -> Contender.rsyslog(lab, "kafka-" + settings))
                    .needing("rsyslogd")
                    .comparedWith("drain-kafka-lz4");
        }
        for (String settings : List.of("default", "tuned", "safe")) {
            drain(
                            "fluent-bit-kafka-" + settings,
                            "Fluent Bit, " + settings + ", to Kafka, lz4",
                            Until.TOPIC,
                            lab -> Contender.fluentBit(lab, "kafka-" + settings))
                    .needing("FLUENT_BIT")
                    .comparedWith("drain-kafka-lz4");
        }
        for (String settings : List.of("default", "tuned")) {
            drain(
                            "fluent-bit-file-" + settings,
                            "Fluent Bit, " + settings + ", to a file",
                            Until.OUTPUT,
                            lab -> Contender.fluentBit(lab, "file-" + settings))
                    .needing("FLUENT_BIT")
                    .comparedWith("drain-stdout");
        }
    }

    private Addition drain(String name, String about, Until until, Drain.Maker maker) {
        return add("drain", name, about, Drain.contender(until, maker));
    }

    private void growth() {
        for (int times : new int[] {1, 10, 100}) {
            add(
                    "growth",
                    "backlog-" + times,
                    "to Kafka, exactly-once, lz4, and counters: a tenth of the lines, × " + times,
                    lab -> Drain.contender(
                            lab, lab.data(lab.lines() / 10 * times), Until.COMMITTED, policylog(lab, EXACT, COUNTERS)));
        }
        for (int sinks : new int[] {1, 2, 4, 8}) {
            add(
                    "growth",
                    "sinks-" + sinks,
                    sinks + (sinks == 1 ? " sink" : " sinks") + " of counters",
                    lab -> Drain.contender(lab, lab.data(), Until.COMMITTED, policylog(lab, counters(sinks))));
        }
    }

    private static String[] counters(int sinks) {
        return IntStream.range(0, sinks)
                .mapToObj(i -> "{type: prometheus, name: p" + i + ", metric: p" + i + "_connections_total}")
                .toArray(String[]::new);
    }

    private void steady() {
        for (int rate : new int[] {0, 500, 2_000}) {
            add(
                    "steady",
                    rate == 0 ? "idle" : "steady-" + rate,
                    (rate == 0 ? "nothing to do" : rate + " lines/s") + ": Kafka, exactly-once, zstd, and counters",
                    Steady.load(rate, 1, lab -> policylog(lab, BY_DEFAULT, COUNTERS)));
        }
        for (int rate : new int[] {500, 2_000}) {
            for (String settings : List.of("default", "tuned")) {
                add(
                                "steady",
                                "rsyslog-steady-" + rate + "-" + settings,
                                "rsyslog, " + settings + ": " + rate + " lines/s, Kafka",
                                Steady.load(rate, 1, lab -> Contender.rsyslog(lab, "kafka-" + settings)))
                        .needing("rsyslogd");
            }
            add(
                            "steady",
                            "fluent-bit-steady-" + rate,
                            "Fluent Bit, for latency: " + rate + " lines/s, Kafka",
                            Steady.load(rate, 1, lab -> Contender.fluentBit(lab, "kafka-latency")))
                    .needing("FLUENT_BIT");
        }
        add("latency", "latency-20ms", "500 lines/s, Kafka, commits of 20 ms", latency(SOON, 500));
        add("latency", "latency-1s", "500 lines/s, Kafka, commits of 1 s", latency(BY_DEFAULT, 500));
        add("latency", "latency-quiet", "1 line in 2 s, Kafka, commits of 1 s", latency(BY_DEFAULT, 0.5));
        add("latency", "latency-alo", "500 lines/s, Kafka, at-least-once", latency(AT_LEAST_ONCE, 500));
        add("latency", "latency-stdout", "500 lines/s, the standard output", latency(STDOUT, 500));
        for (int partitions : new int[] {1, 4, 12}) {
            String sink = SOON.replace("type: kafka,", "type: kafka, partitionBy: key,");
            add(
                    "scale",
                    "partitions-" + partitions,
                    "2,000 lines/s by key to " + partitions + " partitions, commits of 20 ms",
                    Steady.load(2_000, partitions, lab -> policylog(lab, sink)));
        }
    }

    private static Scenario.Measure latency(String sink, double rate) {
        return Steady.load(rate, 1, lab -> policylog(lab, sink));
    }

    private void starts() {
        add(
                "starts",
                "probe-start",
                "Java: produce a line in a transaction, the agent's flags, AOT cache",
                Starts::probe);
        add("starts", "start", "with the AOT cache", Starts.firstRecord(lab -> policylog(lab, BY_DEFAULT, COUNTERS)));
        add(
                "starts",
                "start-cold",
                "without an AOT cache",
                Starts.firstRecord(
                        lab -> policylog(lab, Map.of("JAVA_TOOL_OPTIONS", "-XX:AOTMode=off"), BY_DEFAULT, COUNTERS)));
        add("starts", "start-rsyslog", "rsyslog", Starts.firstRecord(lab -> Contender.rsyslog(lab, "kafka-tuned")))
                .needing("rsyslogd");
        add(
                "outage",
                "catch-up",
                "2,000 lines/s for 30 s",
                Outage.catchUp(lab -> policylog(lab, BY_DEFAULT, COUNTERS)));
        add(
                        "outage",
                        "catch-up-rsyslog",
                        "rsyslog, the same",
                        Outage.catchUp(lab -> Contender.rsyslog(lab, "kafka-tuned")))
                .needing("rsyslogd");
    }

    private void faults() {
        Map<String, Drain.Maker> makers = new LinkedHashMap<>();
        makers.put("policylog", lab -> policylog(lab, BY_DEFAULT));
        for (String settings : List.of("default", "tuned")) {
            makers.put("rsyslog-" + settings, lab -> Contender.rsyslog(lab, "kafka-" + settings));
        }
        for (String settings : List.of("default", "tuned", "safe")) {
            makers.put("fluent-bit-" + settings, lab -> Contender.fluentBit(lab, "kafka-" + settings));
        }
        makers.forEach((name, maker) -> {
            @Nullable
            String needs = name.startsWith("rsyslog") ? "rsyslogd" : name.startsWith("fluent") ? "FLUENT_BIT" : null;
            fault(name, "killed", "kill -9 twice in mid-drain of 300,000 lines", needs, Faults.killedInMidDrain(maker));
            fault(name, "rotated", "renamed each 200 ms at 20,000 lines/s, 5 kept", needs, Faults.rotatedOften(maker));
            fault(name, "outage", "broker away for 30 s, 40 rotations", needs, Faults.brokerOutage(false, maker));
            fault(
                    name,
                    "outage-killed",
                    "the same, and kill -9 in the middle",
                    needs,
                    Faults.brokerOutage(true, maker));
            fault(
                    name,
                    "bad-lines",
                    "malformed lines, and of 40 KB to 20 MB, between 7,000 good ones",
                    needs,
                    Faults.badLines(maker));
        });
    }

    private void fault(String contender, String name, String about, @Nullable String needs, Scenario.Measure measure) {
        add("faults", name + "-" + contender, about, measure).needing(needs);
    }

    private Addition add(String group, String name, String about, Scenario.Measure measure) {
        scenarios.add(new Scenario(group, name, about, measure));
        return new Addition();
    }

    /** What more there is to say of the scenario that was added last. */
    private final class Addition {
        Addition needing(@Nullable String program) {
            scenarios.set(scenarios.size() - 1, scenarios.getLast().needing(program));
            return this;
        }

        Addition comparedWith(String name) {
            scenarios.set(scenarios.size() - 1, scenarios.getLast().comparedWith(name));
            return this;
        }
    }

    /** The ones with these names or of these groups; all when none is named. */
    static List<Scenario> named(List<String> names) {
        List<Scenario> all = all();
        for (String name : names) {
            if (all.stream().noneMatch(scenario -> is(scenario, name))) {
                throw new IllegalArgumentException("no scenario '" + name + "': --list shows what there is; groups are "
                        + all.stream().map(Scenario::group).distinct().collect(Collectors.joining(", ")));
            }
        }
        return all.stream()
                .filter(scenario -> names.isEmpty() || names.stream().anyMatch(name -> is(scenario, name)))
                .toList();
    }

    private static boolean is(Scenario scenario, String name) {
        return scenario.name().equals(name) || scenario.group().equals(name);
    }
}
