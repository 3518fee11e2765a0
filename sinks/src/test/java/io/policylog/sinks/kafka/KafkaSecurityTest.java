package io.policylog.sinks.kafka;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.policylog.sinks.Sink;
import io.policylog.sinks.SinkException;
import io.policylog.sinks.SinkException.Kind;
import io.policylog.sinks.testing.KafkaBroker;
import io.policylog.sinks.testing.TestSegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ScramCredentialInfo;
import org.apache.kafka.clients.admin.ScramMechanism;
import org.apache.kafka.clients.admin.UserScramCredentialUpsertion;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A broker with TLS, SASL and an authorizer: the fewest grants, secrets in files, and what is said without them. */
class KafkaSecurityTest {
    private static final String NODE_PASSWORD = "it's \"quoted\" \\ so";

    @TempDir
    private static Path folder;

    private static KafkaBroker broker;

    @BeforeAll
    static void startBroker() throws Exception {
        Path keyStore = folder.resolve("broker.p12");
        keytool(
                "-genkeypair",
                "-alias",
                "broker",
                "-keyalg",
                "EC",
                "-validity",
                "2",
                "-dname",
                "CN=broker",
                "-ext",
                "san=ip:127.0.0.1",
                "-storetype",
                "PKCS12",
                "-keystore",
                keyStore.toString(),
                "-storepass",
                "changeit");
        keytool(
                "-exportcert",
                "-rfc",
                "-alias",
                "broker",
                "-keystore",
                keyStore.toString(),
                "-storepass",
                "changeit",
                "-file",
                folder.resolve("ca.pem").toString());
        Files.writeString(folder.resolve("password"), NODE_PASSWORD + "\n");
        String plain = "org.apache.kafka.common.security.plain.PlainLoginModule required username=\"admin\""
                + " password=\"admin-secret\"";
        broker = KafkaBroker.start(new KafkaBroker.Options(
                Map.ofEntries(
                        Map.entry("listeners", "SASL_SSL://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controllerPort}"),
                        Map.entry("listener.security.protocol.map", "CONTROLLER:PLAINTEXT,SASL_SSL:SASL_SSL"),
                        Map.entry("inter.broker.listener.name", "SASL_SSL"),
                        Map.entry("sasl.mechanism.inter.broker.protocol", "PLAIN"),
                        Map.entry("sasl.enabled.mechanisms", "PLAIN,SCRAM-SHA-512"),
                        Map.entry(
                                "listener.name.sasl_ssl.plain.sasl.jaas.config",
                                plain + " user_admin=\"admin-secret\";"),
                        Map.entry(
                                "listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config",
                                "org.apache.kafka.common.security.scram.ScramLoginModule required;"),
                        Map.entry("ssl.keystore.location", keyStore.toString()),
                        Map.entry("ssl.keystore.password", "changeit"),
                        Map.entry("ssl.truststore.location", keyStore.toString()),
                        Map.entry("ssl.truststore.password", "changeit"),
                        Map.entry("authorizer.class.name", "org.apache.kafka.metadata.authorizer.StandardAuthorizer"),
                        Map.entry("super.users", "User:admin;User:ANONYMOUS")),
                Map.of(
                        "security.protocol", "SASL_SSL",
                        "sasl.mechanism", "PLAIN",
                        "sasl.jaas.config", plain + ";",
                        "ssl.truststore.type", "PEM",
                        "ssl.truststore.certificates", Files.readString(folder.resolve("ca.pem"))),
                List.of(),
                List.of()));
        try (Admin admin = broker.admin()) {
            admin.alterUserScramCredentials(List.of(new UserScramCredentialUpsertion(
                            "node", new ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, 4096), NODE_PASSWORD)))
                    .all()
                    .get();
        }
    }

    @AfterAll
    static void stopBroker() {
        broker.close();
    }

    private static void keytool(String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString()));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command).inheritIO().start();
        process.waitFor(60, TimeUnit.SECONDS);
        assertEquals(0, process.exitValue());
    }

    private static Map<String, Object> options(String topic) {
        Map<String, Object> options = SharedBroker.options(broker, topic);
        options.put(
                "properties",
                Map.of(
                        "security.protocol", "SASL_SSL",
                        "sasl.mechanism", "SCRAM-SHA-512",
                        "sasl.jaas.config",
                                "org.apache.kafka.common.security.scram.ScramLoginModule required username=\"node\""
                                        + " password=\"${file:" + folder.resolve("password") + "}\";",
                        "ssl.truststore.type", "PEM",
                        "ssl.truststore.certificates", "${file:" + folder.resolve("ca.pem") + "}"));
        return options;
    }

    private static void grant(ResourceType type, String name, PatternType pattern, AclOperation operation)
            throws Exception {
        try (Admin admin = broker.admin()) {
            admin.createAcls(List.of(new AclBinding(
                            new ResourcePattern(type, name, pattern),
                            new AccessControlEntry("User:node", "*", operation, AclPermissionType.ALLOW))))
                    .all()
                    .get();
        }
    }

    /** Opens until it fails in this way: a grant takes a moment to be known. */
    private static void awaitRefusal(Sink sink, String... parts) {
        KafkaBroker.await("a refusal that says " + List.of(parts), () -> {
            SinkException failure = assertThrows(SinkException.class, sink::open);
            String message = String.valueOf(failure.getMessage());
            return failure.kind() == Kind.AUTHORIZATION
                    && List.of(parts).stream().allMatch(message::contains);
        });
    }

    @Test
    void aDestinationIsAskedForWhatIsMissingAndNothingIsMade() throws Exception {
        broker.createTopic("asked", 1, Map.of());
        Map<String, Object> options = options("asked");
        options.put("positionTopic", "asked.positions");
        options.put("malformedTopic", "none");
        options.put("delivery", "at-least-once");
        awaitProblems(options, List.of("the broker refuses the topic asked; grant WRITE and DESCRIBE on it"));
        grant(ResourceType.TOPIC, "asked", PatternType.LITERAL, AclOperation.DESCRIBE);
        awaitProblems(
                options, List.of("the topic asked is there, but we may not WRITE; grant WRITE and DESCRIBE on it"));
        grant(ResourceType.TOPIC, "asked", PatternType.LITERAL, AclOperation.WRITE);
        awaitProblems(options, List.of());
        try (Admin admin = broker.admin()) {
            assertFalse(admin.listTopics().names().get().contains("asked.positions"));
        }
    }

    /** Asks until the answer is this one: a grant takes a moment to be known. */
    private static void awaitProblems(Map<String, Object> options, List<String> problems) {
        KafkaBroker.await(
                "these problems: " + problems,
                () -> new KafkaSinkFactory()
                        .tryDestination(TestSinks.options(options), TestSinks.NODE, "asked")
                        .equals(problems));
    }

    @Test
    void needsFiveGrantsAndNamesTheOneThatIsMissing() throws Exception {
        broker.createTopic("secure", 1, Map.of());
        broker.createTopic("secure.malformed", 1, Map.of());
        broker.createTopic("secure.positions", 1, Map.of());
        TestSegment segment =
                TestSegment.of(List.of(TestSegment.record("secure", 0), "not json", TestSegment.record("secure", 1)));
        MeterRegistry registry = new SimpleMeterRegistry();
        Map<String, Object> options = options("secure");
        options.put("positionTopic", "secure.positions");
        try (Sink sink = TestSinks.sink("secure", options, Optional.empty(), registry)) {
            awaitRefusal(sink, "refuses the topic secure; grant WRITE and DESCRIBE on it");
            grant(ResourceType.TOPIC, "secure", PatternType.LITERAL, AclOperation.WRITE);
            awaitRefusal(sink, "refuses the topic secure.positions; grant READ and DESCRIBE on it");
            grant(ResourceType.TOPIC, "secure.positions", PatternType.LITERAL, AclOperation.READ);
            awaitRefusal(sink, "grant WRITE on the transactional ids with the prefix 'policylog/'");
            grant(ResourceType.TRANSACTIONAL_ID, "policylog/", PatternType.PREFIXED, AclOperation.WRITE);
            awaitRefusal(sink, "grant READ on the groups with the prefix 'policylog/'");
            grant(ResourceType.GROUP, "policylog/", PatternType.PREFIXED, AclOperation.READ);
            KafkaBroker.await("the sink to open", () -> {
                try {
                    return sink.open().isEmpty();
                } catch (SinkException e) {
                    return false;
                }
            });
            // The topic of malformed lines is not granted at all: they are lost, and nothing else is.
            TestSinks.drain(sink, segment, 0, 10);
            assertEquals(8, registry.get("policylog.lost.bytes").counter().count());
        }
        List<String> ids = segment.recordIds();
        assertEquals(List.of(ids.get(0), ids.get(2)), SharedBroker.ids(broker, "secure"));
    }

    @Test
    void aMalformedTopicThatMayBeSeenButNotWrittenStopsNothing() throws Exception {
        String identity = "policylog/prod-1/node-1/seen";
        grant(ResourceType.TRANSACTIONAL_ID, identity, PatternType.LITERAL, AclOperation.WRITE);
        grant(ResourceType.GROUP, identity, PatternType.LITERAL, AclOperation.READ);
        for (String topic : List.of("seen", "seen.malformed", "seen.positions")) {
            broker.createTopic(topic, 1, Map.of());
        }
        grant(ResourceType.TOPIC, "seen", PatternType.LITERAL, AclOperation.WRITE);
        grant(ResourceType.TOPIC, "seen.positions", PatternType.LITERAL, AclOperation.READ);
        grant(ResourceType.TOPIC, "seen.malformed", PatternType.LITERAL, AclOperation.DESCRIBE);
        TestSegment segment =
                TestSegment.of(List.of("not json", TestSegment.record("seen", 0), TestSegment.record("seen", 1)));
        MeterRegistry registry = new SimpleMeterRegistry();
        Map<String, Object> options = options("seen");
        options.put("positionTopic", "seen.positions");
        try (Sink sink = TestSinks.sink("seen", options, Optional.empty(), registry)) {
            TestSinks.drainThroughFailures(sink, segment, 1);
        }
        assertEquals(8, registry.get("policylog.lost.bytes").counter().count());
        assertEquals(segment.recordIds().subList(1, 3), SharedBroker.ids(broker, "seen"));
    }

    @Test
    void aSecretIsReadAgainOnReconnect() throws Exception {
        Map<String, Object> options = new HashMap<>(options("any"));
        Path password = folder.resolve("rotated");
        Files.writeString(password, "wrong");
        @SuppressWarnings("unchecked") // It was put there as one.
        Map<String, String> properties = new HashMap<>((Map<String, String>) options.get("properties"));
        properties.computeIfPresent(
                "sasl.jaas.config",
                (k, v) -> v.replace(folder.resolve("password").toString(), password.toString()));
        options.put("properties", properties);
        try (Sink sink = TestSinks.sink("rotated", options)) {
            SinkException failure = assertThrows(SinkException.class, sink::open);
            assertEquals(Kind.AUTHENTICATION, failure.kind());
            TestSinks.assertSays(failure, "sasl.*");
            Files.writeString(password, NODE_PASSWORD);
            assertEquals(
                    Kind.AUTHORIZATION,
                    assertThrows(SinkException.class, sink::open).kind());
        }
    }
}
