package io.policylog.sinks.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;
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
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.Signature;
import java.security.interfaces.RSAPublicKey;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A broker with TLS, SASL and an authorizer: the fewest grants, secrets in files, and what is said without them. */
class KafkaSecurityTest {
    private static final String NODE_PASSWORD = "it's \"quoted\" \\ so";

    private static final String STORE_PASSWORD = "changeit";

    @TempDir
    private static Path folder;

    private static KeyPair signingKey;

    private static KafkaBroker broker;

    @BeforeAll
    static void startBroker() throws Exception {
        Path keyStore = folder.resolve("broker.p12");
        keyPair(keyStore, "broker", "-ext", "san=ip:127.0.0.1");
        Files.writeString(folder.resolve("ca.pem"), certificate(keyStore));
        Path nodeKeyStore = folder.resolve("node.p12");
        keyPair(nodeKeyStore, "node");
        Files.writeString(folder.resolve("tls.crt"), certificate(nodeKeyStore));
        Files.writeString(
                folder.resolve("tls.key"),
                pem(
                        "PRIVATE KEY",
                        open(nodeKeyStore)
                                .getKey("key", STORE_PASSWORD.toCharArray())
                                .getEncoded()));
        signingKey = KeyPairGenerator.getInstance("RSA").generateKeyPair();
        Files.writeString(folder.resolve("jwks.json"), jwks((RSAPublicKey) signingKey.getPublic()));
        Files.writeString(folder.resolve("password"), NODE_PASSWORD + "\n");
        String plain = "org.apache.kafka.common.security.plain.PlainLoginModule required username=\"admin\""
                + " password=\"admin-secret\"";
        String jwksUrl = folder.resolve("jwks.json").toUri().toString();
        broker = KafkaBroker.start(new KafkaBroker.Options(
                Map.ofEntries(
                        Map.entry(
                                "listeners",
                                "SASL_SSL://127.0.0.1:{port},SSL://127.0.0.1:{otherPort},"
                                        + "CONTROLLER://127.0.0.1:{controllerPort}"),
                        Map.entry("listener.security.protocol.map", "CONTROLLER:PLAINTEXT,SASL_SSL:SASL_SSL,SSL:SSL"),
                        Map.entry("listener.name.ssl.ssl.client.auth", "required"),
                        Map.entry("listener.name.ssl.ssl.truststore.type", "PEM"),
                        Map.entry(
                                "listener.name.ssl.ssl.truststore.location",
                                folder.resolve("tls.crt").toString()),
                        Map.entry(
                                "listener.name.sasl_ssl.oauthbearer.sasl.jaas.config",
                                "org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required;"),
                        Map.entry(
                                "listener.name.sasl_ssl.oauthbearer.sasl.server.callback.handler.class",
                                "org.apache.kafka.common.security.oauthbearer.OAuthBearerValidatorCallbackHandler"),
                        Map.entry("sasl.oauthbearer.jwks.endpoint.url", jwksUrl),
                        Map.entry("sasl.oauthbearer.expected.audience", "kafka"),
                        Map.entry("sasl.oauthbearer.expected.issuer", "tests"),
                        Map.entry("inter.broker.listener.name", "SASL_SSL"),
                        Map.entry("sasl.mechanism.inter.broker.protocol", "PLAIN"),
                        Map.entry("sasl.enabled.mechanisms", "PLAIN,SCRAM-SHA-512,OAUTHBEARER"),
                        Map.entry(
                                "listener.name.sasl_ssl.plain.sasl.jaas.config",
                                plain + " user_admin=\"admin-secret\" user_plain-node=\"plain-secret\";"),
                        Map.entry(
                                "listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config",
                                "org.apache.kafka.common.security.scram.ScramLoginModule required;"),
                        Map.entry("ssl.keystore.location", keyStore.toString()),
                        Map.entry("ssl.keystore.password", STORE_PASSWORD),
                        Map.entry("listener.name.sasl_ssl.ssl.truststore.location", keyStore.toString()),
                        Map.entry("listener.name.sasl_ssl.ssl.truststore.password", STORE_PASSWORD),
                        Map.entry("authorizer.class.name", "org.apache.kafka.metadata.authorizer.StandardAuthorizer"),
                        Map.entry("super.users", "User:admin;User:ANONYMOUS")),
                Map.of(
                        "security.protocol", "SASL_SSL",
                        "sasl.mechanism", "PLAIN",
                        "sasl.jaas.config", plain + ";",
                        "ssl.truststore.type", "PEM",
                        "ssl.truststore.certificates", Files.readString(folder.resolve("ca.pem"))),
                List.of(),
                List.of("-Dorg.apache.kafka.sasl.oauthbearer.allowed.urls=" + jwksUrl)));
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

    private static void keyPair(Path keyStore, String name, String... more) throws Exception {
        List<String> arguments = new ArrayList<>(List.of(
                "-genkeypair",
                "-alias",
                "key",
                "-keyalg",
                "EC",
                "-validity",
                "2",
                "-dname",
                "CN=" + name,
                "-storetype",
                "PKCS12",
                "-keystore",
                keyStore.toString(),
                "-storepass",
                STORE_PASSWORD));
        arguments.addAll(List.of(more));
        keytool(arguments.toArray(new String[0]));
    }

    private static KeyStore open(Path keyStore) throws Exception {
        return KeyStore.getInstance(keyStore.toFile(), STORE_PASSWORD.toCharArray());
    }

    private static String certificate(Path keyStore) throws Exception {
        return pem("CERTIFICATE", open(keyStore).getCertificate("key").getEncoded());
    }

    private static String pem(String what, byte[] content) {
        return "-----BEGIN " + what + "-----\n" + Base64.getMimeEncoder().encodeToString(content) + "\n-----END " + what
                + "-----\n";
    }

    private static String base64(byte[] bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    private static String base64(BigInteger number) {
        byte[] bytes = number.toByteArray();
        return base64(bytes[0] == 0 ? Arrays.copyOfRange(bytes, 1, bytes.length) : bytes);
    }

    private static String jwks(RSAPublicKey key) {
        return "{\"keys\":[{\"kty\":\"RSA\",\"kid\":\"1\",\"use\":\"sig\",\"alg\":\"RS256\",\"n\":\""
                + base64(key.getModulus()) + "\",\"e\":\"" + base64(key.getPublicExponent()) + "\"}]}";
    }

    /** A signed token, as a Kubernetes service account gets one in a file. */
    private static String token(String subject) throws Exception {
        long now = Instant.now().getEpochSecond();
        String signed = base64("{\"alg\":\"RS256\",\"kid\":\"1\"}".getBytes(UTF_8)) + "."
                + base64(("{\"sub\":\"" + subject + "\",\"iss\":\"tests\",\"aud\":\"kafka\",\"iat\":" + now
                                + ",\"exp\":" + (now + 3600) + "}")
                        .getBytes(UTF_8));
        Signature signature = Signature.getInstance("SHA256withRSA");
        signature.initSign(signingKey.getPrivate());
        signature.update(signed.getBytes(UTF_8));
        return signed + "." + base64(signature.sign());
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
        grant("User:node", type, name, pattern, operation);
    }

    private static void grant(
            String principal, ResourceType type, String name, PatternType pattern, AclOperation operation)
            throws Exception {
        try (Admin admin = broker.admin()) {
            admin.createAcls(List.of(new AclBinding(
                            new ResourcePattern(type, name, pattern),
                            new AccessControlEntry(principal, "*", operation, AclPermissionType.ALLOW))))
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

    private static Map<String, Object> ofItsOwnTopic(String topic) throws Exception {
        broker.createTopic(topic, 1, Map.of());
        Map<String, Object> options = options(topic);
        options.put("positionTopic", topic + ".positions");
        options.put("malformedTopic", "none");
        options.put("delivery", "at-least-once");
        return options;
    }

    @Test
    void aDestinationIsAskedForWhatIsMissingAndNothingIsMade() throws Exception {
        Map<String, Object> options = ofItsOwnTopic("asked");
        awaitProblems(options, true, List.of("the broker refuses the topic asked; grant WRITE and DESCRIBE on it"));
        grant(ResourceType.TOPIC, "asked", PatternType.LITERAL, AclOperation.DESCRIBE);
        awaitProblems(
                options,
                true,
                List.of("the topic asked is there, but we may not WRITE; grant WRITE and DESCRIBE on it"));
        grant(ResourceType.TOPIC, "asked", PatternType.LITERAL, AclOperation.WRITE);
        awaitProblems(options, true, List.of());
        try (Admin admin = broker.admin()) {
            assertFalse(admin.listTopics().names().get().contains("asked.positions"));
        }
    }

    @Test
    void aDestinationThatHasToKeepThePositionIsAskedForThatToo() throws Exception {
        Map<String, Object> options = ofItsOwnTopic("kept");
        grant(ResourceType.TOPIC, "kept", PatternType.LITERAL, AclOperation.WRITE);
        awaitProblems(options, true, List.of());
        KafkaBroker.await("problems with topic and group of the positions", () -> {
            List<String> problems = problems(options, false);
            return problems.size() == 2
                    && problems.getFirst()
                            .equals("the broker refuses the topic kept.positions; grant READ and DESCRIBE on it")
                    && problems.getLast().contains("grant READ on the groups with the prefix 'policylog/'");
        });
    }

    /** Asks until the answer is this one: a grant takes a moment to be known. */
    private static void awaitProblems(Map<String, Object> options, boolean hasPositionFile, List<String> problems) {
        KafkaBroker.await(
                "these problems: " + problems,
                () -> problems(options, hasPositionFile).equals(problems));
    }

    private static List<String> problems(Map<String, Object> options, boolean hasPositionFile) {
        return new KafkaSinkFactory()
                .tryDestination(TestSinks.options(options), TestSinks.NODE, "asked", hasPositionFile);
    }

    /** How a client says who it is, as {@code properties}, and who it is then. */
    enum Login {
        PLAIN("User:plain-node") {
            @Override
            Map<String, String> properties() {
                return Map.of(
                        "security.protocol", "SASL_SSL",
                        "sasl.mechanism", "PLAIN",
                        "sasl.jaas.config",
                                "org.apache.kafka.common.security.plain.PlainLoginModule required"
                                        + " username=\"plain-node\" password=\"plain-secret\";");
            }
        },
        OAUTHBEARER("User:token-node") {
            @Override
            Map<String, String> properties() throws Exception {
                Path file = Files.writeString(folder.resolve("token"), token("token-node"));
                return Map.of(
                        "security.protocol", "SASL_SSL",
                        "sasl.mechanism", "OAUTHBEARER",
                        "sasl.login.callback.handler.class",
                                "org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginCallbackHandler",
                        "sasl.oauthbearer.token.endpoint.url", file.toUri().toString(),
                        "sasl.jaas.config",
                                "org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required;");
            }
        },
        MUTUAL_TLS("User:CN=node") {
            @Override
            Map<String, String> properties() {
                return Map.of(
                        "security.protocol",
                        "SSL",
                        "ssl.keystore.type",
                        "PEM",
                        "ssl.keystore.certificate.chain",
                        "${file:" + folder.resolve("tls.crt") + "}",
                        "ssl.keystore.key",
                        "${file:" + folder.resolve("tls.key") + "}");
            }
        };

        private final String principal;

        Login(String principal) {
            this.principal = principal;
        }

        abstract Map<String, String> properties() throws Exception;
    }

    @ParameterizedTest
    @EnumSource
    void deliversExactlyOnceAsWhoItIs(Login login) throws Exception {
        String topic = login.name().toLowerCase(Locale.ROOT);
        String identity = "policylog/prod-1/node-1/" + topic;
        Map<String, String> properties = new HashMap<>(login.properties());
        properties.put("ssl.truststore.type", "PEM");
        properties.put("ssl.truststore.certificates", "${file:" + folder.resolve("ca.pem") + "}");
        Map<String, Object> options = SharedBroker.options(broker, topic);
        if (login == Login.MUTUAL_TLS) {
            options.put("bootstrapServers", broker.otherBootstrapServers());
        }
        options.put("malformedTopic", "none");
        options.put("positionTopic", topic + ".positions");
        options.put("properties", properties);
        broker.createTopic(topic, 1, Map.of());
        broker.createTopic(topic + ".positions", 1, Map.of());
        TestSegment segment = TestSegment.ofRecords(topic, 100);
        try (Sink sink = TestSinks.sink(topic, options)) {
            // It is known, but may do nothing yet.
            awaitRefusal(sink, "refuses the topic " + topic);
            grant(login.principal, ResourceType.TOPIC, topic, PatternType.LITERAL, AclOperation.WRITE);
            grant(login.principal, ResourceType.TOPIC, topic + ".positions", PatternType.LITERAL, AclOperation.READ);
            grant(login.principal, ResourceType.TRANSACTIONAL_ID, identity, PatternType.LITERAL, AclOperation.WRITE);
            grant(login.principal, ResourceType.GROUP, identity, PatternType.LITERAL, AclOperation.READ);
            TestSinks.drainThroughFailures(sink, segment, 30);
        }
        SharedBroker.assertExact(broker, segment, topic, login.name());
    }

    @Test
    void creatingATopicNeedsTheGrantThatIsNamed() throws Exception {
        Map<String, Object> options = options("creatable");
        options.put("createTopics", Map.of("partitions", "2"));
        options.put("malformedTopic", "none");
        grant(ResourceType.TOPIC, "creatable", PatternType.LITERAL, AclOperation.WRITE);
        try (Sink sink = TestSinks.sink("creatable", options)) {
            awaitRefusal(
                    sink,
                    "the topic creatable does not exist, and we may not create it; grant CREATE on it",
                    "--create --topic creatable --partitions 2");
            grant(ResourceType.TOPIC, "creatable", PatternType.LITERAL, AclOperation.CREATE);
            // The next one that it lacks.
            awaitRefusal(sink, "refuses the topic policylog.positions; grant READ");
        }
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
