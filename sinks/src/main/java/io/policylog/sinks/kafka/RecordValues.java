package io.policylog.sinks.kafka;

import io.policylog.parser.EntryMetadata;
import io.policylog.parser.PolicyRecord;
import io.policylog.parser.format.RecordFormat;
import io.policylog.sinks.NodeIdentity;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The values of records, in the sink's {@code format}. The same record gives the same bytes whenever it is read: what a
 * log entry could say of the time of reading is left out.
 *
 * <p>Gives one value after the other, as a range of an array. Confined to the pipeline's thread.
 */
final class RecordValues {
    private final @Nullable RecordFormat logEntry;
    private final Buffer buffer = new Buffer();
    private final Metadata metadata = new Metadata();
    private byte[] array = {};
    private int offset;
    private int length;

    RecordValues(KafkaSettings.Format format, NodeIdentity node) {
        this.logEntry = switch (format) {
            case JSON -> null;
            case LOGENTRY -> RecordFormat.logEntry(node.labels());
        };
    }

    /** Takes a record. What is told of its value is true until the next one, and as long as the record itself. */
    void of(PolicyRecord record, LineHeaders headers) {
        if (logEntry == null) {
            array = record.json();
            offset = record.jsonOffset();
            length = record.jsonLength();
            return;
        }
        buffer.reset();
        metadata.headers = headers;
        try {
            logEntry.write(record, metadata, buffer);
        } catch (IOException e) {
            throw new UncheckedIOException(e); // There is only memory.
        }
        array = buffer.array();
        offset = 0;
        length = buffer.size() - 1;
    }

    byte[] array() {
        return array;
    }

    int offset() {
        return offset;
    }

    int length() {
        return length;
    }

    /** Lets its bytes be read without a copy. */
    private static final class Buffer extends ByteArrayOutputStream {
        byte[] array() {
            return buf;
        }
    }

    private static final class Metadata implements EntryMetadata {
        private @Nullable LineHeaders headers;

        @Override
        public String insertId() {
            return Objects.requireNonNull(headers).idText();
        }

        @Override
        public @Nullable Instant receiveTimestamp() {
            return null;
        }
    }
}
