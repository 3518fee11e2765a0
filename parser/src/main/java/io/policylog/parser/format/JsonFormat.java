package io.policylog.parser.format;

import io.policylog.parser.EntryMetadata;
import io.policylog.parser.PolicyRecord;
import java.io.IOException;
import java.io.OutputStream;

final class JsonFormat implements RecordFormat {
    @Override
    public void write(PolicyRecord record, EntryMetadata metadata, OutputStream out) throws IOException {
        out.write(record.json(), record.jsonOffset(), record.jsonLength());
        out.write('\n');
    }
}
