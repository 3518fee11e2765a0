package io.policylog.sinks.testing;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.policylog.parser.Limits;
import io.policylog.parser.MalformedLine;
import io.policylog.parser.ParsedLine;
import io.policylog.parser.Parser;
import io.policylog.parser.PolicyRecord;
import io.policylog.sinks.Batch;
import io.policylog.sinks.LineVisitor;
import io.policylog.sinks.Position;
import io.policylog.sinks.SinkException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/** A segment in memory, and the batches of it as a pipeline would hand them to a sink, parsed by the real parser. */
public final class TestSegment {
    private static final String STORE = "0badcafe";

    private final byte[] bytes;
    private final String id;

    private TestSegment(byte[] bytes) {
        this.bytes = bytes;
        this.id = idOf(bytes);
    }

    /** A segment of these lines. */
    public static TestSegment of(List<String> lines) {
        return of((String.join("\n", lines) + "\n").getBytes(UTF_8));
    }

    /** A segment of these bytes, which end with a line end. */
    public static TestSegment of(byte[] bytes) {
        return new TestSegment(bytes);
    }

    /** A segment of so many different records, as the log's third generation has them; the name makes it different. */
    public static TestSegment ofRecords(String name, int count) {
        return of(IntStream.range(0, count).mapToObj(i -> record(name, i)).toList());
    }

    /** A record that is like no other of the same name. */
    public static String record(String name, int number) {
        return String.format(
                Locale.ROOT,
                "{\"connection\":{\"src_ip\":\"10.84.%d.%d\",\"dest_ip\":\"10.84.0.11\",\"src_port\":%d,"
                        + "\"dest_port\":8080,\"protocol\":\"tcp\",\"direction\":\"ingress\"},\"disposition\":\"deny\","
                        + "\"src\":{\"pod_name\":\"client-%s\",\"workload_kind\":\"ReplicaSet\","
                        + "\"workload_name\":\"client-7b78d7c957\",\"pod_namespace\":\"default\","
                        + "\"namespace\":\"default\"},\"dest\":{\"pod_name\":\"shop-745c798fc9-hzpxt\","
                        + "\"workload_kind\":\"ReplicaSet\",\"workload_name\":\"shop-%d-745c798fc9\","
                        + "\"pod_namespace\":\"default\",\"namespace\":\"default\"},\"count\":%d,"
                        + "\"node_name\":\"node-1\",\"timestamp\":\"2024-08-20T14:02:%02d.%09dZ\"}",
                number / 250 % 250,
                number % 250,
                1024 + number % 60000,
                name,
                number % 7,
                number + 1,
                number / 1000 % 60,
                number % 1000 * 1_000_000 + 1);
    }

    public String id() {
        return id;
    }

    public byte[] bytes() {
        return bytes.clone();
    }

    /** In bytes. */
    public int length() {
        return bytes.length;
    }

    /** Where a pipeline stands after this byte offset. */
    public Position position(long offset) {
        return new Position(STORE, 1, id, offset, 0, List.of(), List.of());
    }

    /** The batch of so many lines that begin at an offset; fewer at the end. */
    public Lines batch(long from, int lines) {
        int end = (int) from;
        for (int i = 0; i < lines && end < bytes.length; i++) {
            end = lineEnd(end);
        }
        return new Lines((int) from, end);
    }

    /** All that is left from an offset. */
    public Lines batch(long from) {
        return new Lines((int) from, bytes.length);
    }

    /** The ids of all lines, in order. */
    public List<String> recordIds() {
        return IntStream.iterate(0, start -> start < bytes.length, this::lineEnd)
                .mapToObj(start -> id + ':' + start)
                .toList();
    }

    /** The offset just after the line that begins at an offset. */
    private int lineEnd(int start) {
        int end = start;
        while (bytes[end] != '\n') {
            end++;
        }
        return end + 1;
    }

    private static String idOf(byte[] bytes) {
        int end = 0;
        while (bytes[end] != '\n') {
            end++;
        }
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(Arrays.copyOf(bytes, end));
            return HexFormat.of().formatHex(hash, 0, 16);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Some lines of the segment; visited any number of times. */
    public final class Lines implements Batch {
        private final int from;
        private final int to;

        private Lines(int from, int to) {
            this.from = from;
            this.to = to;
        }

        @Override
        public String segmentId() {
            return id;
        }

        /** Where a pipeline stands after the last line. */
        public Position position() {
            return TestSegment.this.position(to);
        }

        @Override
        public void forEach(LineVisitor visitor) throws SinkException {
            Parser parser = new Parser(Limits.DEFAULT, "node-1");
            // The reader's buffer is used again: whoever keeps a part of it will see other bytes.
            byte[] buffer = Arrays.copyOfRange(bytes, from, to);
            for (int start = 0; start < buffer.length; ) {
                int end = lineEnd(from + start) - 1 - from;
                ParsedLine line = parser.parse(buffer, start, end);
                switch (line) {
                    case PolicyRecord r -> visitor.record(r, from + start);
                    case MalformedLine m -> visitor.malformed(m, from + start);
                }
                start = end + 1;
            }
            Arrays.fill(buffer, (byte) '!');
        }
    }
}
