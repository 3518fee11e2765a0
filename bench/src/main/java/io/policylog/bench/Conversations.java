package io.policylog.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.policylog.parser.Limits;
import io.policylog.parser.LineEnds;
import io.policylog.parser.MalformedLine;
import io.policylog.parser.Parser;
import io.policylog.parser.PolicyRecord;
import io.policylog.sinks.Batch;
import io.policylog.sinks.LineVisitor;
import io.policylog.sinks.SinkException;
import java.io.ByteArrayOutputStream;
import java.util.Random;

/**
 * A log in which the same parties talk again and again, as they do: each line is one of so many conversations with a
 * source port and a time of its own. Read as a pipeline does it: find the line's end, parse, hand on.
 */
final class Conversations implements Batch {
    private final Parser parser = new Parser(Limits.DEFAULT, null);
    private final byte[] bytes;
    private final int lines;

    Conversations(int conversations, int lines, long seed) {
        this.lines = lines;
        PolicyLines templates = new PolicyLines(PolicyLines.Writer.NEWEST, conversations, seed);
        Random random = new Random(seed);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (int i = 0; i < lines; i++) {
            // A few talk much, many a little.
            int from = templates.starts()[(int) (conversations * Math.pow(random.nextDouble(), 3))];
            int end = LineEnds.next(templates.bytes(), from, templates.bytes().length);
            String line = new String(templates.bytes(), from, end - from, UTF_8);
            out.writeBytes(line.replaceFirst(
                            "(?<=\"src_port\":)[0-9]+", String.valueOf(32_768 + random.nextInt(28_000)))
                    .replaceFirst("\\.[0-9]+Z", String.format(".%09dZ", 100_000_000 + random.nextInt(800_000_000)))
                    .getBytes(UTF_8));
            out.write('\n');
        }
        bytes = out.toByteArray();
    }

    int length() {
        return bytes.length;
    }

    int lines() {
        return lines;
    }

    @Override
    public String segmentId() {
        return "0123456789abcdef0123456789abcdef";
    }

    @Override
    public void forEach(LineVisitor visitor) throws SinkException {
        int end;
        for (int start = 0; start < bytes.length; start = end + 1) {
            end = LineEnds.next(bytes, start, bytes.length);
            switch (parser.parse(bytes, start, end)) {
                case PolicyRecord record -> visitor.record(record, start);
                case MalformedLine line -> visitor.malformed(line, start);
            }
        }
    }
}
