package io.policylog.sinks.stdout;

import io.micrometer.core.instrument.Counter;
import io.policylog.sinks.NodeIdentity;
import io.policylog.sinks.OptionProblem;
import io.policylog.sinks.PositionFile;
import io.policylog.sinks.Sink;
import io.policylog.sinks.SinkContext;
import io.policylog.sinks.SinkFactory;
import io.policylog.sinks.SinkOption;
import io.policylog.sinks.SinkOptions;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.OutputStream;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Sinks that write records to the process's standard output, and malformed lines to its standard error. */
public final class StdoutSinkFactory implements SinkFactory {
    private static final Logger LOG = LoggerFactory.getLogger(StdoutSinkFactory.class);

    private static final String FORMAT = "format";

    private final OutputStream out;
    private final OutputStream err;

    /** For the {@link java.util.ServiceLoader}. */
    public StdoutSinkFactory() {
        // Not System.out: a PrintStream hides errors.
        this(new FileOutputStream(FileDescriptor.out), new FileOutputStream(FileDescriptor.err));
    }

    StdoutSinkFactory(OutputStream out, OutputStream err) {
        this.out = out;
        this.err = err;
    }

    @Override
    public String type() {
        return "stdout";
    }

    @Override
    public List<SinkOption> options() {
        return List.of(SinkOption.choice(FORMAT, List.of("json"), "json", "How a record is written."));
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
                new MalformedLines(context.name(), err, context.clock(), suppressed),
                context.positionFile().map(PositionFile::new));
    }
}
