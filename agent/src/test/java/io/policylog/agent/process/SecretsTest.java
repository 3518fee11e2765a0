package io.policylog.agent.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.policylog.agent.simulate.LogWriter;
import io.policylog.sinks.testing.KafkaBroker;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A secret in a file, as a Kubernetes mount has it: it is shown nowhere. */
final class SecretsTest {
    private static final String RIGHT = "sesame-open-4711";
    private static final String WRONG = "sesame-shut-4712";
    private static final String INLINE = "trust-4713";

    @TempDir
    private Path directory;

    @Test
    void isNotShownWhetherTheBrokerTakesItOrNot() throws Exception {
        String login =
                "org.apache.kafka.common.security.plain.PlainLoginModule required username=\"admin\" password=\"";
        Path password = Files.writeString(directory.resolve("password"), WRONG);
        try (KafkaBroker broker = KafkaBroker.start(new KafkaBroker.Options(
                        Map.of(
                                "listeners",
                                "SASL_PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controllerPort}",
                                "listener.security.protocol.map",
                                "CONTROLLER:PLAINTEXT,SASL_PLAINTEXT:SASL_PLAINTEXT",
                                "inter.broker.listener.name",
                                "SASL_PLAINTEXT",
                                "sasl.mechanism.inter.broker.protocol",
                                "PLAIN",
                                "sasl.enabled.mechanisms",
                                "PLAIN",
                                "listener.name.sasl_plaintext.plain.sasl.jaas.config",
                                login + RIGHT + "\" user_admin=\"" + RIGHT + "\";"),
                        Map.of(
                                "security.protocol",
                                "SASL_PLAINTEXT",
                                "sasl.mechanism",
                                "PLAIN",
                                "sasl.jaas.config",
                                login + RIGHT + "\";"),
                        List.of(),
                        List.of()));
                AgentProcess agent =
                        new AgentProcess(directory, """
                        - type: kafka
                          bootstrapServers: "%s"
                          topic: log
                          malformedTopic: none
                          properties:
                            security.protocol: SASL_PLAINTEXT
                            sasl.mechanism: PLAIN
                            sasl.jaas.config: '%s${file:%s}";'
                            ssl.truststore.password: %s
                        """.formatted(broker.bootstrapServers(), login, password, INLINE));
                LogWriter log = new LogWriter(agent.log(), TestTraffic.FILES)) {
            broker.createTopic("log", 1, Map.of());
            TestTraffic traffic = new TestTraffic(9);
            traffic.write(log, 100);
            List<String> shown = new ArrayList<>();
            agent.start(List.of(), "logging.level=debug");
            agent.await("refused", () -> agent.metric("policylog_sink_errors_total", "kind=\"authentication\"") >= 1);
            shown.add(agent.get("/statusz").body());
            assertTrue(shown.getFirst().contains("does not accept who we are"), shown.getFirst());
            shown.add(policylog(1, "validate", "--connect"));
            Files.writeString(password, RIGHT);
            agent.kill9(); // Else it waits for half a minute, as for all that only an operator can mend.
            agent.start(List.of(), "logging.level=debug");
            agent.await("all lines", () -> TestTraffic.values(broker, "log").size() >= 100);
            assertEquals(traffic.lines(), TestTraffic.values(broker, "log"));
            shown.add(agent.get("/statusz").body());
            shown.add(agent.get("/metrics").body());
            shown.add(policylog(0, "validate"));
            shown.add(policylog(0, "validate", "--connect"));
            shown.add(Files.readString(agent.stderr()));
            shown.add(Files.readString(agent.stdout()));
            for (String text : shown) {
                for (String secret : List.of(RIGHT, WRONG, INLINE)) {
                    assertFalse(
                            text.contains(secret),
                            () -> text.lines()
                                    .filter(line -> line.contains(secret))
                                    .findFirst()
                                    .orElse(""));
                }
            }
        }
    }

    /** What a command on the agent's configuration prints. */
    private String policylog(int exitCode, String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                "io.policylog.agent.Main"));
        command.addAll(List.of(arguments));
        command.addAll(List.of("--config", directory.resolve("policylog.yaml").toString()));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(exitCode, process.waitFor(), output);
        return output;
    }
}
