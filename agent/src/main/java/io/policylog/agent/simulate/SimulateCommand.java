package io.policylog.agent.simulate;

import io.policylog.agent.logging.IoFailure;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code policylog simulate}: writes the log as a node does. */
@Command(
        name = "simulate",
        description = "Writes the policy log as a node does: same records, same folding, rotation, names and limits.",
        sortOptions = false,
        showDefaultValues = true,
        footer = {
            "",
            "Examples:",
            "  policylog simulate --directory /tmp/log --for 1m",
            "  policylog simulate --directory /tmp/log --rate 2000 --deny 0.5 --seed 7",
        })
public final class SimulateCommand implements Callable<Integer> {
    /** Lines are collected up to so many bytes with {@code --batch}. */
    private static final int BATCH_BYTES = 256 * 1024;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(
            names = "--directory",
            converter = Converters.ToPath.class,
            required = true,
            showDefaultValue = Help.Visibility.NEVER,
            paramLabel = "DIR",
            description = "Where the files are written; made if missing. Old backups in it are unlinked.")
    private Path directory = Path.of("");

    @Option(
            names = "--rate",
            converter = Converters.ToRate.class,
            paramLabel = "N|max",
            defaultValue = "100",
            description =
                    "Connection attempts a second; denied ones are folded, so fewer lines. max: as fast as possible,"
                            + " with timestamps as at 500 a second from --start on.")
    private double rate;

    @Option(
            names = "--seed",
            paramLabel = "S",
            defaultValue = "1",
            description = "Decides the cluster and its traffic. The same seed, start and options give the same bytes.")
    private long seed;

    @Option(
            names = "--start",
            converter = Converters.ToStart.class,
            paramLabel = "TIME",
            description =
                    "Time of the first records, such as 2026-01-01T00:00:00Z. Default: now, with --rate max that one.")
    private @Nullable Instant start;

    @Option(
            names = "--for",
            converter = Converters.ToDuration.class,
            paramLabel = "DURATION",
            description = "Ends after this time, such as 30s, 1m.")
    private @Nullable Duration duration;

    @Option(
            names = "--lines",
            paramLabel = "N",
            description = "Ends after exactly so many lines; those that --max-log-rate drops do not count.")
    private @Nullable Long lines;

    @Option(
            names = "--deny",
            converter = Converters.ToShare.class,
            paramLabel = "SHARE",
            defaultValue = "0.3",
            description = "Share of the attempts that is denied, 0 to 1.")
    private double deny;

    @Option(
            names = "--generation",
            converter = Converters.ToGeneration.class,
            paramLabel = "1|2|3|mixed",
            defaultValue = "3",
            description = "Generation of the writer: 2020, 2021, 2023 and later, or all.")
    private Generation generation = Generation.THIRD;

    @Option(
            names = "--node",
            paramLabel = "NAME",
            defaultValue = TrafficOptions.DEFAULT_NODE_NAME,
            description = "The node that writes; empty leaves node_name out.")
    private String node = "";

    @Option(
            names = "--max-log-rate",
            paramLabel = "N",
            description = "Lines above it in a second are dropped and counted; 0 is no limit."
                    + " Default: the node's 500; none with --lines or --rate max.")
    private @Nullable Integer maxLogRate;

    @Option(
            names = "--max-file-size",
            converter = Converters.ToBytes.class,
            paramLabel = "SIZE",
            defaultValue = "10MiB",
            description = "A line that would not fit goes to a new file.")
    private long maxFileBytes;

    @Option(
            names = "--max-backups",
            paramLabel = "N",
            defaultValue = "5",
            description = "Rotated files that are kept; 0 keeps all.")
    private int maxBackups;

    @Option(
            names = "--rotation",
            converter = Converters.ToRotation.class,
            paramLabel = "HOW",
            defaultValue = "writer",
            description = "The node's writer, or another rotator: ${COMPLETION-CANDIDATES}.")
    private Rotation rotation = Rotation.WRITER;

    @Option(names = "--gzip", description = "Compresses rotated files; not with --rotation writer.")
    private boolean gzip;

    @Option(
            names = "--batch",
            description = "Many lines with one write call, for speed; else one each, as the node does.")
    private boolean batch;

