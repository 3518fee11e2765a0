package io.policylog.parser.format;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import io.policylog.parser.EntryMetadata;
import io.policylog.parser.Field;
import io.policylog.parser.PolicyRecord;
import io.policylog.parser.ResourceLabels;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A LogEntry (google.logging.v2, in its JSON form). GKE sets no severity on these entries, so none is written: a reader
 * takes {@code DEFAULT}.
 */
final class LogEntryFormat implements RecordFormat {
    private static final byte[] PAYLOAD = "\"jsonPayload\":".getBytes(UTF_8);
    private static final byte[] TIMESTAMP = ",\"timestamp\":\"".getBytes(UTF_8);
    private static final byte[] NODE_NAME = "\"node_name\":\"".getBytes(UTF_8);

    /** From the end of the payload to where the node's name may follow. */
    private final byte[] resource;

    private final boolean hasLabels;
    private final byte[] nodeName;

    /** From the end of the timestamp to the end of the entry. */
    private final byte[] logName;

    LogEntryFormat(ResourceLabels labels) {
        StringBuilder text = new StringBuilder(",\"resource\":{\"type\":")
                .append(quote(ResourceLabels.RESOURCE_TYPE))
                .append(",\"labels\":{");
        int empty = text.length();
        label(text, "project_id", labels.projectId());
        label(text, "location", labels.location());
        label(text, "cluster_name", labels.clusterName());
        if (text.length() > empty) {
            text.setLength(text.length() - 1);
        }
        resource = text.toString().getBytes(UTF_8);
        hasLabels = text.length() > empty;
        String node = labels.nodeName();
        nodeName = node == null ? new byte[0] : unquoted(node).getBytes(UTF_8);
        String name = labels.logName();
        logName = (name == null ? "" : ",\"logName\":" + quote(name)).getBytes(UTF_8);
    }

    @Override
    public void write(PolicyRecord record, EntryMetadata metadata, OutputStream out) throws IOException {
        out.write('{');
        String insertId = metadata.insertId();
        if (insertId != null) {
            out.write(("\"insertId\":" + quote(insertId) + ",").getBytes(UTF_8));
        }
        out.write(PAYLOAD);
        out.write(record.json(), record.jsonOffset(), record.jsonLength());
        out.write(resource);
        if (record.has(Field.NODE_NAME)) {
            // As it stands in the record: it is part of a JSON string there too.
            writeNodeName(
                    record.array(Field.NODE_NAME), record.offset(Field.NODE_NAME), record.length(Field.NODE_NAME), out);
        } else if (nodeName.length > 0) {
            writeNodeName(nodeName, 0, nodeName.length, out);
        }
        out.write('}');
        out.write('}');
        out.write(TIMESTAMP);
        out.write(record.array(Field.TIMESTAMP), record.offset(Field.TIMESTAMP), record.length(Field.TIMESTAMP));
        out.write('"');
        Instant received = metadata.receiveTimestamp();
        if (received != null) {
            out.write((",\"receiveTimestamp\":\"" + received + '"').getBytes(UTF_8));
        }
        out.write(logName);
        out.write('}');
        out.write('\n');
    }

    private void writeNodeName(byte[] name, int offset, int length, OutputStream out) throws IOException {
        if (hasLabels) {
            out.write(',');
        }
        out.write(NODE_NAME);
        out.write(name, offset, length);
        out.write('"');
    }

    private static void label(StringBuilder text, String key, @Nullable String value) {
        if (value != null) {
            text.append(quote(key)).append(':').append(quote(value)).append(',');
        }
    }

    private static String quote(String text) {
        return '"' + unquoted(text) + '"';
    }

    /** The text as the content of a JSON string. */
    private static String unquoted(String text) {
        return String.valueOf(JsonStringEncoder.getInstance().quoteAsString(text));
    }
}
