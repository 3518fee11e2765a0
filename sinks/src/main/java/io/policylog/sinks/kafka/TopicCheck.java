package io.policylog.sinks.kafka;

import io.policylog.sinks.SinkException;
import io.policylog.sinks.SinkException.Kind;
import io.policylog.sinks.kafka.KafkaSettings.TopicSettings;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks whether the topics are there, and creates missing ones where that is wanted. Asked of a consumer, because a
 * producer that asks for a missing topic waits for it, and lets the broker create it with settings that nobody chose.
 * Used by the pipeline's thread.
 */
final class TopicCheck {
    private static final Logger log = LoggerFactory.getLogger(TopicCheck.class);

    /** How long all topics together may take. */
    private static final Duration TIMEOUT = Duration.ofSeconds(20);

    private final KafkaSettings settings;
    private final KafkaFailures failures;
    private final Map<String, Object> clientProperties;
    private final Consumer<byte[], byte[]> consumer;
    private final long deadlineNanos = System.nanoTime() + TIMEOUT.toNanos();

    TopicCheck(
            KafkaSettings settings,
            KafkaFailures failures,
            Map<String, Object> clientProperties,
            Consumer<byte[], byte[]> consumer) {
        this.settings = settings;
        this.failures = failures;
        this.clientProperties = clientProperties;
        this.consumer = consumer;
    }

    /** The topic of the records must be there. */
    void dataTopic() throws SinkException {
        if (!isThere(settings.topic())) {
            require(settings.topic(), settings.createTopics());
        }
    }

    /** The topic of the positions is created without being asked: it is ours, and has no setting to choose. */
    void positionTopic() throws SinkException {
        if (!isThere(settings.positionTopic())) {
            require(settings.positionTopic(), Optional.of(single()));
        }
    }

    /**
     * Whether lines that are no record can be delivered, and if not, why. Never a reason to stop.
     *
     * @return empty when they can
     */
    Optional<String> malformedTopic(String topic) {
        try {
            if (!isThere(topic)) {
                require(topic, settings.createTopics().map(ignored -> single()));
            }
            return Optional.empty();
        } catch (SinkException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
    }

    /** One partition, and else as the other topics. */
    private TopicSettings single() {
        return settings.createTopics()
                .map(t -> new TopicSettings(1, t.replicationFactor(), t.configs()))
                .orElse(new TopicSettings(1, (short) -1, Map.of()));
    }

    private boolean isThere(String topic) throws SinkException {
        try {
            return !consumer.partitionsFor(topic, remaining()).isEmpty();
        } catch (KafkaException e) {
            throw failures.failure("can't look up the topic " + topic, e);
        }
    }

    private void require(String topic, Optional<TopicSettings> creation) throws SinkException {
        String missing = "the topic " + topic + " does not exist";
        if (creation.isEmpty()) {
            throw new SinkException(
                    Kind.DESTINATION,
                    true,
                    missing + "; create it, or set createTopics: "
                            + command(topic, new TopicSettings(1, (short) -1, Map.of())));
        }
        TopicSettings wanted = creation.get();
        NewTopic newTopic = new NewTopic(
                        topic,
                        Optional.of(wanted.partitions()),
                        wanted.replicationFactor() < 0 ? Optional.empty() : Optional.of(wanted.replicationFactor()))
                .configs(wanted.configs());
        try (Admin admin = Admin.create(adminProperties())) {
            try {
                admin.createTopics(List.of(newTopic)).all().get(remaining().toMillis(), TimeUnit.MILLISECONDS);
                log.info("created the topic {} with {} partition(s)", topic, wanted.partitions());
            } finally {
                admin.close(Duration.ofSeconds(1));
            }
        } catch (ExecutionException e) {
            if (e.getCause() instanceof TopicAuthorizationException refused) {
                throw new SinkException(
                        Kind.AUTHORIZATION,
                        false,
                        missing + ", and we may not create it; grant CREATE on it, or create it: "
                                + command(topic, wanted),
                        refused);
            }
            if (!(e.getCause() instanceof TopicExistsException)) {
                Exception cause = e.getCause() instanceof Exception inner ? inner : e;
                SinkException failure = failures.failure(missing + ", and can't be created", cause);
                throw new SinkException(
                        Kind.DESTINATION,
                        failure.retriable(),
                        failure.getMessage() + "; create it: " + command(topic, wanted),
                        cause);
            }
        } catch (TimeoutException e) {
            throw new SinkException(Kind.TIMEOUT, true, missing + ", and was not created in time", e);
        } catch (KafkaException e) {
            throw failures.failure(missing + ", and can't be created", e);
        } catch (InterruptedException e) {
            throw failures.failure(missing, new InterruptException(e));
        }
    }

    private Map<String, Object> adminProperties() {
        Map<String, Object> properties = new HashMap<>(clientProperties);
        properties.keySet().retainAll(AdminClientConfig.configNames());
        return properties;
    }

    private Duration remaining() {
        return Duration.ofNanos(Math.max(deadlineNanos - System.nanoTime(), 1_000_000));
    }

    private String command(String topic, TopicSettings wanted) {
        StringBuilder text = new StringBuilder("kafka-topics.sh --bootstrap-server ")
                .append(settings.bootstrapServers())
                .append(" --create --topic ")
                .append(topic)
                .append(" --partitions ")
                .append(wanted.partitions());
        if (wanted.replicationFactor() > 0) {
            text.append(" --replication-factor ").append(wanted.replicationFactor());
        }
        wanted.configs()
                .forEach((key, value) ->
                        text.append(" --config ").append(key).append('=').append(value));
        return text.toString();
    }
}
