package io.policylog.sinks.kafka;

import io.policylog.sinks.Batch;
import io.policylog.sinks.Position;
import io.policylog.sinks.SinkContext;
import io.policylog.sinks.SinkException;
import io.policylog.sinks.kafka.KafkaSettings.Guarantee;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** All that lives from opening a sink until it is closed. Confined to the pipeline's thread. */
final class KafkaSession {
    private static final Logger log = LoggerFactory.getLogger(KafkaSession.class);

    /** How long closing waits for the broker, to abort what is open. */
    private static final Duration BROKER_CLOSE_TIMEOUT = Duration.ofSeconds(3);

    /** How long closing waits at all: a client's thread can be stuck in a name lookup. */
    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(4);

    private final KafkaSettings settings;
    private final KafkaFailures failures;
    private final MalformedLines malformedLines;
    private final Map<String, Object> producerProperties;
    private final Consumer<byte[], byte[]> consumer;
    private final Producer<byte[], Slice> producer;
    private final SendQueue queue;
    private final Delivery delivery;
    private final LineSender sender;
    private final RefusedIds refusedRecords;

    /**
     * Connects, and looks at the topics. Nothing is left behind when it throws.
     *
     * @param refusedRecords outlives the session, as do the malformed lines
     */
    KafkaSession(KafkaSettings settings, SinkContext context, RefusedIds refusedRecords, MalformedLines malformedLines)
            throws SinkException {
        this.settings = settings;
        this.failures = new KafkaFailures(settings);
        this.malformedLines = malformedLines;
        this.refusedRecords = refusedRecords;
        this.producerProperties = ProducerProperties.producer(settings, "policylog-" + context.name());
        TokenUrls.allow(producerProperties);
        this.consumer = consumer();
        SendFailures sendFailures = new SendFailures(failures);
        try {
            checkTopics(consumer, context.positionFile().isPresent());
            this.producer = producer();
        } catch (SinkException | RuntimeException e) {
            closeQuietly(() -> close(consumer));
            throw e;
        }
        this.delivery = switch (settings.guarantee()) {
            case EXACTLY_ONCE ->
                new ExactlyOnce(settings, failures, producer, consumer, new PositionWitness(context.positionFile()));
            case AT_LEAST_ONCE ->
                new AtLeastOnce(settings, failures, producer, consumer, sendFailures, context.positionFile());
        };
        this.queue = new SendQueue(producer, sendFailures, context.name() + "-send");
        this.sender = new LineSender(
                settings,
                context.node(),
                context.clock(),
                producer,
                queue,
                delivery,
                sendFailures,
                failures,
                refusedRecords,
                malformedLines,
                ProducerProperties.maxRecordBytes(producerProperties));
    }

    /** Where to resume. */
    Optional<Position> resume() throws SinkException {
        Optional<Position> position = delivery.open();
        if (settings.guarantee() == Guarantee.EXACTLY_ONCE) {
            close(consumer);
        }
        return position;
    }

    /** Sends the lines of a batch, and says how many bytes of values they were. */
    long write(Batch batch) throws SinkException {
        if (!sender.begun() && !malformedLines.usable() && malformedLines.checkIsDue()) {
            checkMalformedTopic();
        }
        sender.send(batch);
        return sender.takeSentBytes();
    }

    void commit(Position position) throws SinkException {
        sender.begin();
        queue.await();
        delivery.commit(position);
        sender.committed();
        refusedRecords.committed();
        malformedLines.committed();
    }

    /** Aborts what is open, if the broker answers soon. Never throws. */
    void close() {
        queue.close();
        closeQuietly(() -> close(producer, consumer));
    }

    /** Each whatever the other does: what stays open keeps its threads and sockets, and each new session adds to it. */
    static void close(Producer<?, ?> producer, Consumer<?, ?> consumer) {
        try {
            producer.close(BROKER_CLOSE_TIMEOUT);
        } finally {
            close(consumer);
        }
    }

    private static void close(Consumer<?, ?> consumer) {
        consumer.close(CloseOptions.timeout(Duration.ofSeconds(1)));
    }

    private void checkTopics(Consumer<byte[], byte[]> asked, boolean hasPositionFile) throws SinkException {
        TopicCheck check = new TopicCheck(settings, failures, producerProperties, asked);
        check.dataTopic();
        if (settings.positionIsInKafka(hasPositionFile)) {
            check.positionTopic();
        }
        if (settings.malformedTopic().isPresent() && malformedLines.checkIsDue()) {
            malformedLines.checked(
                    check.malformedTopic(settings.malformedTopic().get()));
        }
    }

    private void checkMalformedTopic() throws SinkException {
        if (settings.malformedTopic().isPresent()) {
            try (Consumer<byte[], byte[]> asked = consumer()) {
                malformedLines.checked(new TopicCheck(settings, failures, producerProperties, asked)
                        .malformedTopic(settings.malformedTopic().get()));
            }
        }
    }

    private Consumer<byte[], byte[]> consumer() throws SinkException {
        try {
            return new KafkaConsumer<>(
                    ProducerProperties.consumer(settings, producerProperties),
                    new ByteArrayDeserializer(),
                    new ByteArrayDeserializer());
        } catch (KafkaException e) {
            throw failures.failure("can't make a Kafka client", e);
        }
    }

    private Producer<byte[], Slice> producer() throws SinkException {
        try {
            return new KafkaProducer<>(producerProperties, new ByteArraySerializer(), new SliceSerializer());
        } catch (KafkaException e) {
            throw failures.failure("can't make a Kafka producer", e);
        }
    }

    /** In a thread of its own, so that nothing that hangs in there holds the pipeline. */
    private static void closeQuietly(Runnable closing) {
        Thread thread = Thread.ofPlatform().daemon().name("kafka-close").start(() -> {
            try {
                closing.run();
            } catch (KafkaException e) {
                log.debug("closing failed", e);
            }
        });
        boolean interrupted = Thread.interrupted();
        try {
            if (!thread.join(CLOSE_TIMEOUT)) {
                log.warn("the Kafka client does not close in {} s; going on without it", CLOSE_TIMEOUT.toSeconds());
            }
        } catch (InterruptedException e) {
            interrupted = true;
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
