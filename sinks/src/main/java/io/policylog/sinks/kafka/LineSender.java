package io.policylog.sinks.kafka;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.policylog.parser.MalformedLine;
import io.policylog.parser.PolicyRecord;
import io.policylog.sinks.Batch;
import io.policylog.sinks.LineVisitor;
import io.policylog.sinks.NodeIdentity;
import io.policylog.sinks.SinkException;
import io.policylog.sinks.kafka.KafkaSettings.PartitionBy;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32C;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.InvalidRecordException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InvalidTimestampException;
import org.apache.kafka.common.errors.InvalidTopicException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.jspecify.annotations.Nullable;

/**
 * Makes a Kafka record of each line and gives it to the producer, which copies key, value and headers into its batch
 * before {@code send} returns. Confined to the pipeline's thread, except for the callbacks, which touch only the objects
 * that say so.
 */
final class LineSender implements LineVisitor {
    /** The version of the record's value and headers. */
    static final String SCHEMA = "policylog.v1";

    /** How much of a malformed line is sent. */
    static final int MAX_MALFORMED_BYTES = 64 << 10;

    /** The {@code reason} of a record that is larger than the client or the broker takes. */
    static final String TOO_LARGE = "too-large";

    /** The {@code reason} of a record that the broker refuses otherwise, for example for its time. */
    static final String REFUSED = "refused";

    /**
     * A record further ahead of the clock than this gets the clock's time instead of its own, which stays in the value:
     * a broker refuses what is an hour ahead ({@code message.timestamp.after.max.ms}, KIP-937).
     */
    private static final long MAX_AHEAD_MILLIS = Duration.ofMinutes(30).toMillis();

    /** What a record takes besides key, value and the text of its headers; generous. */
    private static final int RECORD_OVERHEAD_BYTES = 512;

    private final KafkaSettings settings;
    private final Clock clock;
    private final Producer<byte[], byte[]> producer;
    private final Delivery delivery;
    private final SendFailures sendFailures;
    private final KafkaFailures failures;
    private final RefusedIds refusedRecords;
    private final MalformedLines malformedLines;
    private final int maxRecordBytes;

    private final int nodeHash;
    private final Header nodeHeader;

    /** Of Kafka's own kind, because those are copied as a whole. */
    private final RecordHeaders commonHeaders = new RecordHeaders();

    private final RecordKeys keys = new RecordKeys();
    private final RecordValues values;

    /** Whether something was sent that is not committed. */
    private boolean begun;

    private @Nullable Integer partition;
    private String segmentId = "";
    private byte[] idPrefix = {};
    private long latestMillis;
    private long sentBytes;

    LineSender(
            KafkaSettings settings,
            NodeIdentity node,
            Clock clock,
            Producer<byte[], byte[]> producer,
            Delivery delivery,
            SendFailures sendFailures,
            KafkaFailures failures,
            RefusedIds refusedRecords,
            MalformedLines malformedLines,
            int maxRecordBytes) {
        this.settings = settings;
        this.clock = clock;
        this.producer = producer;
        this.delivery = delivery;
        this.sendFailures = sendFailures;
        this.failures = failures;
        this.refusedRecords = refusedRecords;
        this.malformedLines = malformedLines;
        this.maxRecordBytes = maxRecordBytes;
        CRC32C hash = new CRC32C();
        hash.update(node.node().getBytes(UTF_8));
        this.nodeHash = (int) (hash.getValue() & Integer.MAX_VALUE);
        this.values = new RecordValues(settings.format(), node);
        this.nodeHeader = new RecordHeader("node", node.node().getBytes(UTF_8));
        commonHeaders.add(nodeHeader);
        node.cluster().ifPresent(name -> commonHeaders.add(new RecordHeader("cluster", name.getBytes(UTF_8))));
        commonHeaders.add(new RecordHeader("schema", SCHEMA.getBytes(UTF_8)));
    }