    @Option(
            names = "--malformed",
            converter = Converters.ToShare.class,
            paramLabel = "SHARE",
            defaultValue = "0",
            description = "Share of the lines that is damaged, in every way a reader must survive.")
    private double malformed;

    @Option(
            names = "--torn",
            converter = Converters.ToShare.class,
            paramLabel = "SHARE",
            defaultValue = "0",
            description = "Share of the lines written in two parts, 20 ms apart.")
    private double torn;

    /** For picocli. */
    public SimulateCommand() {}

    @Override
    public Integer call() throws Exception {
        boolean paced = Double.isFinite(rate);
        if (!paced && lines == null && duration == null) {
            throw wrong("--rate max fills the disk without --lines or --for: give one of them");
        }
        if (lines != null && lines < 0) {
            throw wrong("--lines must not be negative, found " + lines);
        }
        if (maxLogRate != null && maxLogRate < 0) {
            throw wrong("--max-log-rate must not be negative, found " + maxLogRate);
        }
        if (maxFileBytes < 1) {
            throw wrong("--max-file-size must be at least 1 byte, found " + maxFileBytes);
        }
        if (maxBackups < 0) {
            throw wrong("--max-backups must not be negative, found " + maxBackups);
        }
        if (gzip && rotation == Rotation.WRITER) {
            throw wrong("--gzip needs another --rotation than writer, which never compresses");
        }
        TrafficOptions trafficOptions = trafficOptions(paced);
        LogWriterOptions writerOptions =
                new LogWriterOptions(maxFileBytes, maxBackups, batch ? BATCH_BYTES : 0, rotation, gzip);
        Stop stop = new Stop();
        return stop.onTermination(() -> simulate(trafficOptions, writerOptions, paced, stop));
    }

    private int simulate(TrafficOptions trafficOptions, LogWriterOptions writerOptions, boolean paced, Stop stop) {
        PrintWriter err = spec.commandLine().getErr();
        TrafficGenerator traffic = new TrafficGenerator(trafficOptions);
        try {
            Files.createDirectories(directory);
        } catch (IOException e) {
            err.println("simulate: cannot make the directory: " + IoFailure.describe(e));
            return 1;
        }
        long startNanos = System.nanoTime();
        try (LogWriter log = new LogWriter(directory, writerOptions)) {
            err.println("simulate: writing to " + directory + ", seed " + seed + (paced ? ", Ctrl-C ends it" : ""));
            err.flush();
            new Simulation(
                            traffic,
                            log,
                            trafficOptions.start(),
                            paced,
                            lines == null ? Long.MAX_VALUE : lines,
                            duration == null ? Simulation.FOREVER : duration,
                            torn)
                    .run(stop);
            report(traffic.counts(), log.rotations(), System.nanoTime() - startNanos, err);
            return 0;
        } catch (IOException e) {
            err.println("simulate: cannot write the log after "
                    + traffic.counts().lines() + " lines: " + IoFailure.describe(e));
            return 1;
        } finally {
            err.flush();
        }
    }

    private TrafficOptions trafficOptions(boolean paced) {
        int defaultMaxLogRate = paced && lines == null ? TrafficOptions.DEFAULT_MAX_LINES_PER_SECOND : 0;
        TrafficOptions defaults = TrafficOptions.seeded(seed);
        return new TrafficOptions(
                seed,
                start != null ? start : paced ? Instant.now() : defaults.start(),
                paced ? rate : defaults.attemptsPerSecond(),
                deny,
                generation,
                node.isEmpty() ? null : node,
                maxLogRate == null ? defaultMaxLogRate : maxLogRate,
                malformed);
    }

    /** With the names the node's writer has for its own counters. */
    private static void report(TrafficCounts counts, long rotations, long nanos, PrintWriter err) {
        err.printf(
                Locale.ROOT,
                "simulate: %,d attempts, %,d lines (%,d malformed), %,d rotations in %.1f s%n",
                counts.attempts(),
                counts.lines(),
                counts.malformedLines(),
                rotations,
                nanos / 1e9);
        err.println("simulate: policy_logging_drop_count{reason=\"rate_limit\"} " + counts.rateLimitDrops());
        err.println(
                "simulate: policy_logging_drop_count{reason=\"aggregation_limit\"} " + counts.aggregationLimitDrops());
    }

    private ParameterException wrong(String message) {
        return new ParameterException(spec.commandLine(), message);
    }
}
