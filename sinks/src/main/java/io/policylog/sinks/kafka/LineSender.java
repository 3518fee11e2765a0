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
import java.util.zip.CRC32C;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.InvalidRecordException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InvalidTimestampException;
import org.apache.kafka.common.errors.InvalidTopicException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;

/**
 * Makes a Kafka record of each line and puts it into the queue to the producer. Confined to the pipeline's thread, except
 * for the callbacks, which touch only the objects that say so.
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
    private final Producer<byte[], Slice> producer;
    private final SendQueue queue;
    private final Delivery delivery;
    private final SendFailures sendFailures;
    private final KafkaFailures failures;
    private final RefusedIds refusedRecords;
    private final MalformedLines malformedLines;
    private final int maxRecordBytes;

    private final int nodeHash;
    private final Header nodeHeader;
    private final Header[] recordHeaders;

    private final RecordKeys keys = new RecordKeys();
    private final RecordValues values;

    /** Whether something was sent that is not committed. */
    private boolean begun;

    private @Nullable Integer partition;
    private byte[] idPrefix = {};
    private long latestMillis;
    private long sentBytes;

    LineSender(
            KafkaSettings settings,
            NodeIdentity node,
            Clock clock,
            Producer<byte[], Slice> producer,
            SendQueue queue,
            Delivery delivery,
            SendFailures sendFailures,
            KafkaFailures failures,
            RefusedIds refusedRecords,
            MalformedLines malformedLines,
            int maxRecordBytes) {
        this.settings = settings;
        this.clock = clock;
        this.producer = producer;
        this.queue = queue;
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
        this.nodeHeader = new ByteHeader("node", node.node().getBytes(UTF_8));
        Header schemaHeader = new ByteHeader("schema", SCHEMA.getBytes(UTF_8));
        this.recordHeaders = node.cluster()
                .map(name -> new Header[] {nodeHeader, new ByteHeader("cluster", name.getBytes(UTF_8)), schemaHeader})
                .orElse(new Header[] {nodeHeader, schemaHeader});
    }

    /** Sends the lines of a batch. */
    void send(Batch batch) throws SinkException {
        idPrefix = (batch.segmentId() + ':').getBytes(US_ASCII);
        latestMillis = clock.millis() + MAX_AHEAD_MILLIS;
        batch.forEach(this);
        queue.flush();
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
        LineHeaders headers = new LineHeaders(recordHeaders, idPrefix, offset);
        String refused = refusedRecords.isEmpty() ? null : refusedRecords.reason(headers.idText());
        if (refused != null) {
            sendRefused(refused, record, offset);
            return;
        }
        byte[] key = keys.of(record);
        values.of(record, headers);
        if (values.length() + key.length + RECORD_OVERHEAD_BYTES > maxRecordBytes) {
            // Asked before, because the producer would doom the transaction.
            sendRefused(TOO_LARGE, record, offset);
            return;
        }
        beginRecords();
        Slice value = queue.copy(values.array(), values.offset(), values.length());
        send(
                new LineRecord(settings.topic(), partition, timestamp(record), key, value, headers),
                new Sent(headers, false));
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
        Header[] shared = {
            new ByteHeader("reason", reason.getBytes(US_ASCII)),
            new ByteHeader("length", Long.toString(lineLength).getBytes(US_ASCII)),
            nodeHeader
        };
        LineHeaders headers = new LineHeaders(shared, idPrefix, lineOffset);
        String topic = settings.malformedTopic().orElse(null);
        Integer malformedPartition = topic == null || !malformedLines.usable() ? null : partitionOf(topic);
        RefusedIds refused = malformedLines.refused();
        boolean isRefused = !refused.isEmpty() && refused.reason(headers.idText()) != null;
        if (topic == null || malformedPartition == null || isRefused) {
            malformedLines.lost(headers.idText(), reason, lineLength);
            return;
        }
        begin();
        Slice value = queue.copy(array, start, Math.min(length, MAX_MALFORMED_BYTES));
        send(new LineRecord(topic, malformedPartition, null, null, value, headers), new Sent(headers, true));
    }

    private void send(LineRecord record, Callback callback) {
        queue.add(record, callback);
        sentBytes += record.value().length();
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

    /** Learns what became of a line. Runs on the producer's thread, or on the one that sends. */
    private final class Sent implements Callback {
        private final LineHeaders headers;
        private final boolean malformed;

        Sent(LineHeaders headers, boolean malformed) {
            this.headers = headers;
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
                boolean room = (malformed ? malformedLines.refused() : refusedRecords).add(headers.idText(), reason);
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
