package io.policylog.agent.read;

import io.policylog.parser.PolicyRecord;
import java.io.IOException;
import java.io.OutputStream;

/** Prints the records that are selected, as they come. */
final class Printed implements RecordConsumer {
    private final Selection selection;
    private final Formats formats;
    private final OutputStream out;
    private long left;

    /** @param limit the most records that are printed */
    Printed(Selection selection, Formats formats, OutputStream out, long limit) {
        this.selection = selection;
        this.formats = formats;
        this.out = out;
        this.left = limit;
    }

    @Override
    public boolean record(PolicyRecord record, Origin origin) throws IOException {
        if (left > 0 && selection.accepts(record, origin)) {
            formats.of(origin).write(record, origin, out);
            left--;
        }
        return left > 0;
    }
}
