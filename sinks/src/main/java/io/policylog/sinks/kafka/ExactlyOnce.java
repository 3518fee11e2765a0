package io.policylog.sinks.kafka;

import io.policylog.sinks.Position;
import io.policylog.sinks.SinkException;
import java.util.Optional;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.KafkaException;

/**
 * Records and position in one transaction (KIP-98; the position by {@code sendOffsetsToTransaction}, KIP-447).
 *
 * <p>The order of opening matters. {@code initTransactions} raises the epoch of the transactional id: whoever held it
 * can't commit any more, and what it left open is aborted. Only then the position is read, and it is final: no commit
 * that could still change it is under way. A commit whose answer was lost needs no case of its own: the sink is opened
 * again, and the position that it reads tells whether the commit happened, for the records as for itself.
 *
 * <p>A transaction that is open when the producer is closed is aborted by it.
 */
final class ExactlyOnce implements Delivery {
    private final Producer<?, ?> producer;
    private final Consumer<byte[], byte[]> consumer;
    private final KafkaPosition kafkaPosition;
    private final PositionWitness witness;
    private final KafkaSettings settings;
    private final KafkaFailures failures;
    private final ConsumerGroupMetadata group;

    /** @param consumer serves until the end of {@link #open}, and is closed by the caller */
    ExactlyOnce(
            KafkaSettings settings,
            KafkaFailures failures,
            Producer<?, ?> producer,
            Consumer<byte[], byte[]> consumer,
            PositionWitness witness) {
        this.settings = settings;
        this.failures = failures;
        this.producer = producer;
        this.consumer = consumer;
        this.witness = witness;
        this.kafkaPosition = new KafkaPosition(settings, failures);
        this.group = consumer.groupMetadata();
    }

    @Override
    public Optional<Position> open() throws SinkException {
        try {
            producer.initTransactions();
        } catch (KafkaException e) {
            throw failures.failure("can't take the transactional id " + settings.identity(), e);
        }
        Optional<Position> position = kafkaPosition.read(consumer);
        return position.isPresent() ? position : witness.read(settings.identity());
    }

    @Override
    public void begin() throws SinkException {
        try {
            producer.beginTransaction();
        } catch (KafkaException e) {
            throw failures.failure("can't begin a transaction", e);
        }
    }

    @Override
    public void commit(Position position) throws SinkException {
        try {
            producer.sendOffsetsToTransaction(kafkaPosition.offsets(position), group);
            producer.commitTransaction();
        } catch (KafkaException e) {
            throw failures.failure("can't commit a transaction", e);
        }
        witness.committed(position);
    }
}
