package io.policylog.agent.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.policylog.agent.logging.LogFormat;
import io.policylog.agent.pipeline.StartAt;
import io.policylog.sinks.NodeIdentity;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.slf4j.event.Level;

final class ConfigurationLoaderTest extends ConfigurationTestCase {
    private static final Configuration.Log DEFAULT_LOG =
            new Configuration.Log(Path.of("/var/log/network"), "policy_action*", StartAt.BEGINNING, 1 << 20);

    @Test
    void withoutAFileTheDefaultsHold() throws Exception {
        Configuration configuration = load(Optional.empty());
        SinkConfiguration sink = configuration.sinks().getFirst();
        assertEquals(
                new Configuration(
                        new NodeIdentity("host-1", Optional.empty(), Optional.empty(), Optional.empty()),
                        true,
                        DEFAULT_LOG,
                        new Configuration.State(
                                Optional.of(Path.of("/var/log/network/.policylog")),
                                new Configuration.Retain(1L << 30, 10_000, 0.15)),
                        new Configuration.Http("0.0.0.0", 9464),
                        new Configuration.Logging(Level.INFO, LogFormat.TEXT),
                        List.of(new SinkConfiguration(
                                "prometheus",
                                Optional.empty(),
                                StartAt.BEGINNING,
                                Duration.ofSeconds(60),
                                TestFactory.PROMETHEUS,
                                sink.options()))),
                configuration);
        assertEquals("connections_total", sink.options().text("metric"));
        assertEquals(List.of("disposition", "direction"), sink.options().textList("labels"));
        assertEquals(10_000, sink.options().number("maxSeries"));
    }

    @Test
    void aTerminalGetsATableToo() throws Exception {
        stdoutIsTerminal = true;
        List<SinkConfiguration> sinks = load(Optional.empty()).sinks();
        assertEquals(
                List.of("prometheus", "stdout"),
                sinks.stream().map(SinkConfiguration::name).toList());
        assertEquals("table", sinks.getLast().options().text("format"));
    }

    @Test
    void everyKeyIsMapped() throws Exception {
        environment.put("NODE_NAME", "node-7");
        environment.put("KUBERNETES_SERVICE_HOST", "10.0.0.1");
        Configuration configuration = load("""
                node: ${NODE_NAME}
                fillNodeName: false
                cluster: {project: my-project, location: us-east1, name: prod-1}
                log:
                  directory: /data/log
                  files: other*
                  startAt: end
                  maxLine: 64KiB
                state:
                  directory: /data/state
                  retain: {maxBytes: 512MiB, maxFiles: 500, minFreeDisk: 7.5%}
                http: {listen: "[::1]:8080"}
                logging: {level: debug, format: json}
                sinks:
                  - type: kafka
                    name: denies
                    filter: 'jsonPayload.disposition="deny"'
                    startAt: beginning
                    sinkTimeout: 30s
                    bootstrapServers: kafka:9092
                    topic: policy
                    delivery: at-least-once
                    commitInterval: 200ms
                    maxBytesPerSecond: 1MiB
                    compress: false
                    properties: {compression.type: zstd, linger.ms: 5}
                  - type: stdout
                  - {type: prometheus, labels: [src, dest], metric: m}
                """);
        List<SinkConfiguration> sinks = configuration.sinks();
        assertEquals(
                new Configuration(
                        new NodeIdentity(
                                "node-7", Optional.of("my-project"), Optional.of("us-east1"), Optional.of("prod-1")),
                        false,
                        new Configuration.Log(Path.of("/data/log"), "other*", StartAt.END, 64 << 10),
                        new Configuration.State(
                                Optional.of(Path.of("/data/state")), new Configuration.Retain(512L << 20, 500, 0.075)),
                        new Configuration.Http("::1", 8080),
                        new Configuration.Logging(Level.DEBUG, LogFormat.JSON),
                        List.of(
                                new SinkConfiguration(
                                        "denies",
                                        sinks.get(0).filter(),
                                        StartAt.BEGINNING,
                                        Duration.ofSeconds(30),
                                        TestFactory.KAFKA,
                                        sinks.get(0).options()),
                                new SinkConfiguration(
                                        "stdout",
                                        Optional.empty(),
                                        StartAt.END,
                                        Duration.ofMinutes(1),
                                        TestFactory.STDOUT,
                                        sinks.get(1).options()),
                                new SinkConfiguration(
                                        "prometheus",
                                        Optional.empty(),
                                        StartAt.END,
                                        Duration.ofMinutes(1),
                                        TestFactory.PROMETHEUS,
                                        sinks.get(2).options()))),
                configuration);
        var kafka = sinks.get(0).options();
        assertTrue(sinks.get(0).filter().isPresent());
        assertEquals("jsonPayload.disposition=\"deny\"", kafka.text("filter"));
        assertEquals("kafka:9092", kafka.text("bootstrapServers"));
        assertEquals("at-least-once", kafka.text("delivery"));
        assertEquals(Duration.ofMillis(200), kafka.duration("commitInterval"));
        assertEquals(OptionalLong.of(1 << 20), kafka.optionalNumber("maxBytesPerSecond"));
        assertFalse(kafka.flag("compress"));
        assertEquals(Map.of("compression.type", "zstd", "linger.ms", "5"), kafka.textMap("properties"));
        assertEquals(List.of("src", "dest"), sinks.get(2).options().textList("labels"));
    }

