package io.policylog.sinks.kafka;

import static io.policylog.sinks.kafka.KafkaSettings.BOOTSTRAP_SERVERS;
import static io.policylog.sinks.kafka.KafkaSettings.COMMIT_INTERVAL;
import static io.policylog.sinks.kafka.KafkaSettings.CREATE_TOPICS;
import static io.policylog.sinks.kafka.KafkaSettings.DELIVERY;
import static io.policylog.sinks.kafka.KafkaSettings.FORMAT;
import static io.policylog.sinks.kafka.KafkaSettings.MALFORMED_TOPIC;
import static io.policylog.sinks.kafka.KafkaSettings.MAX_BYTES_PER_SECOND;
import static io.policylog.sinks.kafka.KafkaSettings.PARTITION_BY;
import static io.policylog.sinks.kafka.KafkaSettings.POSITION_TOPIC;
import static io.policylog.sinks.kafka.KafkaSettings.PROPERTIES;
import static io.policylog.sinks.kafka.KafkaSettings.TOPIC;

import io.policylog.sinks.NodeIdentity;
import io.policylog.sinks.OptionProblem;
import io.policylog.sinks.Sink;
import io.policylog.sinks.SinkContext;
import io.policylog.sinks.SinkFactory;
import io.policylog.sinks.SinkOption;
import io.policylog.sinks.SinkOption.Kind;
import io.policylog.sinks.SinkOptions;
import io.policylog.sinks.kafka.KafkaSettings.Guarantee;
import io.policylog.sinks.kafka.KafkaSettings.TopicSettings;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Makes sinks that deliver to Kafka; see {@code docs/delivery.md}. */
public final class KafkaSinkFactory implements SinkFactory {
    /** The longest commit interval: a drain keeps a transaction open that long, and it must end before its timeout. */
    static final Duration MAX_COMMIT_INTERVAL = Duration.ofSeconds(10);

    /** The least that {@code maxBytesPerSecond} may be: a batch of a megabyte must not take longer than a few seconds. */
    static final long MIN_BYTES_PER_SECOND = 256 * 1024;

    private static final int MAX_PORT = 65_535;

    /** A host's name or address, an IPv6 one in brackets and maybe with its zone, and a port. */
    private static final Pattern SERVER =
            Pattern.compile("(?:[0-9A-Za-z._%-]+|\\[[0-9A-Za-z._%-]*:[0-9A-Za-z._%:-]*]):([0-9]{1,5})");

    /** What Kafka accepts as the name of a topic. */
    private static final Pattern TOPIC_NAME = Pattern.compile("(?!\\.{1,2}$)[A-Za-z0-9._-]{1,249}");

    @Override
    public String type() {
        return "kafka";
    }

    @Override
    public List<SinkOption> options() {
        return List.of(
                SinkOption.required(
                        BOOTSTRAP_SERVERS, Kind.TEXT, "The brokers asked first, host:port separated by commas."),
                SinkOption.required(TOPIC, Kind.TEXT, "The topic that records go to."),
                SinkOption.optional(
                        MALFORMED_TOPIC,
                        Kind.TEXT,
                        null,
                        "The topic that lines go to which are no record; the topic's name with \".malformed\" by"
                                + " default, none to leave them out."),
                SinkOption.optional(
                        POSITION_TOPIC,
                        Kind.TEXT,
                        "policylog.positions",
                        "The topic for whose partition 0 positions are committed; it never holds a record, and is"
                                + " created with one partition if it is missing and that is allowed."),
                SinkOption.choice(
                        PARTITION_BY,
                        List.of("node", "key"),
                        "node",
                        "Whether all records of a node go to one partition, or each to the one of its key."),
                SinkOption.choice(
                        DELIVERY,
                        List.of(Guarantee.EXACTLY_ONCE.label(), Guarantee.AT_LEAST_ONCE.label()),
                        Guarantee.EXACTLY_ONCE.label(),
                        "Whether a failure can repeat records."),
                SinkOption.optional(
                        COMMIT_INTERVAL,
                        Kind.DURATION,
                        "1s",
                        "The least time between the starts of two transactions, or between two commits."),
                SinkOption.optional(
                        MAX_BYTES_PER_SECOND,
                        Kind.SIZE,
                        "none",
                        "How many bytes of values, before compression, are sent in a second at most."),
                SinkOption.choice(
                        FORMAT,
                        List.of("json", "logentry"),
                        "json",
                        "What the value of a record is: the normalized record, or a Cloud Logging LogEntry."),
                SinkOption.optional(
                        PROPERTIES,
                        Kind.TEXT_MAP,
                        null,
                        "Settings of the Kafka producer, except those that the delivery fixes; ${file:/path} stands for"
                                + " what is in a file."),
                SinkOption.optional(
                        CREATE_TOPICS,
                        Kind.TEXT_MAP,
                        null,
                        "Creates missing topics with these partitions, this replicationFactor, and any topic setting;"
                                + " without it a missing topic is an error."));
    }

