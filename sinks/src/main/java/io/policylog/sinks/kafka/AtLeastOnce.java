package io.policylog.sinks.kafka;

import io.policylog.sinks.Position;
import io.policylog.sinks.PositionFile;
import io.policylog.sinks.SinkException;
import java.nio.file.Path;
import java.util.Optional;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;

/**
 * First the records, then the position: a crash in between repeats records. The position is a file, or, without a state
 * directory, a plain offset commit in Kafka.
 */
final class AtLeastOnce implements Delivery {
    private final Producer<?, ?> producer;
    private final SendFailures sendFailures;
    private final KafkaFailures failures;
    private final @Nullable PositionFile file;
    private final Consumer<byte[], byte[]> consumer;
    private final KafkaPosition kafkaPosition;

    /** @param consumer commits positions where there is no file; closed by the caller, after this */
    AtLeastOnce(
            KafkaSettings settings,
            KafkaFailures failures,
            Producer<?, ?> producer,
            Consumer<byte[], byte[]> consumer,
            SendFailures sendFailures,
            Optional<Path> positionFile) {
        this.producer = producer;
        this.sendFailures = sendFailures;
        this.failures = failures;
        this.consumer = consumer;
        this.file = positionFile.map(PositionFile::new).orElse(null);
        this.kafkaPosition = new KafkaPosition(settings, failures);
    }

    @Override
    public Optional<Position> open() throws SinkException {
        return file == null ? kafkaPosition.read(consumer) : file.read();
    }

    @Override
    public void begin() {}

    @Override
    public void commit(Position position) throws SinkException {
        try {
            producer.flush();
        } catch (KafkaException e) {
            throw failures.failure("can't deliver records", e);
        }
        sendFailures.check();
        if (file == null) {
            kafkaPosition.write(consumer, position);
        } else {
            file.write(position);
        }
    }
}