    @Test
    void noneIsNoLimitWhereNoneIsTheDefault() throws Exception {
        String kafka = "{cluster: {name: c}, sinks: [{type: kafka, bootstrapServers: b, topic: t";
        for (String written : List.of("", ", maxBytesPerSecond: none")) {
            assertEquals(
                    OptionalLong.empty(),
                    load(kafka + written + "}]}").sinks().getFirst().options().optionalNumber("maxBytesPerSecond"));
        }
    }

    @Test
    void referencesAreFilledFromTheEnvironmentOnce() throws Exception {
        environment.put("TOPIC", "${OTHER}: {x}");
        environment.put("EMPTY", "");
        var options = load("""
                        cluster: {name: "${MISSING:-fall-back}"}
                        sinks:
                          - type: kafka
                            topic: a-${TOPIC}-b
                            bootstrapServers: ${EMPTY:-${}
                            properties:
                              plain: $${TOPIC} and $x
                              sasl.jaas.config: user="${EMPTY:-u}" password="${file:/etc/kafka/password}"
                        """).sinks().getFirst().options();
        assertEquals("a-${OTHER}: {x}-b", options.text("topic"));
        assertEquals("${", options.text("bootstrapServers"));
        assertEquals(
                Map.of(
                        "plain", "${TOPIC} and $x",
                        "sasl.jaas.config", "user=\"u\" password=\"${file:/etc/kafka/password}\""),
                options.textMap("properties"));
    }

    @Test
    void kafkaAloneNeedsNoStateDirectory() throws Exception {
        Configuration configuration = load("""
                cluster: {name: c}
                state: {directory: none}
                sinks: [{type: kafka, bootstrapServers: b, topic: t}]
                """);
        assertEquals(Optional.empty(), configuration.state().directory());
    }

    @Test
    void theStateDirectoryLiesInTheLogsByDefault() throws Exception {
        assertEquals(
                Optional.of(Path.of("/elsewhere/.policylog")),
                load("log: {directory: /elsewhere}").state().directory());
    }

    @Test
    void valuesStayTextsAsWritten() throws Exception {
        assertEquals(
                Map.of("a", "1.10", "b", "0x1F", "c", "true", "d", "null", "e", "", "f", "1_000", "g", "2020-01-01"),
                load("""
                                cluster: {name: c}
                                sinks:
                                  - type: kafka
                                    bootstrapServers: b
                                    topic: 12
                                    properties: {a: 1.10, b: 0x1F, c: true, d: "null", e: "", f: 1_000, g: 2020-01-01}
                                """).sinks().getFirst().options().textMap("properties"));
    }

