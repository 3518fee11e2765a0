package io.policylog.parser;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What a log entry says about a record beyond the record itself. Asked only when a filter or a format needs it, so an
 * implementation may build its answers on demand; it is used by the thread that uses the record, during the call only.
 */
public interface EntryMetadata {
    /** Nothing is known. */
    EntryMetadata UNKNOWN = new EntryMetadata() {
        @Override
        public @Nullable String insertId() {
            return null;
        }

        @Override
        public @Nullable Instant receiveTimestamp() {
            return null;
        }
    };

    /** The record's stable identity, or null if it is not known here. */
    @Nullable
    String insertId();

    /** When the record was read from the log, or null if it is not known here. */
    @Nullable
    Instant receiveTimestamp();
}
