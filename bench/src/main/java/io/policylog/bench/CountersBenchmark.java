package io.policylog.bench;

import io.policylog.parser.Field;
import io.policylog.parser.MalformedLine;
import io.policylog.parser.PolicyRecord;
import io.policylog.sinks.LineVisitor;
import io.policylog.sinks.NodeIdentity;
import io.policylog.sinks.Sink;
import io.policylog.sinks.SinkContext;
import io.policylog.sinks.SinkException;
import io.policylog.sinks.SinkOptions;
import io.policylog.sinks.prometheus.PrometheusExposition;
import io.policylog.sinks.prometheus.PrometheusSinkFactory;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
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
 * From the bytes of the log to counters with the default labels, between its two neighbours: parsing alone, and the
 * plain way to count, a map from label values as strings. An operation is one pass over all lines.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 4, time = 1)
@Measurement(iterations = 6, time = 1)
@Fork(2)
public class CountersBenchmark {
    private static final int LINES = 25_000;
    private static final List<Field> FIELDS = List.of(
            Field.DISPOSITION,
            Field.DIRECTION,
            Field.PROTOCOL,
            Field.SRC_NAMESPACE,
            Field.SRC_WORKLOAD_NAME,
            Field.DEST_NAMESPACE,
            Field.DEST_WORKLOAD_NAME,
            Field.DEST_PORT);

    @Param({"500", "8000"})
    public int conversations = 500;

    private Conversations log = new Conversations(1, 1, 1);
    private Sink sink = sink(10_000, Optional.empty(), new PrometheusExposition());
    private final Map<List<String>, long[]> map = new HashMap<>();

    /** Beside the passes a second: the bytes and the lines of the input. */
    @State(Scope.Thread)
    @AuxCounters(AuxCounters.Type.OPERATIONS)
    public static class Input {
        public double megabytes;
        public double records;
    }

    static Sink sink(long maxSeries, Optional<java.nio.file.Path> file, PrometheusExposition exposition) {
        return new PrometheusSinkFactory()
                .create(
                        new SinkOptions(Map.of(
                                "metric",
                                "network_policy_connections_total",
                                "labels",
                                List.of(
                                        "disposition",
                                        "direction",
                                        "protocol",
                                        "src_namespace",
                                        "src_workload",
                                        "dest_namespace",
                                        "dest_workload",
                                        "dest_port"),
                                "maxSeries",
                                maxSeries)),
                        new SinkContext(
                                "prometheus",
                                new NodeIdentity("node", Optional.empty(), Optional.empty(), Optional.empty()),
                                file,
                                exposition.meterRegistry(),
                                Clock.systemUTC(),
                                maxWait -> true));
    }

    @Setup
    public void makeLog() {
        log = new Conversations(conversations, LINES, 42);
    }

    @Benchmark
    public Object counters(Input input) throws SinkException {
        sink.write(log);
        return count(input, sink);
    }

    @Benchmark
    public Object parseOnly(Input input) throws SinkException {
        long[] sum = new long[1];
        log.forEach(new LineVisitor() {
            @Override
            public void record(PolicyRecord record, long offset) {
                sum[0] += record.count();
            }

            @Override
            public void malformed(MalformedLine line, long offset) {
                throw new IllegalStateException(line.reason().label());
            }
        });
        return count(input, sum);
    }

    @Benchmark
    public Object mapOfStrings(Input input) throws SinkException {
        log.forEach(new LineVisitor() {
            @Override
            public void record(PolicyRecord record, long offset) {
                List<String> labels = new ArrayList<>(FIELDS.size());
                for (Field field : FIELDS) {
                    String text = record.text(field);
                    labels.add(text == null ? "" : text);
                }
                map.computeIfAbsent(labels, key -> new long[1])[0] += record.count();
            }

            @Override
            public void malformed(MalformedLine line, long offset) {
                throw new IllegalStateException(line.reason().label());
            }
        });
        return count(input, map);
    }

    private interface Pass {
        Object run(CountersBenchmark benchmark, Input input) throws SinkException;
    }

    /** The same by processor time, in turn, for a machine with other work to do; each way is warmed up by itself. */
    public static void main(String[] arguments) throws SinkException {
        for (int conversations : arguments.length > 0
                ? Arrays.stream(arguments).mapToInt(Integer::parseInt).toArray()
                : new int[] {500, 8_000}) {
            CountersBenchmark benchmark = new CountersBenchmark();
            benchmark.conversations = conversations;
            benchmark.makeLog();
            Map<String, Pass> passes = new LinkedHashMap<>();
            passes.put("counters", CountersBenchmark::counters);
            passes.put("parse only", CountersBenchmark::parseOnly);
            passes.put("map of strings", CountersBenchmark::mapOfStrings);
            Map<String, double[]> rates = new LinkedHashMap<>();
            for (int round = -40; round < 100; round++) {
                for (Map.Entry<String, Pass> pass : passes.entrySet()) {
                    double rate = megabytesPerProcessorSecond(benchmark, pass.getValue());
                    if (round >= 0) {
                        rates.computeIfAbsent(pass.getKey(), name -> new double[100])[round] = rate;
                    }
                }
            }
            rates.forEach((name, values) -> {
                Arrays.sort(values);
                System.out.printf(
                        Locale.ROOT,
                        "%5d conversations, %-14s %5.0f MB/s (quartiles %.0f and %.0f)%n",
                        conversations,
                        name,
                        values[50],
                        values[25],
                        values[75]);
            });
        }
    }

    private static double megabytesPerProcessorSecond(CountersBenchmark benchmark, Pass pass) throws SinkException {
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        Input input = new Input();
        long before = threads.getCurrentThreadCpuTime();
        Object result = pass.run(benchmark, input);
        long nanos = threads.getCurrentThreadCpuTime() - before;
        return result == null ? 0 : input.megabytes * 1e9 / nanos;
    }

    private Object count(Input input, Object result) {
        input.megabytes += log.length() / 1e6;
        input.records += log.lines();
        return result;
    }
}
