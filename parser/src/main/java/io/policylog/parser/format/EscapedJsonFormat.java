package io.policylog.parser.format;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.policylog.parser.EntryMetadata;
import io.policylog.parser.PolicyRecord;
import io.policylog.parser.Printable;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;

/** The JSON of another format with what a terminal might obey escaped. */
final class EscapedJsonFormat implements RecordFormat {
    private final RecordFormat json;
    private final ByteArrayOutputStream written = new ByteArrayOutputStream();

    EscapedJsonFormat(RecordFormat json) {
        this.json = json;
    }

    @Override
    public void write(PolicyRecord record, EntryMetadata metadata, OutputStream out) throws IOException {
        written.reset();
        json.write(record, metadata, written);
        String line = written.toString(UTF_8).stripTrailing();
        out.write((Printable.json(line) + "\n").getBytes(UTF_8));
    }
}
