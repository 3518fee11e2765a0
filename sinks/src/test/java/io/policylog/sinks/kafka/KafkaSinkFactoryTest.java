package io.policylog.sinks.kafka;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.policylog.sinks.NodeIdentity;
import io.policylog.sinks.OptionProblem;
import io.policylog.sinks.SinkFactory;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What {@code validate} says about a Kafka sink, without a network. */
class KafkaSinkFactoryTest {
    private static final NodeIdentity NO_CLUSTER =
            new NodeIdentity("node-1", Optional.empty(), Optional.empty(), Optional.empty());

    private static List<OptionProblem> check(Map<String, Object> given, NodeIdentity node) {
        Map<String, Object> options = new HashMap<>(Map.of("bootstrapServers", "kafka:9092", "topic", "logs"));
        options.putAll(given);
        return new KafkaSinkFactory().check(TestSinks.options(options), node);
    }

    private static List<OptionProblem> checkProperties(Map<String, String> properties) {
        return check(Map.of("properties", properties), TestSinks.NODE);
    }

    @Test
    void isFoundByItsType() {
        assertTrue(ServiceLoader.load(SinkFactory.class).stream()
                .map(ServiceLoader.Provider::get)
                .anyMatch(factory -> factory.type().equals("kafka")));
    }

    @Test
    void theDefaultsAreRight() {
        assertEquals(List.of(), check(Map.of(), TestSinks.NODE));
    }

