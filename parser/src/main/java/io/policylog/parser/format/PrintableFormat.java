package io.policylog.parser.format;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.policylog.parser.EntryMetadata;
import io.policylog.parser.PolicyRecord;
import io.policylog.parser.Printable;
import java.io.IOException;
import java.io.OutputStream;

final class PrintableFormat implements RecordFormat {
    @Override
    public void write(PolicyRecord record, EntryMetadata metadata, OutputStream out) throws IOException {
        out.write(Printable.of(record.line(), record.lineOffset(), record.lineLength())
                .getBytes(UTF_8));
        out.write('\n');
    }
}
