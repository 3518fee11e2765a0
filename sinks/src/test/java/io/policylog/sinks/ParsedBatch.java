package io.policylog.sinks;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.policylog.parser.Limits;
import io.policylog.parser.MalformedLine;
import io.policylog.parser.Parser;
import io.policylog.parser.PolicyRecord;

/** Lines of a log in memory, read by the real parser: the bytes from one offset to another, whole lines. */
public final class ParsedBatch implements Batch {
    private static final String SEGMENT_ID = "0123456789abcdef0123456789abcdef";

    private final Parser parser;
    private final byte[] log;
    private final int from;
    private final int to;

    public ParsedBatch(Parser parser, byte[] log, int from, int to) {
        this.parser = parser;
        this.log = log;
        this.from = from;
        this.to = to;
    }

    /** A batch of these lines. */
    public static ParsedBatch of(String... lines) {
        return of((String.join("\n", lines) + "\n").getBytes(UTF_8));
    }

    public static ParsedBatch of(byte[] log) {
        return new ParsedBatch(new Parser(Limits.DEFAULT, null), log, 0, log.length);
    }

    /** The position after so many bytes of the log. */
    public static Position position(long offset) {
        return new Position(
                "00c0ffee",
                7,
                SEGMENT_ID,
                offset,
                java.util.List.of(new Position.Check(offset, (int) offset)),
                java.util.List.of());
    }

    @Override
    public String segmentId() {
        return SEGMENT_ID;
    }

    public Position position() {
        return position(to);
    }

    @Override
    public void forEach(LineVisitor visitor) throws SinkException {
        int start = from;
        while (start < to) {
            int end = start;
            while (log[end] != '\n') {
                end++;
            }
            switch (parser.parse(log, start, end)) {
                case PolicyRecord record -> visitor.record(record, start);
                case MalformedLine line -> visitor.malformed(line, start);
            }
            start = end + 1;
        }
    }
}