    @Override
    public List<OptionProblem> check(SinkOptions options, NodeIdentity node) {
        List<OptionProblem> problems = new ArrayList<>();
        Guarantee guarantee = Guarantee.of(options);
        checkIdentity(guarantee, node, problems);
        checkServers(options.text(BOOTSTRAP_SERVERS), problems);
        checkTopics(options, problems);
        Duration commitInterval = options.duration(COMMIT_INTERVAL);
        if (commitInterval.isNegative() || commitInterval.compareTo(MAX_COMMIT_INTERVAL) > 0) {
            problems.add(new OptionProblem(
                    COMMIT_INTERVAL,
                    "must be from 0ms to " + MAX_COMMIT_INTERVAL.toMillis() + "ms, found " + commitInterval.toMillis()
                            + "ms: a transaction must be over before its timeout of "
                            + ProducerProperties.TRANSACTION_TIMEOUT_MILLIS + " ms"));
        }
        options.optionalNumber(MAX_BYTES_PER_SECOND).ifPresent(rate -> {
            if (rate < MIN_BYTES_PER_SECOND) {
                problems.add(new OptionProblem(
                        MAX_BYTES_PER_SECOND,
                        "must be at least " + MIN_BYTES_PER_SECOND + " bytes, or none, found " + rate));
            }
        });
        checkCreateTopics(options.textMap(CREATE_TOPICS), problems);
        ProducerProperties.check(guarantee, options.textMap(PROPERTIES), problems);
        return problems;
    }

    /** Kafka keeps the position, whatever the delivery. */
    @Override
    public boolean needsStateDirectory(SinkOptions options) {
        return false;
    }

    @Override
    public List<String> tryDestination(SinkOptions options, NodeIdentity node, String name, boolean hasPositionFile) {
        return new ConnectionCheck(KafkaSettings.of(options, node, name), hasPositionFile).problems();
    }

    @Override
    public Sink create(SinkOptions options, SinkContext context) {
        return new KafkaSink(KafkaSettings.of(options, context.node(), context.name()), context);
    }

    private static void checkIdentity(Guarantee guarantee, NodeIdentity node, List<OptionProblem> problems) {
        Optional<String> cluster = node.cluster();
        if (guarantee == Guarantee.EXACTLY_ONCE && cluster.isEmpty()) {
            problems.add(new OptionProblem(
                    DELIVERY,
                    "exactly-once needs cluster.name, because nodes of two clusters can have the same name and would"
                            + " take each other's position; set cluster.name, or delivery: at-least-once"));
        }
        cluster.ifPresent(name -> checkPart("cluster.name", name, problems));
        checkPart("node", node.node(), problems);
    }

    private static void checkPart(String key, String part, List<OptionProblem> problems) {
        if (part.isEmpty() || part.indexOf('/') >= 0) {
            problems.add(new OptionProblem(
                    DELIVERY,
                    key + " must not be empty or hold a '/', found \"" + part
                            + "\": it is a part of the transactional id, whose parts are separated by '/'"));
        }
    }

    /** The client would say it too, but only when the sink starts. */
    private static void checkServers(String servers, List<OptionProblem> problems) {
        for (String server : servers.split(",", -1)) {
            if (!isHostAndPort(server.strip())) {
                problems.add(new OptionProblem(
                        BOOTSTRAP_SERVERS,
                        "must be host:port separated by commas, such as kafka-1:9092,[2001:db8::7]:9092; found \""
                                + server.strip() + "\""
                                + (servers.equals(server) ? "" : " in \"" + servers + "\"")));
            }
        }
    }

    private static boolean isHostAndPort(String server) {
        Matcher matcher = SERVER.matcher(server);
        int port = matcher.matches() ? Integer.parseInt(matcher.group(1)) : 0;
        return port >= 1 && port <= MAX_PORT;
    }

    private static void checkTopics(SinkOptions options, List<OptionProblem> problems) {
        String topic = options.text(TOPIC);
        String positionTopic = options.text(POSITION_TOPIC);
        Optional<String> malformedTopic = KafkaSettings.malformedTopic(options);
        checkTopic(TOPIC, topic, problems);
        checkTopic(POSITION_TOPIC, positionTopic, problems);
        malformedTopic.ifPresent(name -> checkTopic(MALFORMED_TOPIC, name, problems));
        if (positionTopic.equals(topic) || positionTopic.equals(malformedTopic.orElse(null))) {
            problems.add(new OptionProblem(
                    POSITION_TOPIC,
                    "must be a topic of its own, found \"" + positionTopic
                            + "\": deleting a topic deletes the positions committed for it"));
        }
        if (topic.equals(malformedTopic.orElse(null))) {
            problems.add(new OptionProblem(
                    MALFORMED_TOPIC, "must not be the topic of the records, found \"" + topic + "\""));
        }
    }

    private static void checkTopic(String key, String name, List<OptionProblem> problems) {
        if (!TOPIC_NAME.matcher(name).matches()) {
            problems.add(new OptionProblem(
                    key,
                    "must be 1 to 249 characters of letters, digits, '.', '_' and '-', found \"" + name
                            + (key.equals(MALFORMED_TOPIC) && name.length() > 249
                                    ? "\"; shorten topic, or set malformedTopic"
                                    : "\"")));
        }
    }

    private static void checkCreateTopics(Map<String, String> createTopics, List<OptionProblem> problems) {
        checkCount(createTopics, TopicSettings.PARTITIONS, 100_000, problems);
        checkCount(createTopics, TopicSettings.REPLICATION_FACTOR, Short.MAX_VALUE, problems);
    }

    private static void checkCount(Map<String, String> values, String key, int most, List<OptionProblem> problems) {
        String value = values.get(key);
        if (value != null && !(value.matches("[1-9][0-9]{0,5}") && Integer.parseInt(value) <= most)) {
            problems.add(new OptionProblem(
                    CREATE_TOPICS + "." + key, "must be a number from 1 to " + most + ", found \"" + value + "\""));
        }
    }
}
