package io.policylog.parser.format;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.policylog.parser.EntryMetadata;
import io.policylog.parser.PolicyRecord;
import io.policylog.parser.Printable;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.HexFormat;

/**
 * The JSON of another format with what a terminal might obey as {@code \\uXXXX}: what JSON lets stand raw in a string
 * holds DEL, the C1 controls and the bidirectional ones. The result means the same.
 */
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
        String line = written.toString(UTF_8);
        StringBuilder escaped = new StringBuilder(line.length() + 16);
        line.stripTrailing().codePoints().forEach(codePoint -> {
            if (Printable.isPrintable(codePoint)) {
                escaped.appendCodePoint(codePoint);
            } else {
                for (char unit : Character.toChars(codePoint)) {
                    escaped.append("\\u").append(HexFormat.of().toHexDigits(unit));
                }
            }
        });
        out.write(escaped.append('\n').toString().getBytes(UTF_8));
    }
}
