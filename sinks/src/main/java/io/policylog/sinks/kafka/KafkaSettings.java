package io.policylog.sinks.kafka;

import io.policylog.sinks.NodeIdentity;
import io.policylog.sinks.SinkOptions;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;

/**
 * What the configuration of one Kafka sink says. Never printed: a property may be a secret.
 *
 * @param identity the consumer group under which the position is kept, and the transactional id
 * @param malformedTopic where lines go that are no record; empty when they go nowhere
 * @param maxBytesPerSecond how many bytes of values a second are sent at most
 * @param properties what the operator set for the Kafka client, {@code ${file:…}} not replaced yet
 * @param createTopics how missing topics are created; empty when they are not
 */
record KafkaSettings(
        String identity,
        String bootstrapServers,
        String topic,
        Optional<String> malformedTopic,
        String positionTopic,
        PartitionBy partitionBy,
        Format format,
        Guarantee guarantee,
        Duration commitInterval,
        OptionalLong maxBytesPerSecond,
        Map<String, String> properties,
        Optional<TopicSettings> createTopics) {

    static final String BOOTSTRAP_SERVERS = "bootstrapServers";
    static final String TOPIC = "topic";
    static final String MALFORMED_TOPIC = "malformedTopic";
    static final String POSITION_TOPIC = "positionTopic";
    static final String PARTITION_BY = "partitionBy";
    static final String DELIVERY = "delivery";
    static final String COMMIT_INTERVAL = "commitInterval";
    static final String MAX_BYTES_PER_SECOND = "maxBytesPerSecond";
    static final String FORMAT = "format";
    static final String PROPERTIES = "properties";
    static final String CREATE_TOPICS = "createTopics";

    static final String NONE = "none";
    static final String MALFORMED_SUFFIX = ".malformed";

    /** How the records of a node are spread over the partitions of the topic. */
    enum PartitionBy {
        NODE,
        KEY
    }

    /** What the value of a record is. */
    enum Format {
        JSON,
        LOGENTRY
    }

    /** What {@code delivery} promises. */
    enum Guarantee {
        EXACTLY_ONCE("exactly-once"),
        AT_LEAST_ONCE("at-least-once");

        private final String label;

        Guarantee(String label) {
            this.label = label;
        }

        /** As it stands in the configuration. */
        String label() {
            return label;
        }

        static Guarantee of(SinkOptions options) {
            return options.text(DELIVERY).equals(EXACTLY_ONCE.label) ? EXACTLY_ONCE : AT_LEAST_ONCE;
        }
    }

    /**
     * How a missing topic is made.
     *
     * @param partitions of the data topic; the other topics have one
     * @param replicationFactor -1 for the broker's default
     * @param configs the topics' own settings
     */
    record TopicSettings(int partitions, short replicationFactor, Map<String, String> configs) {
        static final String PARTITIONS = "partitions";
        static final String REPLICATION_FACTOR = "replicationFactor";

        static TopicSettings of(Map<String, String> options) {
            Map<String, String> configs = new TreeMap<>(options);
            configs.remove(PARTITIONS);
            configs.remove(REPLICATION_FACTOR);
            return new TopicSettings(
                    Integer.parseInt(options.getOrDefault(PARTITIONS, "1")),
                    Short.parseShort(options.getOrDefault(REPLICATION_FACTOR, "-1")),
                    configs);
        }
    }

    static KafkaSettings of(SinkOptions options, NodeIdentity node, String sink) {
        Map<String, String> createTopics = options.textMap(CREATE_TOPICS);
        return new KafkaSettings(
                identity(node, sink),
                options.text(BOOTSTRAP_SERVERS),
                options.text(TOPIC),
                malformedTopic(options),
                options.text(POSITION_TOPIC),
                options.text(PARTITION_BY).equals("key") ? PartitionBy.KEY : PartitionBy.NODE,
                options.text(FORMAT).equals("logentry") ? Format.LOGENTRY : Format.JSON,
                Guarantee.of(options),
                options.duration(COMMIT_INTERVAL),
                options.optionalNumber(MAX_BYTES_PER_SECOND),
                options.textMap(PROPERTIES),
                options.has(CREATE_TOPICS) ? Optional.of(TopicSettings.of(createTopics)) : Optional.empty());
    }

    /** @param hasPositionFile whether there is a file for it, which exactly-once has no use for */
    boolean positionIsInKafka(boolean hasPositionFile) {
        return guarantee == Guarantee.EXACTLY_ONCE || !hasPositionFile;
    }

    static Optional<String> malformedTopic(SinkOptions options) {
        String name = options.optionalText(MALFORMED_TOPIC).orElse(options.text(TOPIC) + MALFORMED_SUFFIX);
        return name.equals(NONE) ? Optional.empty() : Optional.of(name);
    }

    /** No part holds a '/', so two nodes, clusters or sinks never share one. */
    private static String identity(NodeIdentity node, String sink) {
        return "policylog/" + node.cluster().orElse("-") + "/" + node.node() + "/" + sink;
    }
}
