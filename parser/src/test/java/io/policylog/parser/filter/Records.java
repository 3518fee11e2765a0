package io.policylog.parser.filter;

import io.policylog.parser.EntryMetadata;
import io.policylog.parser.Limits;
import io.policylog.parser.MalformedLine;
import io.policylog.parser.Parser;
import io.policylog.parser.PolicyRecord;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Real records for tests. */
public final class Records {
    private Records() {}

    /** A record that stays valid: it has a parser of its own. */
    public static PolicyRecord of(String line) {
        byte[] bytes = line.getBytes(StandardCharsets.UTF_8);
        return switch (new Parser(Limits.DEFAULT, null).parse(bytes, 0, bytes.length)) {
            case PolicyRecord record -> record;
            case MalformedLine malformed -> throw new AssertionError(malformed.reason() + ": " + line);
        };
    }

    public record Metadata(
            @Nullable String insertId, @Nullable Instant receiveTimestamp) implements EntryMetadata {}
}
