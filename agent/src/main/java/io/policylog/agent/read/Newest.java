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
import java.util.Comparator;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/**
 * Prints the last records that are selected, the last first. Of inputs that lie in the order of the log it is given the
 * newest first, and of each keeps no more lines than are still to be printed; of others it keeps the newest by their time.
 */
final class Newest implements RecordConsumer {
    /** What kept lines may take; to want more is an error, not a full memory. */
    private static final long MAX_KEPT_BYTES = 32L << 20;

    private final Selection selection;
    private final Formats formats;
    private final OutputStream out;
    private final Parser parser;
    private final boolean ordered;
    private final ArrayDeque<Kept> kept = new ArrayDeque<>();
    private final PriorityQueue<Kept> newest = new PriorityQueue<>();
    private long number;
    private long keptBytes;
    private long left;

    /**
     * @param limit the most records that are printed
     * @param ordered whether the inputs, read in reverse, are the log from its end
     */
    Newest(Selection selection, Formats formats, OutputStream out, long limit, ResourceLabels labels, boolean ordered) {
        this.selection = selection;
        this.formats = formats;
        this.out = out;
        this.parser = new Parser(Limits.DEFAULT, labels.nodeName());
        this.left = limit;
        this.ordered = ordered;
    }

    @Override
    public boolean record(PolicyRecord record, Origin origin) throws IOException {
        if (left > 0 && selection.accepts(record, origin)) {
            Kept last = new Kept(record, origin, formats.identified(), number++);
            if (ordered) {
                kept.addLast(last);
            } else {
                newest.add(last);
            }
            keptBytes += last.line.length;
            if (kept.size() + newest.size() > left) {
                keptBytes -= (ordered ? kept.removeFirst() : newest.remove()).line.length;
            }
            if (keptBytes > MAX_KEPT_BYTES) {
                throw new OutputException("the last " + left + " records take more than " + MAX_KEPT_BYTES
                        + " bytes of memory; use a smaller --limit, or --order asc");
            }
        }
        return left > 0;
    }

    @Override
    public boolean inputEnded() throws IOException {
        if (ordered) {
            print();
            keptBytes = 0;
        }
        return left > 0;
    }

    @Override
    public void finish() throws IOException {
        while (!newest.isEmpty()) {
            kept.addLast(newest.remove());
        }
        print();
    }

    private void print() throws IOException {
        while (!kept.isEmpty()) {
            Kept last = kept.removeLast();
            if (parser.parse(last.line, 0, last.line.length) instanceof PolicyRecord record) {
                formats.of(last).write(record, last, out);
                left--;
            }
        }
    }

    /** The line of a record, and what its origin said. Ordered by time, and those of one moment as they were read. */
    private static final class Kept implements Origin, Comparable<Kept> {
        private static final Comparator<Kept> BY_TIME =
                Comparator.comparing((Kept k) -> k.time).thenComparingLong(k -> k.number);

        private final Instant time;
        private final long number;
        private final byte[] line;
        private final @Nullable String insertId;
        private final @Nullable Instant received;
        private final ResourceLabels labels;

        private Kept(PolicyRecord record, Origin origin, boolean identified, long number) {
            time = Instant.ofEpochSecond(record.epochSecond(), record.nano());
            this.number = number;
            line = Arrays.copyOfRange(record.line(), record.lineOffset(), record.lineOffset() + record.lineLength());
            insertId = identified ? origin.insertId() : null;
            received = origin.receiveTimestamp();
            labels = origin.labels();
        }

        @Override
        public int compareTo(Kept other) {
            return BY_TIME.compare(this, other);
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
