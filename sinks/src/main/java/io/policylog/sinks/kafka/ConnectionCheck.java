package io.policylog.sinks.kafka;

import io.policylog.sinks.SinkException;
import io.policylog.sinks.kafka.KafkaSettings.Guarantee;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.ConsumerGroupDescription;
import org.apache.kafka.clients.admin.DescribeConsumerGroupsOptions;
import org.apache.kafka.clients.admin.DescribeTopicsOptions;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicCollection;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.errors.GroupIdNotFoundException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.errors.TransactionalIdNotFoundException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.jspecify.annotations.Nullable;

/**
 * Asks a cluster whether a sink could deliver to it. Only asks: no topic is created and no transactional id taken, so an
 * agent that runs with the same identity is not fenced. What only trying could tell, such as WRITE on the transactional
 * id where DESCRIBE is granted alone, stays untold.
 */
final class ConnectionCheck {
    private static final Duration TIMEOUT = Duration.ofSeconds(15);

    private final KafkaSettings settings;
    private final KafkaFailures failures;
    private final boolean positionIsInKafka;
    private final List<String> problems = new ArrayList<>();

    /** @param hasPositionFile whether there is a file for the position of a sink that delivers at least once */
    ConnectionCheck(KafkaSettings settings, boolean hasPositionFile) {
        this.settings = settings;
        this.positionIsInKafka = settings.positionIsInKafka(hasPositionFile);
        this.failures = new KafkaFailures(settings);
    }

    /** What keeps the sink from working; empty when nothing does that can be asked for. */
    List<String> problems() {
        try (Admin admin = Admin.create(properties())) {
            try {
                askTopics(admin);
                if (positionIsInKafka) {
                    askGroup(admin);
                }
                if (settings.guarantee() == Guarantee.EXACTLY_ONCE) {
                    askTransactionalId(admin);
                }
            } finally {
                admin.close(Duration.ofSeconds(1));
            }
        } catch (SinkException e) {
            problems.add(e.getMessage());
        } catch (KafkaException e) {
            problems.add(failures.failure("can't make a Kafka client", e).getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            problems.add("stopped before it was done");
        }
        return List.copyOf(problems);
    }

    private Map<String, Object> properties() throws SinkException {
        Map<String, Object> properties = new HashMap<>(ProducerProperties.producer(settings, "policylog-validate"));
        properties.keySet().retainAll(AdminClientConfig.configNames());
        TokenUrls.allow(properties);
        properties.put(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, (int) TIMEOUT.toMillis());
        return properties;
    }

    private void askTopics(Admin admin) throws SinkException, InterruptedException {
        Map<String, AclOperation> needed = new TreeMap<>();
        needed.put(settings.topic(), AclOperation.WRITE);
        settings.malformedTopic().ifPresent(topic -> needed.put(topic, AclOperation.WRITE));
        if (positionIsInKafka) {
            needed.put(settings.positionTopic(), AclOperation.READ);
        }
        Map<String, KafkaFuture<TopicDescription>> topics = admin.describeTopics(
                        TopicCollection.ofTopicNames(needed.keySet()),
                        new DescribeTopicsOptions().includeAuthorizedOperations(true))
                .topicNameValues();
        for (Map.Entry<String, KafkaFuture<TopicDescription>> topic : topics.entrySet()) {
            askTopic(topic.getKey(), topic.getValue(), needed.getOrDefault(topic.getKey(), AclOperation.WRITE));
        }
    }

    private void askTopic(String topic, KafkaFuture<TopicDescription> description, AclOperation needed)
            throws SinkException, InterruptedException {
        answer("can't look up the topic " + topic, description, refusal -> isToldOf(topic, needed, refusal))
                .map(TopicDescription::authorizedOperations)
                .filter(allowed -> !allows(allowed, needed))
                .ifPresent(_ -> problems.add("the topic " + topic + " is there, but we may not " + needed + "; grant "
                        + needed + " and DESCRIBE on it"));
    }

    private boolean isToldOf(String topic, AclOperation needed, @Nullable Throwable refusal) {
        if (refusal instanceof UnknownTopicOrPartitionException) {
            // The topic of the positions is ours, and made without being asked.
            if (settings.createTopics().isEmpty() && !topic.equals(settings.positionTopic())) {
                problems.add("the topic " + topic + " does not exist; create it, or set createTopics");
            }
            return true;
        }
        if (refusal instanceof TopicAuthorizationException) {
            problems.add("the broker refuses the topic " + topic + "; grant " + needed + " and DESCRIBE on it");
            return true;
        }
        return false;
    }

    private void askGroup(Admin admin) throws SinkException, InterruptedException {
        String group = settings.identity();
        KafkaFuture<ConsumerGroupDescription> description = Objects.requireNonNull(admin.describeConsumerGroups(
                        List.of(group), new DescribeConsumerGroupsOptions().includeAuthorizedOperations(true))
                .describedGroups()
                .get(group));
        answer("can't look up the consumer group", description, GroupIdNotFoundException.class::isInstance)
                .map(ConsumerGroupDescription::authorizedOperations)
                .filter(allowed -> !allows(allowed, AclOperation.READ))
                .ifPresent(_ -> problems.add("we may not READ the consumer group " + group
                        + "; grant READ on the groups with the prefix 'policylog/'"));
    }

    private void askTransactionalId(Admin admin) throws SinkException, InterruptedException {
        answer(
                "can't look up the transactional id",
                admin.describeTransactions(List.of(settings.identity())).description(settings.identity()),
                TransactionalIdNotFoundException.class::isInstance);
    }

    private static boolean allows(Set<AclOperation> allowed, AclOperation needed) {
        return allowed.contains(needed) || allowed.contains(AclOperation.ALL);
    }

    /**
     * Waits for an answer; empty when it is a refusal.
     *
     * @param isTold whether nothing more is to be said of a refusal
     */
    private <T> Optional<T> answer(String doing, KafkaFuture<T> asked, Predicate<@Nullable Throwable> isTold)
            throws SinkException, InterruptedException {
        try {
            return Optional.of(asked.get(TIMEOUT.toMillis(), TimeUnit.MILLISECONDS));
        } catch (ExecutionException e) {
            if (!isTold.test(e.getCause())) {
                refused(doing, e);
            }
            return Optional.empty();
        } catch (java.util.concurrent.TimeoutException e) {
            throw failures.failure(doing, new TimeoutException("after " + TIMEOUT.toSeconds() + " s", e));
        }
    }

    /** A refusal is one problem among others; what concerns the cluster as a whole ends the check. */
    private void refused(String doing, ExecutionException e) throws SinkException {
        SinkException failure = failures.failure(doing, e.getCause() instanceof Exception cause ? cause : e);
        if (failure.kind() != SinkException.Kind.AUTHORIZATION) {
            throw failure;
        }
        problems.add(failure.getMessage());
    }
}
