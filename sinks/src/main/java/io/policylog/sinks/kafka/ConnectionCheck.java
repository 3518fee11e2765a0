package io.policylog.sinks.kafka;

import io.policylog.sinks.SinkException;
import io.policylog.sinks.kafka.KafkaSettings.Guarantee;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
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

/**
 * Asks a cluster whether a sink could deliver to it. Only asks: no topic is created and no transactional id taken, so an
 * agent that runs with the same identity is not fenced. What only trying could tell, such as WRITE on the transactional
 * id where DESCRIBE is granted alone, stays untold.
 */
final class ConnectionCheck {
    private static final Duration TIMEOUT = Duration.ofSeconds(15);

    private final KafkaSettings settings;
    private final KafkaFailures failures;
    private final List<String> problems = new ArrayList<>();

    ConnectionCheck(KafkaSettings settings) {
        this.settings = settings;
        this.failures = new KafkaFailures(settings);
    }

    /** What keeps the sink from working; empty when nothing does that can be asked for. */
    List<String> problems() {
        try (Admin admin = Admin.create(properties())) {
            try {
                askTopics(admin);
                if (settings.guarantee() == Guarantee.EXACTLY_ONCE) {
                    askGroup(admin);
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
        if (settings.guarantee() == Guarantee.EXACTLY_ONCE) {
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
        String doing = "can't look up the topic " + topic;
        try {
            Set<AclOperation> allowed =
                    description.get(TIMEOUT.toMillis(), TimeUnit.MILLISECONDS).authorizedOperations();
            if (allowed != null && !allowed.contains(needed) && !allowed.contains(AclOperation.ALL)) {
                problems.add("the topic " + topic + " is there, but we may not " + needed + "; grant " + needed
                        + " and DESCRIBE on it");
            }
        } catch (ExecutionException e) {
            if (e.getCause() instanceof UnknownTopicOrPartitionException) {
                // The topic of the positions is ours, and made without being asked.
                if (settings.createTopics().isEmpty() && !topic.equals(settings.positionTopic())) {
                    problems.add("the topic " + topic + " does not exist; create it, or set createTopics");
                }
            } else if (e.getCause() instanceof TopicAuthorizationException) {
                problems.add("the broker refuses the topic " + topic + "; grant " + needed + " and DESCRIBE on it");
            } else {
                refused(doing, e);
            }
        } catch (java.util.concurrent.TimeoutException e) {
            throw failures.failure(doing, new TimeoutException("after " + TIMEOUT.toSeconds() + " s", e));
        }
    }

    private void askGroup(Admin admin) throws SinkException, InterruptedException {
        String group = settings.identity();
        var description = admin.describeConsumerGroups(
                        List.of(group), new DescribeConsumerGroupsOptions().includeAuthorizedOperations(true))
                .describedGroups()
                .get(group);
        try {
            if (description != null) {
                Set<AclOperation> allowed = description
                        .get(TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)
                        .authorizedOperations();
                if (allowed != null && !allowed.contains(AclOperation.READ) && !allowed.contains(AclOperation.ALL)) {
                    problems.add("we may not READ the consumer group " + group
                            + "; grant READ on the groups with the prefix 'policylog/'");
                }
            }
        } catch (ExecutionException e) {
            if (!(e.getCause() instanceof GroupIdNotFoundException)) {
                refused("can't look up the consumer group", e);
            }
        } catch (java.util.concurrent.TimeoutException e) {
            throw failures.failure("can't look up the consumer group", new TimeoutException(e));
        }
    }

    private void askTransactionalId(Admin admin) throws SinkException, InterruptedException {
        try {
            admin.describeTransactions(List.of(settings.identity()))
                    .description(settings.identity())
                    .get(TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            if (!(e.getCause() instanceof TransactionalIdNotFoundException)) {
                refused("can't look up the transactional id", e);
            }
        } catch (java.util.concurrent.TimeoutException e) {
            throw failures.failure("can't look up the transactional id", new TimeoutException(e));
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