    @Test
    void aFullConfigurationIsRight() {
        assertEquals(
                List.of(),
                check(
                        Map.of(
                                "malformedTopic",
                                "none",
                                "positionTopic",
                                "p",
                                "partitionBy",
                                "key",
                                "delivery",
                                "at-least-once",
                                "commitInterval",
                                Duration.ofMillis(20),
                                "maxBytesPerSecond",
                                1_000_000L,
                                "createTopics",
                                Map.of("partitions", "12", "replicationFactor", "3", "retention.ms", "1000"),
                                "properties",
                                Map.of(
                                        "compression.type", "lz4",
                                        "acks", "all",
                                        "enable.idempotence", "true",
                                        "max.in.flight.requests.per.connection", "1",
                                        "linger.ms", "${file:/anything}",
                                        "security.protocol", "SASL_SSL",
                                        "sasl.jaas.config", "secret")),
                        NO_CLUSTER));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "k:9092",
                "kafka-1.shop.svc:9092, kafka_2:9093",
                "10.0.0.1:1",
                "[2001:db8::7]:65535",
                "[fe80::1%eth0]:9092,k:9092"
            })
    void bootstrapServersAreHostsWithPorts(String servers) {
        assertEquals(List.of(), check(Map.of("bootstrapServers", servers), TestSinks.NODE));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "kafka",
                "kafka:",
                ":9092",
                "kafka:http",
                "kafka:0",
                "kafka:65536",
                "kafka:123456",
                "2001:db8::7:9092",
                "[kafka]:9092",
                "[::1]",
                "a b:9092",
                "PLAINTEXT://kafka:9092"
            })
    void refusesBootstrapServersThatAreNoHostAndPort(String server) {
        String rule = "must be host:port separated by commas, such as kafka-1:9092,[2001:db8::7]:9092; found ";
        assertEquals(
                List.of(new OptionProblem("bootstrapServers", rule + '"' + server + '"')),
                check(Map.of("bootstrapServers", server), TestSinks.NODE));
        assertEquals(
                List.of(new OptionProblem("bootstrapServers", rule + '"' + server + "\" in \"k:9092," + server + '"')),
                check(Map.of("bootstrapServers", "k:9092," + server), TestSinks.NODE));
    }

    @Test
    void exactlyOnceNeedsTheClustersName() {
        assertEquals(
                List.of(new OptionProblem(
                        "delivery",
                        "exactly-once needs cluster.name, because nodes of two clusters can have the same name and would"
                                + " take each other's position; set cluster.name, or delivery: at-least-once")),
                check(Map.of(), NO_CLUSTER));
    }

    @Test
    void noPartOfTheIdentityHoldsASlash() {
        NodeIdentity node = new NodeIdentity("a/b", Optional.empty(), Optional.empty(), Optional.of("c/d"));
        List<OptionProblem> problems = check(Map.of(), node);
        assertEquals(2, problems.size());
        assertTrue(problems.get(0).message().startsWith("cluster.name must not be empty or hold a '/', found \"c/d\""));
        assertTrue(problems.get(1).message().startsWith("node must not be empty or hold a '/', found \"a/b\""));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            acks                                  | 1     | must be all for delivery exactly-once, found 1: otherwise a leader's crash loses records; remove it
            enable.idempotence                    | false | must be true for delivery exactly-once, found false: otherwise a retry repeats or reorders records; remove it
            max.in.flight.requests.per.connection | 6     | must be at most 5 for delivery exactly-once, found 6: otherwise a retry reorders records; remove it
            retries                               | 0     | must be at least 1 for delivery exactly-once, found 0: otherwise each change of a leader fails; remove it
            transactional.id                      | mine  | is made of cluster.name, node and the sink's name, so that no two pipelines share it; remove it
            value.serializer                      | x     | is fixed: values are written as bytes; remove it
            bootstrap.servers                     | x:1   | is set by bootstrapServers; remove it
            interceptor.classes                   | x     | could change or swallow records; remove it
            compresion.type                       | lz4   | is no setting of a Kafka producer; did you mean compression.type?
            entirely.unknown.setting              | 1     | is no setting of a Kafka producer
            delivery.timeout.ms                   | 15000 | must be less than the transaction's timeout of 15000, found 15000
            delivery.timeout.ms                   | 5000  | must be at least linger.ms + request.timeout.ms = 5020, found 5000
            max.block.ms                          | 20001 | must be at most 20000, found 20001: a pipeline that waits longer is stuck
            max.request.size                      | 131071 | must be at least 131072, found 131071: a malformed line of 64 KiB must fit
            batch.size                            | 9000000 | must be at most buffer.memory = 4194304, found 9000000
            linger.ms                             | soon  | Invalid value soon for configuration linger.ms: Not a number of type LONG
            compression.type                      | zip   | Invalid value zip for configuration compression.type: String must be one of: none, gzip, snappy, lz4, zstd
            """)
    void refusesPropertiesWithTheReason(String key, String value, String message) {
        assertEquals(List.of(new OptionProblem("properties." + key, message)), checkProperties(Map.of(key, value)));
    }

    @Test
    void topicsHaveNamesThatKafkaTakesAndDifferFromEachOther() {
        List<OptionProblem> problems =
                check(Map.of("topic", "a b", "malformedTopic", "..", "positionTopic", "x".repeat(250)), TestSinks.NODE);
        assertEquals(
                List.of("topic", "positionTopic", "malformedTopic"),
                problems.stream().map(OptionProblem::key).toList());
        assertEquals(
                "must be 1 to 249 characters of letters, digits, '.', '_' and '-', found \"a b\"",
                problems.getFirst().message());
        assertEquals(
                List.of("positionTopic", "malformedTopic"),
                check(Map.of("positionTopic", "logs", "malformedTopic", "logs"), TestSinks.NODE).stream()
                        .map(OptionProblem::key)
                        .toList());
    }

    @Test
    void boundsIntervalRateAndCounts() {
        assertEquals(List.of(), check(Map.of("commitInterval", Duration.ofSeconds(10)), TestSinks.NODE));
        List<OptionProblem> problems = check(
                Map.of(
                        "commitInterval", Duration.ofMillis(10_001),
                        "maxBytesPerSecond", 262_143L,
                        "createTopics", Map.of("partitions", "0", "replicationFactor", "three")),
                TestSinks.NODE);
        assertEquals(
                List.of(
                        "must be from 0ms to 10000ms, found 10001ms: a transaction must be over before its timeout of"
                                + " 15000 ms",
                        "must be at least 262144 bytes, or none, found 262143",
                        "must be a number from 1 to 100000, found \"0\"",
                        "must be a number from 1 to 32767, found \"three\""),
                problems.stream().map(OptionProblem::message).toList());
    }

    @Test
    void neverShowsASecret() {
        String secret = "hunter2";
        List<OptionProblem> problems = checkProperties(
                Map.of("sasl.jaas.config", secret, "ssl.key.password", secret, "sasl.jaas.confg", secret));
        assertEquals(1, problems.size());
        assertFalse(problems.toString().contains(secret), problems::toString);
    }
}
