package io.policylog.sinks.kafka;

import io.policylog.sinks.Position;
import io.policylog.sinks.SinkException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;

/**
 * How a position is kept in Kafka: as the metadata of the group's committed offset for partition 0 of the position
 * topic. The topic never holds a record, so the offset itself is always 0, and no tool shows a lag. Confined to the
 * pipeline's thread.
 */
final class KafkaPosition {
    /** Of one call to the group's coordinator. */
    private static final Duration TIMEOUT = Duration.ofSeconds(10);

    private final KafkaSettings settings;
    private final KafkaFailures failures;
    private final TopicPartition partition;

    KafkaPosition(KafkaSettings settings, KafkaFailures failures) {
        this.settings = settings;
        this.failures = failures;
        this.partition = new TopicPartition(settings.positionTopic(), 0);
    }

    Map<TopicPartition, OffsetAndMetadata> offsets(Position position) {
        return Map.of(partition, new OffsetAndMetadata(0, position.toText()));
    }

    /** The committed position. The broker answers only when no transaction that could still change it is open. */
    Optional<Position> read(Consumer<byte[], byte[]> consumer) throws SinkException {
        OffsetAndMetadata committed;
        try {
            committed = consumer.committed(Set.of(partition), TIMEOUT).get(partition);
        } catch (TimeoutException e) {
            throw new SinkException(
                    SinkException.Kind.TIMEOUT,
                    true,
                    "can't read the position: Kafka at " + settings.bootstrapServers()
                            + " does not tell it while a transaction that changes it is open. If this repeats, a broker"
                            + " lost a transaction's end: find it with kafka-transactions.sh find-hanging, and abort it"
                            + " in each of its partitions, also that of __consumer_offsets",
                    e);
        } catch (KafkaException e) {
            throw failures.failure("can't read the position", e);
        }
        if (committed == null) {
            return Optional.empty();
        }
        try {
            return Optional.of(Position.parse(committed.metadata()));
        } catch (SinkException e) {
            throw new SinkException(
                    e.kind(),
                    e.retriable(),
                    e.getMessage() + " (committed by the group " + settings.identity() + " for " + partition + ")",
                    e);
        }
    }

    /** Commits a position outside of any transaction. */
    void write(Consumer<byte[], byte[]> consumer, Position position) throws SinkException {
        try {
            consumer.commitSync(offsets(position), TIMEOUT);
        } catch (KafkaException e) {
            throw failures.failure("can't commit the position", e);
        }
    }
}