    @Test
    void overridesReplaceAndAdd() throws Exception {
        Configuration configuration = load(
                """
                log: {startAt: end}
                cluster: {name: c}
                sinks:
                  - {type: stdout, format: table}
                  - {type: kafka, name: denies, bootstrapServers: b, topic: t, properties: {acks: all}}
                """,
                "log.startAt=beginning",
                "state.retain.maxBytes=2GiB",
                "sinks.0.format=json",
                "sinks.denies.topic=x=y",
                "sinks.denies.properties={linger.ms: 1}",
                "sinks.1.properties.compression.type=zstd",
                "sinks.2.type=prometheus",
                "sinks.prometheus.labels=[a, b]",
                "fillNodeName=false");
        assertEquals(StartAt.BEGINNING, configuration.log().startAt());
        assertEquals(2L << 30, configuration.state().retain().maxBytes());
        assertFalse(configuration.fillNodeName());
        List<SinkConfiguration> sinks = configuration.sinks();
        assertEquals("json", sinks.get(0).options().text("format"));
        assertEquals("x=y", sinks.get(1).options().text("topic"));
        assertEquals(
                Map.of("linger.ms", "1", "compression.type", "zstd"),
                sinks.get(1).options().textMap("properties"));
        assertEquals(List.of("a", "b"), sinks.get(2).options().textList("labels"));
    }

    @Test
    void aNumberIsAPlaceBeforeItIsASinksName() throws Exception {
        Configuration configuration = load(
                "sinks: [{type: stdout, name: '1'}, {type: stdout, name: '0'}, {type: stdout, name: '7'}]",
                "sinks.1.format=table",
                "sinks.7.format=table");
        assertEquals(
                List.of("json", "table", "table"),
                configuration.sinks().stream()
                        .map(sink -> sink.options().text("format"))
                        .toList());
    }

    @Test
    void overridesWorkWithoutAFile() throws Exception {
        Configuration configuration = load(Optional.empty(), "log.directory=/tmp/x", "sinks.prometheus.maxSeries=5");
        assertEquals(Path.of("/tmp/x"), configuration.log().directory());
        assertEquals(5, configuration.sinks().getFirst().options().number("maxSeries"));
        assertEquals(
                List.of("stdout"),
                load(Optional.empty(), "sinks=[{type: stdout}]").sinks().stream()
                        .map(SinkConfiguration::type)
                        .toList());
    }

    @Test
    void aByteOrderMarkAndWindowsLineEndsAreNoProblem() throws Exception {
        assertEquals(StartAt.END, load("\uFEFFlog:\r\n  startAt: end\r\n").log().startAt());
    }

    @Test
    void neitherConfigurationNorProblemShowsASecret() throws Exception {
        environment.put("PASSWORD", "hunter2");
        String yaml = """
                sinks:
                  - type: kafka
                    bootstrapServers: b
                    topic: t
                    password: hunter2
                    properties:
                      sasl.jaas.config: password="${PASSWORD}" hunter2
                      ssl.key.password: [hunter2]
                      ssl.truststore.password: hunter2${PASSWORD
                      acks: hunter2
                  - {type: kafka, bootstrapServers: b, topic: t, properties: hunter2}
                """;
        String told = problems(yaml);
        assertFalse(told.contains("hunter2"), told);
        assertTrue(told.contains("ssl.truststore.password"), told);
        Configuration valid = load("""
                cluster: {name: c}
                sinks: [{type: kafka, bootstrapServers: b, topic: t, properties: {sasl.password: hunter2}}]
                """);
        assertFalse(valid.toString().contains("hunter2"), valid.toString());
    }
}
