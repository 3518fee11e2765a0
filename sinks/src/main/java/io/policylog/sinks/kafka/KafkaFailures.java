package io.policylog.sinks.kafka;

import io.policylog.sinks.SinkException;
import io.policylog.sinks.SinkException.Kind;
import java.nio.file.FileSystemException;
import java.util.Set;
import org.apache.kafka.clients.consumer.CommitFailedException;
import org.apache.kafka.common.InvalidRecordException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.BootstrapResolutionException;
import org.apache.kafka.common.errors.ClusterAuthorizationException;
import org.apache.kafka.common.errors.FencedInstanceIdException;
import org.apache.kafka.common.errors.GroupAuthorizationException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.InvalidPidMappingException;
import org.apache.kafka.common.errors.InvalidProducerEpochException;
import org.apache.kafka.common.errors.InvalidTimestampException;
import org.apache.kafka.common.errors.InvalidTopicException;
import org.apache.kafka.common.errors.InvalidTxnTimeoutException;
import org.apache.kafka.common.errors.OffsetMetadataTooLarge;
import org.apache.kafka.common.errors.OutOfOrderSequenceException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.errors.TransactionAbortableException;
import org.apache.kafka.common.errors.TransactionAbortedException;
import org.apache.kafka.common.errors.TransactionalIdAuthorizationException;
import org.apache.kafka.common.errors.UnknownProducerIdException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.errors.UnsupportedVersionException;

/** Says what an error of the Kafka client means, and what to do about it. */
final class KafkaFailures {
    private final KafkaSettings settings;

    KafkaFailures(KafkaSettings settings) {
        this.settings = settings;
    }

    /**
     * @param doing what was tried, in the form "can't … "
     * @param failure what the client threw
     */
    SinkException failure(String doing, Exception failure) {
        Exception cause = unwrapped(failure);
        return switch (cause) {
            case InterruptException e -> of(Kind.STOPPED, true, doing, "stopped", e);
            case ProducerFencedException e -> fenced(doing, e);
            case InvalidProducerEpochException e -> fenced(doing, e);
            case FencedInstanceIdException e -> fenced(doing, e);
            case CommitFailedException e -> fenced(doing, e);
            case TopicAuthorizationException e ->
                of(Kind.AUTHORIZATION, false, doing, topicGrant(e.unauthorizedTopics()), e);
            case GroupAuthorizationException e ->
                of(
                        Kind.AUTHORIZATION,
                        false,
                        doing,
                        "the broker refuses the consumer group " + settings.identity()
                                + "; grant READ on the groups with the prefix 'policylog/'",
                        e);
            case TransactionalIdAuthorizationException e ->
                of(
                        Kind.AUTHORIZATION,
                        false,
                        doing,
                        "the broker refuses the transactional id " + settings.identity()
                                + "; grant WRITE on the transactional ids with the prefix 'policylog/'",
                        e);
            case ClusterAuthorizationException e ->
                of(
                        Kind.AUTHORIZATION,
                        false,
                        doing,
                        "the broker refuses it; grant CREATE on the topic where it has to be created, or"
                                + " IDEMPOTENT_WRITE on the cluster for brokers before 2.8",
                        e);
            case AuthenticationException e ->
                of(
                        Kind.AUTHENTICATION,
                        false,
                        doing,
                        "the broker does not accept who we are, or we not who it is (" + e.getMessage()
                                + "); look at security.protocol, sasl.* and ssl.* in properties",
                        e);
            case InvalidTxnTimeoutException e ->
                of(
                        Kind.DESTINATION,
                        false,
                        doing,
                        "the broker's transaction.max.timeout.ms is less than "
                                + ProducerProperties.TRANSACTION_TIMEOUT_MILLIS + "; raise it",
                        e);
            case OffsetMetadataTooLarge e ->
                of(
                        Kind.DESTINATION,
                        false,
                        doing,
                        "the broker's offset.metadata.max.bytes is less than what a position takes, up to 4096; raise it",
                        e);
            case UnknownTopicOrPartitionException e ->
                of(Kind.DESTINATION, true, doing, "a topic or partition is gone: " + e.getMessage(), e);
            case InvalidTopicException e ->
                of(Kind.DESTINATION, false, doing, "the broker refuses the topic's name: " + e.getMessage(), e);
            case RecordTooLargeException e ->
                of(Kind.DESTINATION, true, doing, "the broker refuses a record as too large; it goes on without it", e);
            case InvalidTimestampException e -> refusedRecord(doing, e);
            case InvalidRecordException e -> refusedRecord(doing, e);
            case UnsupportedVersionException e ->
                of(
                        Kind.DESTINATION,
                        false,
                        doing,
                        "the broker is too old: " + e.getMessage() + "; 2.8 is the oldest that is supported",
                        e);
            case BootstrapResolutionException e -> unresolvable(doing, e);
            case TimeoutException e ->
                of(Kind.TIMEOUT, true, doing, "no answer in time from " + brokers() + ": " + e.getMessage(), e);
            case InvalidPidMappingException e -> forgotten(doing, e);
            case UnknownProducerIdException e -> forgotten(doing, e);
            case OutOfOrderSequenceException e -> forgotten(doing, e);
            case TransactionAbortedException e -> forgotten(doing, e);
            case TransactionAbortableException e -> forgotten(doing, e);
            case RetriableException e ->
                of(Kind.UNAVAILABLE, true, doing, brokers() + " answered: " + e.getMessage(), e);
            case ConfigException e ->
                String.valueOf(e.getMessage()).contains("bootstrap")
                        ? unresolvable(doing, e)
                        : of(Kind.DESTINATION, false, doing, "the client refuses its properties: " + e.getMessage(), e);
            case FileSystemException e ->
                of(
                        Kind.IO,
                        true,
                        doing,
                        "the file \"" + e.getFile() + "\"" + propertyOf(e) + " can't be read: " + e,
                        e);
            // Plain, so the client itself gave up: it tells so of records whose acknowledgement did not come.
            case KafkaException e
            when e.getClass() == KafkaException.class ->
                of(Kind.UNAVAILABLE, true, doing, brokers() + ": " + e.getMessage(), e);
            default -> of(Kind.INTERNAL, true, doing, cause.toString(), cause);
        };
    }

