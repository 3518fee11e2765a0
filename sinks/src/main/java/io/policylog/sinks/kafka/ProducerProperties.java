package io.policylog.sinks.kafka;

import io.policylog.parser.Spelling;
import io.policylog.sinks.OptionProblem;
import io.policylog.sinks.SinkException;
import io.policylog.sinks.kafka.KafkaSettings.Guarantee;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.ConfigKey;
import org.apache.kafka.common.config.ConfigException;

/** What the Kafka clients are told: our defaults, what the operator set, and what the delivery fixes. */
final class ProducerProperties {
    /** How long an open transaction of a dead node can hide newer records of its partition. */
    static final int TRANSACTION_TIMEOUT_MILLIS = 15_000;

    /** A batch that is not delivered within this time fails the transaction while it can still be aborted. */
    static final int DELIVERY_TIMEOUT_MILLIS = 12_000;

    static final int REQUEST_TIMEOUT_MILLIS = 5_000;

    /** How long one call of the producer may block; a commit waits for one and makes two. */
    static final int MAX_BLOCK_MILLIS = 15_000;

    /**
     * What a producer may hold in memory. Five batches in flight, one being filled, and room for a large record; more
     * did not make a drain faster.
     */
    static final int BUFFER_MEMORY_BYTES = 4 << 20;

    /** Records of this size are four times smaller when compressed, and a batch of the default 16 KiB holds too few. */
    static final int BATCH_BYTES = 256 << 10;

    /** A line of the default {@code maxLine} fits, also when its normalized form is longer. */
    static final int MAX_REQUEST_BYTES = 2 << 20;

    private static final int MIN_REQUEST_BYTES = 128 << 10;

    private static final Map<String, String> DEFAULTS = Map.ofEntries(
            Map.entry(ProducerConfig.COMPRESSION_TYPE_CONFIG, "zstd"),
            Map.entry(ProducerConfig.BATCH_SIZE_CONFIG, Integer.toString(BATCH_BYTES)),
            Map.entry(ProducerConfig.BUFFER_MEMORY_CONFIG, Integer.toString(BUFFER_MEMORY_BYTES)),
            Map.entry(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, Integer.toString(MAX_REQUEST_BYTES)),
            Map.entry(ProducerConfig.MAX_BLOCK_MS_CONFIG, Integer.toString(MAX_BLOCK_MILLIS)),
            Map.entry(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, Integer.toString(REQUEST_TIMEOUT_MILLIS)),
            Map.entry(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, Integer.toString(DELIVERY_TIMEOUT_MILLIS)),
            Map.entry(
                    ProducerConfig.SOCKET_CONNECTION_SETUP_TIMEOUT_MS_CONFIG, Integer.toString(REQUEST_TIMEOUT_MILLIS)),
            Map.entry(
                    ProducerConfig.SOCKET_CONNECTION_SETUP_TIMEOUT_MAX_MS_CONFIG,
                    Integer.toString(REQUEST_TIMEOUT_MILLIS)),
            Map.entry(ProducerConfig.BOOTSTRAP_RESOLVE_TIMEOUT_MS_CONFIG, Integer.toString(REQUEST_TIMEOUT_MILLIS)),
            // The default of 100 ms is waited between the steps of a transaction.
            Map.entry(ProducerConfig.RETRY_BACKOFF_MS_CONFIG, "5"),
            // JMX is loaded for nothing else.
            Map.entry(ProducerConfig.METRIC_REPORTER_CLASSES_CONFIG, ""),
            Map.entry(ProducerConfig.ENABLE_METRICS_PUSH_CONFIG, "false"));

    /** What an operator may not set, and why. */
    private static final Map<String, String> REFUSED = Map.ofEntries(
            Map.entry(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, "is set by bootstrapServers"),
            Map.entry(
                    ProducerConfig.TRANSACTIONAL_ID_CONFIG,
                    "is made of cluster.name, node and the sink's name, so that no two pipelines share it"),
            Map.entry(
                    ProducerConfig.TRANSACTION_TIMEOUT_CONFIG,
                    "is " + TRANSACTION_TIMEOUT_MILLIS + ": longer hides the records of other nodes behind a dead one,"
                            + " shorter ends transactions that still succeed"),
            Map.entry(
                    ProducerConfig.TRANSACTION_TWO_PHASE_COMMIT_ENABLE_CONFIG,
                    "would leave transactions open that nobody ends"),
            Map.entry(ProducerConfig.KEY_SERIALIZER_CLASS_CONFIG, "is fixed: keys are written as bytes"),
            Map.entry(ProducerConfig.VALUE_SERIALIZER_CLASS_CONFIG, "is fixed: values are written as bytes"),
            Map.entry(ProducerConfig.PARTITIONER_CLASS_CONFIG, "is decided by partitionBy"),
            Map.entry(ProducerConfig.PARTITIONER_IGNORE_KEYS_CONFIG, "is decided by partitionBy"),
            Map.entry(ProducerConfig.INTERCEPTOR_CLASSES_CONFIG, "could change or swallow records"));

