package io.policylog.bench;

import io.policylog.sinks.Position;
import io.policylog.sinks.Sink;
import io.policylog.sinks.SinkException;
import io.policylog.sinks.prometheus.PrometheusExposition;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What a scrape of 10,000 series (half connections, half matches) costs: the commit, which the pipeline stands still for, the rendering, which it does not,
 * and, to compare with, writing and syncing a file of the same size.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 4, time = 1)
@Measurement(iterations = 6, time = 1)
@Fork(1)
public class ScrapeBenchmark {
    private static final int SERIES = 5_000;

    private final PrometheusExposition exposition = new PrometheusExposition();
    private Path directory = Path.of(".");
    private Sink sink = CountersBenchmark.sink(1, Optional.empty(), new PrometheusExposition());
    private Conversations log = new Conversations(1, 1, 1);
    private byte[] file = {};
    private long offset;

    @Setup
    public void count() throws IOException, SinkException {
        directory = Files.createTempDirectory("policylog-bench");
        sink = CountersBenchmark.sink(SERIES, Optional.of(directory.resolve("prometheus")), exposition);
        sink.open();
        log = new Conversations(SERIES * 12, SERIES * 12, 42);
        sink.write(log);
        commit();
        file = Files.readAllBytes(directory.resolve("prometheus"));
        System.out.println(file.length + " bytes of snapshot, " + render().size() + " of scrape, "
                + render().toString(java.nio.charset.StandardCharsets.UTF_8)
                        .lines()
                        .filter(l -> l.startsWith("policylog_series"))
                        .toList());
    }

    @TearDown
    public void remove() throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path path : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }

    @Benchmark
    public void commit() throws SinkException {
        sink.commit(new Position("00c0ffee", 1, log.segmentId(), ++offset, 0, List.of(), List.of()));
    }

    @Benchmark
    public ByteArrayOutputStream render() throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream(4 << 20);
        exposition.write(null, out);
        return out;
    }

    @Benchmark
    public ByteArrayOutputStream commitAndRender() throws IOException, SinkException {
        commit();
        return render();
    }

    @Benchmark
    public void fileOfThatSize() throws IOException {
        try (var channel = java.nio.channels.FileChannel.open(
                directory.resolve("probe"),
                java.nio.file.StandardOpenOption.CREATE,
                java.nio.file.StandardOpenOption.WRITE,
                java.nio.file.StandardOpenOption.TRUNCATE_EXISTING)) {
            channel.write(java.nio.ByteBuffer.wrap(file));
            channel.force(true);
        }
    }
}