    /** Sends the lines of a batch. */
    void send(Batch batch) throws SinkException {
        segmentId = batch.segmentId();
        idPrefix = (segmentId + ':').getBytes(US_ASCII);
        latestMillis = clock.millis() + MAX_AHEAD_MILLIS;
        batch.forEach(this);
        sendFailures.check();
    }

    /** Whether something was sent that is not committed. */
    boolean begun() {
        return begun;
    }

    /** The bytes of the values sent since this was asked last. */
    long takeSentBytes() {
        long bytes = sentBytes;
        sentBytes = 0;
        return bytes;
    }

    /** Makes sure that there is something to commit. */
    void begin() throws SinkException {
        if (!begun) {
            delivery.begin();
            begun = true;
        }
    }

    void committed() {
        begun = false;
    }

    @Override
    public void record(PolicyRecord record, long offset) throws SinkException {
        byte[] id = id(offset);
        String refused = refusedRecords.isEmpty() ? null : refusedRecords.reason(new String(id, US_ASCII));
        if (refused != null) {
            sendRefused(refused, record, offset);
            return;
        }
        byte[] key = keys.of(record);
        byte[] value = values.of(record, id);
        if (value.length + key.length + RECORD_OVERHEAD_BYTES > maxRecordBytes) {
            // Asked before, because the producer would doom the transaction.
            sendRefused(TOO_LARGE, record, offset);
            return;
        }
        beginRecords();
        ProducerRecord<byte[], byte[]> message =
                new ProducerRecord<>(settings.topic(), partition, timestamp(record), key, value, commonHeaders);
        message.headers().add(new RecordHeader("id", id));
        send(message, new Sent(segmentId, offset, false));
    }

    @Override
    public void malformed(MalformedLine line, long offset) throws SinkException {
        if (settings.malformedTopic().isPresent()) { // Else left out on purpose; the pipeline counts them.
            sendMalformed(line.reason().label(), line.array(), line.offset(), line.length(), line.lineLength(), offset);
        }
    }

    private void sendRefused(String reason, PolicyRecord record, long offset) throws SinkException {
        int length = record.lineLength();
        sendMalformed(reason, record.line(), record.lineOffset(), length, length, offset);
    }

    private void sendMalformed(String reason, byte[] array, int start, int length, long lineLength, long lineOffset)
            throws SinkException {
        byte[] id = id(lineOffset);
        String topic = settings.malformedTopic().orElse(null);
        Integer malformedPartition = topic == null || !malformedLines.usable() ? null : partitionOf(topic);
        if (topic == null || malformedPartition == null || isRefused(id)) {
            malformedLines.lost(new String(id, US_ASCII), reason, lineLength);
            return;
        }
        begin();
        byte[] value = Arrays.copyOfRange(array, start, start + Math.min(length, MAX_MALFORMED_BYTES));
        List<Header> headers = List.of(
                new RecordHeader("reason", reason.getBytes(US_ASCII)),
                new RecordHeader("length", Long.toString(lineLength).getBytes(US_ASCII)),
                new RecordHeader("id", id),
                nodeHeader);
        send(
                new ProducerRecord<>(topic, malformedPartition, null, null, value, headers),
                new Sent(segmentId, lineOffset, true));
    }

    private boolean isRefused(byte[] id) {
        RefusedIds refused = malformedLines.refused();
        return !refused.isEmpty() && refused.reason(new String(id, US_ASCII)) != null;
    }

    private void send(ProducerRecord<byte[], byte[]> record, Callback callback) throws SinkException {
        try {
            var _ = producer.send(record, callback);
        } catch (KafkaException | IllegalStateException e) {
            // What doomed the transaction says more than that it is doomed.
            sendFailures.check();
            throw failures.failure("can't send a record", e);
        }
        sentBytes += record.value().length;
        sendFailures.check();
    }

    /** Before the first record: outside of a transaction the lookup may take its time. */
    private void beginRecords() throws SinkException {
        if (!begun || (partition == null && settings.partitionBy() == PartitionBy.NODE)) {
            if (settings.partitionBy() == PartitionBy.NODE) {
                try {
                    partition =
                            nodeHash % producer.partitionsFor(settings.topic()).size();
                } catch (KafkaException e) {
                    throw failures.failure("can't look up the topic " + settings.topic(), e);
                }
            }
            begin();
        }
    }