    private ProducerProperties() {}

    /** Adds everything that is wrong with what the operator set. Values of passwords are never shown. */
    static void check(Guarantee guarantee, Map<String, String> properties, List<OptionProblem> problems) {
        Map<String, Object> valid = new HashMap<>();
        valid.put(ProducerConfig.LINGER_MS_CONFIG, Integer.parseInt(lingerMillis(guarantee)));
        new TreeMap<>(properties).forEach((key, value) -> {
            Optional<String> problem = checkOne(guarantee, key, value, valid);
            problem.ifPresent(message -> problems.add(new OptionProblem(option(key), message)));
        });
        checkPairs(guarantee, valid, problems);
    }

    /** The problem of one property; without one, and if its value is at hand, it is added to {@code valid}. */
    private static Optional<String> checkOne(Guarantee guarantee, String key, String value, Map<String, Object> valid) {
        String refused = REFUSED.get(key);
        if (refused != null) {
            return Optional.of(refused + "; remove it");
        }
        ConfigKey known = ProducerConfig.configDef().configKeys().get(key);
        if (known == null) {
            return Optional.of("is no setting of a Kafka producer"
                    + Spelling.nearest(key, ProducerConfig.configNames())
                            .map(name -> "; did you mean " + name + "?")
                            .orElse(""));
        }
        if (SecretFiles.mentionedIn(value)) {
            return Optional.empty();
        }
        try {
            Object parsed = ConfigDef.parseType(key, value, known.type);
            if (known.validator != null) {
                known.validator.ensureValid(key, parsed);
            }
            valid.put(key, parsed);
        } catch (ConfigException e) {
            return Optional.of(
                    known.type == ConfigDef.Type.PASSWORD ? "has no valid value" : String.valueOf(e.getMessage()));
        }
        return switch (key) {
            case ProducerConfig.ACKS_CONFIG ->
                mustBe(
                        value.equals("all") || value.equals("-1"),
                        "all",
                        value,
                        "a leader's crash loses records",
                        guarantee);
            case ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG ->
                mustBe(value.equals("true"), "true", value, "a retry repeats or reorders records", guarantee);
            case ProducerConfig.MAX_IN_FLIGHT_REQUESTS_PER_CONNECTION ->
                mustBe((int) valid.get(key) <= 5, "at most 5", value, "a retry reorders records", guarantee);
            case ProducerConfig.RETRIES_CONFIG ->
                mustBe((int) valid.get(key) > 0, "at least 1", value, "each change of a leader fails", guarantee);
            default -> Optional.empty();
        };
    }

    private static Optional<String> mustBe(
            boolean holds, String rule, String found, String otherwise, Guarantee guarantee) {
        return holds
                ? Optional.empty()
                : Optional.of("must be " + rule + " for delivery " + guarantee.label() + ", found " + found
                        + ": otherwise " + otherwise + "; remove it");
    }

