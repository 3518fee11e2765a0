package io.policylog.sinks.stdout;

import io.micrometer.core.instrument.Counter;
import io.policylog.parser.format.RecordFormat;
import io.policylog.parser.format.TableOptions;
import io.policylog.sinks.NodeIdentity;
import io.policylog.sinks.OptionProblem;
import io.policylog.sinks.PositionFile;
import io.policylog.sinks.Sink;
import io.policylog.sinks.SinkContext;
import io.policylog.sinks.SinkFactory;
import io.policylog.sinks.SinkOption;
import io.policylog.sinks.SinkOptions;
import io.policylog.sinks.Terminal;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Sinks that write records to the process's standard output, and malformed lines to its standard error. */
public final class StdoutSinkFactory implements SinkFactory {
    private static final Logger LOG = LoggerFactory.getLogger(StdoutSinkFactory.class);

    private static final String FORMAT = "format";

    private final OutputStream out;
    private final Path file;
    private final OutputStream err;
    private final boolean terminal;
    private final boolean colour;

    /** For the {@link java.util.ServiceLoader}. */
    public StdoutSinkFactory() {
        // Not System.out: a PrintStream hides errors.
        this(
                new FileOutputStream(FileDescriptor.out),
                Path.of("/proc/self/fd/1"),
                new FileOutputStream(FileDescriptor.err),
                Terminal.isStandardOutput(),
                System.getenv().getOrDefault("NO_COLOR", "").isEmpty());
    }

    /**
     * @param file leads to the same as {@code out}, where it is a file
     * @param terminal whether {@code out} is a terminal, which must not be given the log's bytes as they are
     * @param colour whether a terminal may be given colours (no-color.org)
     */
    StdoutSinkFactory(OutputStream out, Path file, OutputStream err, boolean terminal, boolean colour) {
        this.out = out;
        this.file = file;
        this.err = err;
        this.terminal = terminal;
        this.colour = colour;
    }

    @Override
    public String type() {
        return "stdout";
    }

    @Override
    public List<SinkOption> options() {
        return List.of(
                SinkOption.choice(
                        FORMAT,
                        List.of("json", "table", "logentry", "raw"),
                        "json",
                        "How a record is written: normalized, in columns, as a Cloud Logging LogEntry, or the bytes as found."));
    }

    @Override
    public List<OptionProblem> check(SinkOptions options, NodeIdentity node) {
        return List.of();
    }

    @Override
    public Sink create(SinkOptions options, SinkContext context) {
        if (context.positionFile().isEmpty()) {
            LOG.warn(
                    "sink {}: no state directory, so there is no position: after a restart the log is written again"
                            + " from startAt",
                    context.name());
        }
        Counter suppressed = Counter.builder("policylog.stdout.suppressed.lines")
                .description("Malformed lines that were not shown on the standard error.")
                .tag("pipeline", context.name())
                .register(context.meterRegistry());
        return new StdoutSink(
                out,
                () -> endsInMidLine(file),
                format(options.text(FORMAT), context.node()),
                new MalformedLines(context.name(), err, context.clock(), suppressed),
                context.positionFile().map(PositionFile::new),
                context.clock());
    }

    /** Of what is no file, or may not be read, nothing is known. */
    private static boolean endsInMidLine(Path file) {
        if (!Files.isRegularFile(file)) {
            return false;
        }
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            ByteBuffer last = ByteBuffer.allocate(1);
            return channel.size() > 0 && channel.read(last, channel.size() - 1) == 1 && last.get(0) != '\n';
        } catch (IOException e) {
            return false;
        }
    }

    private RecordFormat format(String name, NodeIdentity node) {
        return switch (name) {
            case "json" -> json(RecordFormat.json());
            case "table" -> RecordFormat.table(new TableOptions(terminal && colour, 0, false, false));
            case "logentry" -> json(RecordFormat.logEntry(node.labels()));
            case "raw" -> terminal ? RecordFormat.printable() : RecordFormat.raw();
            default -> throw new IllegalArgumentException("format: " + name);
        };
    }

    private RecordFormat json(RecordFormat format) {
        return terminal ? RecordFormat.escaped(format) : format;
    }
}
