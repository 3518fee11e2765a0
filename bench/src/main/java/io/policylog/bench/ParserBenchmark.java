package io.policylog.bench;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.policylog.parser.Limits;
import io.policylog.parser.MalformedLine;
import io.policylog.parser.Parser;
import io.policylog.parser.PolicyRecord;
import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * The parser between its two neighbours: Jackson's streaming parser, which reads every field and keeps none, and the
 * search for the lines' ends, which nothing that reads lines can undercut. An operation is one pass over all lines.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 4, time = 1)
@Measurement(iterations = 6, time = 1)
@Fork(2)
public class ParserBenchmark {
    /** 16 MB and more: not in the processor's own caches, as bytes just read from a file are. */
    private static final int LINES = 25_000;

    static final VarHandle WORD = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    @Param({"NEWEST", "OLDER", "OTHER_ORDER", "ANY_ORDER"})
    public PolicyLines.Writer writer = PolicyLines.Writer.NEWEST;

    private byte[] bytes = {};
    private int[] starts = {};
    private final Parser parser = new Parser(Limits.DEFAULT, "gke-prod-1-default-pool-e8df3298-412p");
    private final JsonFactory jackson = new JsonFactory();

    /** Beside the passes a second: the bytes and the lines of the input. */
    @State(Scope.Thread)
    @AuxCounters(AuxCounters.Type.OPERATIONS)
    public static class Input {
        public double megabytes;
        public double records;
    }

    @Setup
    public void makeLines() {
        PolicyLines lines = new PolicyLines(writer, LINES, 42);
        bytes = lines.bytes();
        starts = lines.starts();
    }

    @Benchmark
    public long parse(Input input) {
        long sum = 0;
        for (int i = 0; i < LINES; i++) {
            sum += record(i).count();
        }
        return count(input, sum);
    }

    @Benchmark
    public long parseAndNormalize(Input input) {
        long sum = 0;
        for (int i = 0; i < LINES; i++) {
            PolicyRecord record = record(i);
            sum += record.json()[record.jsonOffset()] + record.jsonLength();
        }
        return count(input, sum);
    }

    @Benchmark
    public long jacksonStreaming(Input input) throws IOException {
        long sum = 0;
        for (int i = 0; i < LINES; i++) {
            try (JsonParser json = jackson.createParser(bytes, starts[i], starts[i + 1] - starts[i])) {
                for (JsonToken token = json.nextToken(); token != null; token = json.nextToken()) {
                    sum += switch (token) {
                        case FIELD_NAME -> json.currentName().length();
                        case VALUE_STRING -> json.getTextCharacters()[json.getTextOffset()] + json.getTextLength();
                        case VALUE_NUMBER_INT -> json.getLongValue();
                        default -> 1;
                    };
                }
            }
        }
        return count(input, sum);
    }

    @Benchmark
    public long newlines(Input input) {
        long ones = 0x0101010101010101L;
        long lines = 0;
        for (int at = 0; at + Long.BYTES <= bytes.length; at += Long.BYTES) {
            long word = (long) WORD.get(bytes, at) ^ '\n' * ones;
            lines += Long.bitCount((word - ones) & ~word & 0x80 * ones);
        }
        return count(input, lines);
    }

    private PolicyRecord record(int line) {
        return switch (parser.parse(bytes, starts[line], starts[line + 1] - 1)) {
            case PolicyRecord record -> record;
            case MalformedLine malformed ->
                throw new IllegalStateException(malformed.reason().label());
        };
    }

    private long count(Input input, long result) {
        input.megabytes += bytes.length / 1e6;
        input.records += LINES;
        return result;
    }
}