    private static void checkPairs(Guarantee guarantee, Map<String, Object> valid, List<OptionProblem> problems) {
        int delivery = number(valid, ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG);
        if (guarantee == Guarantee.EXACTLY_ONCE && delivery >= TRANSACTION_TIMEOUT_MILLIS) {
            problems.add(new OptionProblem(
                    option(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG),
                    "must be less than the transaction's timeout of " + TRANSACTION_TIMEOUT_MILLIS + ", found "
                            + delivery));
        } else if (delivery > MAX_BLOCK_LIMIT_MILLIS) {
            problems.add(atMost(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, delivery, MAX_BLOCK_LIMIT_MILLIS));
        }
        int block = number(valid, ProducerConfig.MAX_BLOCK_MS_CONFIG);
        if (block > MAX_BLOCK_LIMIT_MILLIS) {
            problems.add(atMost(ProducerConfig.MAX_BLOCK_MS_CONFIG, block, MAX_BLOCK_LIMIT_MILLIS));
        }
        long lingerAndRequest = (long) number(valid, ProducerConfig.LINGER_MS_CONFIG)
                + number(valid, ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG);
        if (lingerAndRequest > delivery) {
            problems.add(new OptionProblem(
                    option(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG),
                    "must be at least linger.ms + request.timeout.ms = " + lingerAndRequest + ", found " + delivery));
        }
        int request = number(valid, ProducerConfig.MAX_REQUEST_SIZE_CONFIG);
        if (request < MIN_REQUEST_BYTES) {
            problems.add(new OptionProblem(
                    option(ProducerConfig.MAX_REQUEST_SIZE_CONFIG),
                    "must be at least " + MIN_REQUEST_BYTES + ", found " + request
                            + ": a malformed line of 64 KiB must fit"));
        }
        long memory = number(valid, ProducerConfig.BUFFER_MEMORY_CONFIG);
        for (String part : List.of(ProducerConfig.BATCH_SIZE_CONFIG, ProducerConfig.MAX_REQUEST_SIZE_CONFIG)) {
            if (number(valid, part) > memory) {
                problems.add(new OptionProblem(
                        option(part), "must be at most buffer.memory = " + memory + ", found " + number(valid, part)));
            }
        }
    }

    /**
     * A commit waits for what is still to be sent and makes two calls, each bounded by it, and must be over within the
     * sink's timeout of 60 s.
     */
    private static final int MAX_BLOCK_LIMIT_MILLIS = 20_000;

    private static OptionProblem atMost(String key, int found, int most) {
        return new OptionProblem(
                option(key),
                "must be at most " + most + ", found " + found + ": a pipeline that waits longer is stuck");
    }

    /** What the operator set, or our default; more than an int holds is as good as the largest. */
    private static int number(Map<String, Object> valid, String key) {
        Object value = valid.get(key);
        return value instanceof Number number
                ? (int) Math.min(number.longValue(), Integer.MAX_VALUE)
                : Integer.parseInt(Objects.requireNonNull(DEFAULTS.get(key)));
    }

    /**
     * A commit sends what there is, so in a transaction waiting costs nothing and fills the batches; without one it delays
     * the records.
     */
    private static String lingerMillis(Guarantee guarantee) {
        return switch (guarantee) {
            case EXACTLY_ONCE -> "20";
            case AT_LEAST_ONCE -> "1";
        };
    }

    private static String option(String key) {
        return KafkaSettings.PROPERTIES + "." + key;
    }

    /** The producer's properties, with the secrets read. */
    static Map<String, Object> producer(KafkaSettings settings, String clientId) throws SinkException {
        Map<String, Object> properties = new HashMap<>(DEFAULTS);
        properties.put(ProducerConfig.CLIENT_ID_CONFIG, clientId);
        properties.put(ProducerConfig.LINGER_MS_CONFIG, lingerMillis(settings.guarantee()));
        for (Map.Entry<String, String> property : settings.properties().entrySet()) {
            properties.put(property.getKey(), SecretFiles.resolve(property.getKey(), property.getValue()));
        }
        properties.put(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, settings.bootstrapServers());
        properties.put(ProducerConfig.ACKS_CONFIG, "all");
        properties.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, "true");
        if (settings.guarantee() == Guarantee.EXACTLY_ONCE) {
            properties.put(ProducerConfig.TRANSACTIONAL_ID_CONFIG, settings.identity());
            properties.put(ProducerConfig.TRANSACTION_TIMEOUT_CONFIG, TRANSACTION_TIMEOUT_MILLIS);
        }
        return properties;
    }

    /** The properties of the consumer that reads the position: what it shares with the producer, and the group. */
    static Map<String, Object> consumer(KafkaSettings settings, Map<String, Object> producer) {
        Map<String, Object> properties = new HashMap<>(producer);
        properties.keySet().retainAll(ConsumerConfig.configNames());
        properties.remove(ProducerConfig.INTERCEPTOR_CLASSES_CONFIG);
        properties.put(ConsumerConfig.GROUP_ID_CONFIG, settings.identity());
        properties.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, "false");
        properties.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, "false");
        properties.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        return properties;
    }

    /** The largest record, with key and headers, that the producer accepts. */
    static int maxRecordBytes(Map<String, Object> producer) {
        return Integer.parseInt(String.valueOf(producer.get(ProducerConfig.MAX_REQUEST_SIZE_CONFIG))
                .strip());
    }
}
