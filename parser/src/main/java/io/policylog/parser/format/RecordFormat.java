package io.policylog.parser.format;

import io.policylog.parser.EntryMetadata;
import io.policylog.parser.PolicyRecord;
import io.policylog.parser.ResourceLabels;
import java.io.IOException;
import java.io.OutputStream;

/**
 * Writes one record after the other, each ended by a line end. An instance keeps buffers and column widths, so it belongs
 * to one thread. The stream should be buffered: a record may come in several writes.
 */
public interface RecordFormat {
    /** Writes the record; nothing of it is needed afterwards. */
    void write(PolicyRecord record, EntryMetadata metadata, OutputStream out) throws IOException;

    /** The normalized record. */
    static RecordFormat json() {
        return new JsonFormat();
    }

    /** A LogEntry as Cloud Logging stores it; what is not known is left out. */
    static RecordFormat logEntry(ResourceLabels labels) {
        return new LogEntryFormat(labels);
    }

    /** The same JSON, safe for a terminal: what it might obey is escaped as JSON has it. */
    static RecordFormat escaped(RecordFormat json) {
        return new EscapedJsonFormat(json);
    }

    /** Columns for people. */
    static RecordFormat table(TableOptions options) {
        return new TableFormat(options);
    }

    /** The bytes as found. Not for a terminal: see {@link #printable}. */
    static RecordFormat raw() {
        return new RawFormat();
    }

    /** The bytes as found, in the form of {@link io.policylog.parser.Printable}: what a terminal may be given. */
    static RecordFormat printable() {
        return new PrintableFormat();
    }
}
