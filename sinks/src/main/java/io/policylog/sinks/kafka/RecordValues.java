package io.policylog.sinks.kafka;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.policylog.parser.EntryMetadata;
import io.policylog.parser.PolicyRecord;
import io.policylog.parser.ResourceLabels;
import io.policylog.parser.format.RecordFormat;
import io.policylog.sinks.NodeIdentity;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The values of records, in the sink's {@code format}. The same record gives the same bytes whenever it is read: what a
 * log entry could say of the time of reading is left out.
 *
 * <p>A serializer must return an array of exactly the value's length, so there is one array for each length, filled again
 * for each record: the producer copies from it before {@code send} returns. Confined to the pipeline's thread.
 */
final class RecordValues {
    /** Longer values get an array of their own, so that this never takes more than two megabytes. */
    private static final int MAX_SHARED_BYTES = 2048;

    private final byte[] @Nullable [] shared = new byte[MAX_SHARED_BYTES + 1][];
    private final @Nullable RecordFormat logEntry;
    private final Buffer buffer = new Buffer();
    private final Metadata metadata = new Metadata();

    RecordValues(KafkaSettings.Format format, NodeIdentity node) {
        this.logEntry = switch (format) {
            case JSON -> null;
            case LOGENTRY ->
                RecordFormat.logEntry(new ResourceLabels(
                        node.project().orElse(null),
                        node.location().orElse(null),
                        node.cluster().orElse(null),
                        node.node()));
        };
    }

    /** The value, to be used before this is called again. */
    byte[] of(PolicyRecord record, byte[] id) {
        if (logEntry == null) {
            return value(record.json(), record.jsonOffset(), record.jsonLength());
        }
        buffer.reset();
        metadata.id = id;
        try {
            logEntry.write(record, metadata, buffer);
        } catch (IOException e) {
            throw new UncheckedIOException(e); // There is only memory.
        }
        return value(buffer.array(), 0, buffer.size() - 1);
    }

    private byte[] value(byte[] array, int offset, int length) {
        if (length > MAX_SHARED_BYTES) {
            return Arrays.copyOfRange(array, offset, offset + length);
        }
        byte[] value = shared[length];
        if (value == null) {
            value = new byte[length];
            shared[length] = value;
        }
        System.arraycopy(array, offset, value, 0, length);
        return value;
    }

    /** Lets its bytes be read without a copy. */
    private static final class Buffer extends ByteArrayOutputStream {
        byte[] array() {
            return buf;
        }
    }

    private static final class Metadata implements EntryMetadata {
        private byte[] id = {};

        @Override
        public String insertId() {
            return new String(id, US_ASCII);
        }

        @Override
        public @Nullable Instant receiveTimestamp() {
            return null;
        }
    }
}
