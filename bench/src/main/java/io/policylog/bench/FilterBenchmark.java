package io.policylog.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.policylog.parser.EntryMetadata;
import io.policylog.parser.Limits;
import io.policylog.parser.MalformedLine;
import io.policylog.parser.Parser;
import io.policylog.parser.PolicyRecord;
import io.policylog.parser.ResourceLabels;
import io.policylog.parser.filter.Filter;
import io.policylog.parser.filter.FilterContext;
import io.policylog.parser.filter.FilterException;
import io.policylog.parser.filter.Verdict;
import java.io.ByteArrayOutputStream;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
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
 * What a filter costs on top of parsing and normalizing. An operation is one pass over all lines: each is parsed, tested,
 * and normalized whatever the filter says, so that a selective filter does not look cheaper than it is.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 4, time = 1)
@Measurement(iterations = 6, time = 1)
@Fork(2)
public class FilterBenchmark {
    private static final int LINES = 25_000;
    private static final int NAMES = 1_000;
    private static final Pattern POD_NAME = Pattern.compile("\"pod_name\":\"[^\"]*\"");

    /** The queries, and none. */
    public enum Query {
        NONE(""),
        THREE_COMPARISONS("jsonPayload.disposition=\"deny\" OR jsonPayload.connection.dest_port=443"
                + " OR jsonPayload.dest.namespace:\"shop\""),
        REGEX("jsonPayload.dest.pod_name=~\"^service-(cart|mail)-[0-9]+-.*x$\""),
        ADDRESS("ip_in_net(jsonPayload.connection.src_ip, \"10.84.0.0/16\")"),
        UNKNOWN_KEY("jsonPayload.dest.labels.app=\"cart\""),
        ANYWHERE("\"no such text\"");

        private final String text;

        Query(String text) {
            this.text = text;
        }
    }

    @Param
    public Query query = Query.NONE;

    private byte[] bytes = {};
    private final int[] starts = new int[LINES + 1];
    private final Parser parser = new Parser(Limits.DEFAULT, "gke-prod-1-default-pool-e8df3298-412p");
    private Filter filter;

    public FilterBenchmark() {
        filter = compile("");
    }

    @Setup
    public void makeLines() {
        PolicyLines lines = new PolicyLines(PolicyLines.Writer.NEWEST, LINES, 42);
        Random random = new Random(43);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (int i = 0; i < LINES; i++) {
            String line =
                    new String(lines.bytes(), lines.starts()[i], lines.starts()[i + 1] - lines.starts()[i], UTF_8);
            out.writeBytes(POD_NAME.matcher(line)
                    .replaceAll(name -> podName(random.nextInt(NAMES)))
                    .getBytes(UTF_8));
            starts[i + 1] = out.size();
        }
        bytes = out.toByteArray();
        filter = compile(query.text);
    }

    private static String podName(int number) {
        String service = number % 3 == 0 ? "cart" : number % 3 == 1 ? "mail" : "checkout";
        return "\"pod_name\":\"service-" + service + '-' + number + "-7b78d7c957-zkn" + (char) ('p' + number % 11)
                + '"';
    }

    @Benchmark
    public long parseTestAndNormalize() {
        long sum = 0;
        for (int i = 0; i < LINES; i++) {
            PolicyRecord record = record(i);
            sum += filter.test(record, EntryMetadata.UNKNOWN) == Verdict.TRUE ? 1 : 0;
            sum += record.json()[record.jsonOffset()] + record.jsonLength();
        }
        return sum;
    }

    /**
     * For a machine that is not quiet: runs passes with and without the query in turn, and compares the processor time
     * of this thread, which others cannot take. One query a run, as an agent has it: its calls stay easy to predict.
     *
     * @param arguments the name of a {@link Query}
     */
    public static void main(String[] arguments) {
        FilterBenchmark without = new FilterBenchmark();
        without.makeLines();
        FilterBenchmark with = new FilterBenchmark();
        with.query = Query.valueOf(arguments[0]);
        with.makeLines();
        double[] ratios = new double[200];
        for (int i = -100; i < ratios.length; i++) {
            double ratio = (double) processorNanos(with) / processorNanos(without);
            if (i >= 0) {
                ratios[i] = ratio;
            }
        }
        Arrays.sort(ratios);
        System.out.printf(
                "%-20s x%.3f of parse and normalize (quartiles %.3f and %.3f, n=%d)%n",
                with.query,
                ratios[ratios.length / 2],
                ratios[ratios.length / 4],
                ratios[ratios.length * 3 / 4],
                ratios.length);
    }

    private static long processorNanos(FilterBenchmark benchmark) {
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadCpuTime();
        if (benchmark.parseTestAndNormalize() < 0) {
            throw new IllegalStateException("a sum of sizes below zero");
        }
        return threads.getCurrentThreadCpuTime() - before;
    }

    private PolicyRecord record(int line) {
        return switch (parser.parse(bytes, starts[line], starts[line + 1] - 1)) {
            case PolicyRecord record -> record;
            case MalformedLine malformed ->
                throw new IllegalStateException(malformed.reason().label());
        };
    }

    private static Filter compile(String query) {
        try {
            return Filter.compile(query, FilterContext.forReading(ResourceLabels.UNKNOWN, InstantSource.system()));
        } catch (FilterException e) {
            throw new IllegalStateException(e);
        }
    }
}
