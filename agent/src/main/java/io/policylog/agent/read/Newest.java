package io.policylog.agent.read;

import io.policylog.parser.Limits;
import io.policylog.parser.Parser;
import io.policylog.parser.PolicyRecord;
import io.policylog.parser.ResourceLabels;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Prints the last records that are selected, the last first. Is given the inputs in reverse; of each it keeps no more
 * lines than are still to be printed.
 */
final class Newest implements RecordConsumer {
    /** What kept lines may take; to want more is an error, not a full memory. */
    private static final long MAX_KEPT_BYTES = 32L << 20;

    private final Selection selection;
    private final Formats formats;
    private final OutputStream out;
    private final Parser parser;
    private final ArrayDeque<Kept> kept = new ArrayDeque<>();
    private long keptBytes;
    private long left;

    /** @param limit the most records that are printed */
    Newest(Selection selection, Formats formats, OutputStream out, long limit, ResourceLabels labels) {
        this.selection = selection;
        this.formats = formats;
        this.out = out;
        this.parser = new Parser(Limits.DEFAULT, labels.nodeName());
        this.left = limit;
    }

    @Override
    public boolean record(PolicyRecord record, Origin origin) throws IOException {
        if (left > 0 && selection.accepts(record, origin)) {
            if (kept.size() == left) {
                keptBytes -= kept.removeFirst().line.length;
            }
            Kept last = new Kept(record, origin, formats.identified());
            kept.addLast(last);
            keptBytes += last.line.length;
            if (keptBytes > MAX_KEPT_BYTES) {
                throw new OutputException("the last " + left + " records take more than " + MAX_KEPT_BYTES
                        + " bytes of memory; use a smaller --limit, or --order asc");
            }
        }
        return left > 0;
    }

    @Override
    public boolean inputEnded() throws IOException {
        while (!kept.isEmpty()) {
            Kept last = kept.removeLast();
            if (parser.parse(last.line, 0, last.line.length) instanceof PolicyRecord record) {
                formats.of(last).write(record, last, out);
                left--;
            }
        }
        keptBytes = 0;
        return left > 0;
    }

    /** The line of a record, and what its origin said. */
    private static final class Kept implements Origin {
        private final byte[] line;
        private final @Nullable String insertId;
        private final @Nullable Instant received;
        private final ResourceLabels labels;

        private Kept(PolicyRecord record, Origin origin, boolean identified) {
            line = Arrays.copyOfRange(record.line(), record.lineOffset(), record.lineOffset() + record.lineLength());
            insertId = identified ? origin.insertId() : null;
            received = origin.receiveTimestamp();
            labels = origin.labels();
        }

        @Override
        public @Nullable String insertId() {
            return insertId;
        }

        @Override
        public @Nullable Instant receiveTimestamp() {
            return received;
        }

        @Override
        public ResourceLabels labels() {
            return labels;
        }
    }
}