    /** The client wraps what went wrong into a plain exception for each later call, and on construction. */
    static Exception unwrapped(Exception failure) {
        Exception cause = failure;
        while (cause.getClass() == KafkaException.class && cause.getCause() instanceof Exception inner) {
            cause = inner;
        }
        return cause;
    }

    private SinkException fenced(String doing, Exception cause) {
        return of(
                Kind.FENCED,
                true,
                doing,
                "another producer took the transactional id " + settings.identity()
                        + ", or this process was stopped for longer than the transaction's timeout of "
                        + ProducerProperties.TRANSACTION_TIMEOUT_MILLIS
                        + " ms. If this repeats, a second agent runs with the same cluster.name, node and sink name:"
                        + " look for one",
                cause);
    }

    /** The second kind is what the client makes of several wrong times in one batch. */
    private static SinkException refusedRecord(String doing, Exception cause) {
        return of(
                Kind.DESTINATION,
                true,
                doing,
                "the broker refuses a record, most likely for its time; it goes on without it. If this repeats, look at"
                        + " this node's clock and the topic's message.timestamp.after.max.ms and"
                        + " message.timestamp.before.max.ms ("
                        + cause.getMessage() + ")",
                cause);
    }

    private SinkException forgotten(String doing, Exception cause) {
        return of(
                Kind.UNAVAILABLE,
                true,
                doing,
                "the broker ended the transaction (" + cause.getMessage() + "); it is done again",
                cause);
    }

    private SinkException unresolvable(String doing, Exception cause) {
        return of(
                Kind.UNAVAILABLE,
                true,
                doing,
                "no address in bootstrapServers \"" + settings.bootstrapServers()
                        + "\" can be resolved; look at the names and the DNS",
                cause);
    }

    /** Which property names the file; the client's message does not say it. */
    private String propertyOf(FileSystemException e) {
        return settings.properties().entrySet().stream()
                .filter(property -> property.getValue().equals(e.getFile()))
                .map(property -> " in " + KafkaSettings.PROPERTIES + "." + property.getKey())
                .sorted()
                .findFirst()
                .orElse("");
    }

    private String topicGrant(Set<String> topics) {
        StringBuilder text = new StringBuilder();
        for (String topic : topics) {
            text.append(text.isEmpty() ? "" : "; ")
                    .append("the broker refuses the topic ")
                    .append(topic)
                    .append("; grant ")
                    .append(topic.equals(settings.positionTopic()) ? "READ" : "WRITE")
                    .append(" and DESCRIBE on it");
        }
        return text.isEmpty() ? "the broker refuses a topic; grant WRITE and DESCRIBE on it" : text.toString();
    }

    private String brokers() {
        return "Kafka at " + settings.bootstrapServers();
    }

    private static SinkException of(Kind kind, boolean retriable, String doing, String why, Exception cause) {
        return new SinkException(kind, retriable, doing + ": " + why, cause);
    }
}