    /** Null, and the topic unusable, when it can't be found: to send to it would doom the transaction. */
    private @Nullable Integer partitionOf(String topic) {
        try {
            return nodeHash % producer.partitionsFor(topic).size();
        } catch (KafkaException e) {
            malformedLines.unusable(String.valueOf(
                    failures.failure("can't look up the topic " + topic, e).getMessage()));
            return null;
        }
    }

    /** The record's own time in milliseconds, within what Kafka can take. */
    private long timestamp(PolicyRecord record) {
        long millis = Math.max(record.epochSecond() * 1000 + record.nano() / 1_000_000, 0);
        return millis > latestMillis ? latestMillis - MAX_AHEAD_MILLIS : millis;
    }

    /** {@link Batch#recordId} in ASCII, without making a text of it first. */
    private byte[] id(long offset) {
        int digits = 1;
        for (long rest = offset / 10; rest > 0; rest /= 10) {
            digits++;
        }
        byte[] id = Arrays.copyOf(idPrefix, idPrefix.length + digits);
        long rest = offset;
        for (int i = id.length - 1; i >= idPrefix.length; i--) {
            id[i] = (byte) ('0' + rest % 10);
            rest /= 10;
        }
        return id;
    }

    /**
     * The reason, if the failure is about this very record; else null. What fails a transaction is also given to every
     * record that was not sent yet, so it must be told apart: a record that is too large fails alone in its batch and
     * first; wrong ones among others have texts of their own (KIP-467), and the rest inherit the batch's.
     *
     * @param first whether nothing failed before
     */
    private static @Nullable String refusal(Exception failure, boolean first) {
        if (failure instanceof RecordTooLargeException) {
            return first ? TOO_LARGE : null;
        }
        boolean refused = failure instanceof InvalidTimestampException || failure instanceof InvalidRecordException;
        boolean inherited = String.valueOf(failure.getMessage()).startsWith("One or more records have been rejected");
        return refused && !inherited ? REFUSED : null;
    }

    /**
     * Whether the broker refuses a record for its time. A malformed line's is this node's clock, which can be mended; to
     * leave the line out would lose it. Several in one batch are told by the text alone (KIP-467).
     */
    private static boolean isOfTime(Exception failure) {
        return failure instanceof InvalidTimestampException
                || String.valueOf(failure.getMessage()).startsWith("Timestamp ");
    }

    /** Whether the failure is about the topic of the malformed lines alone. */
    private boolean isMalformedTopics(Exception failure) {
        return failure instanceof TopicAuthorizationException e
                ? e.unauthorizedTopics().contains(settings.malformedTopic().orElse(""))
                : failure instanceof InvalidTopicException || failure instanceof UnknownTopicOrPartitionException;
    }

    /** Learns what became of a line. Runs on the producer's thread. */
    private final class Sent implements Callback {
        private final String lineSegmentId;
        private final long offset;
        private final boolean malformed;

        Sent(String lineSegmentId, long offset, boolean malformed) {
            this.lineSegmentId = lineSegmentId;
            this.offset = offset;
            this.malformed = malformed;
        }

        @Override
        public void onCompletion(RecordMetadata metadata, @Nullable Exception failure) {
            if (failure == null) {
                return;
            }
            boolean first = sendFailures.add(failure);
            String reason = refusal(failure, first);
            if (reason != null && !(malformed && isOfTime(failure))) {
                boolean room = (malformed ? malformedLines.refused() : refusedRecords)
                        .add(lineSegmentId + ':' + offset, reason);
                if (malformed && !room) {
                    // A read can hold more of them than are remembered: an empty line is one.
                    malformedLines.unusable("its topic refuses too many: " + failure.getMessage());
                }
            } else if (malformed && first && isMalformedTopics(failure)) {
                malformedLines.unusable(String.valueOf(failures.failure("can't deliver malformed lines", failure)
                        .getMessage()));
            }
        }
    }
}
