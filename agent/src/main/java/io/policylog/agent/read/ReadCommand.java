package io.policylog.agent.read;

import io.policylog.parser.Printable;
import io.policylog.parser.ResourceLabels;
import io.policylog.parser.filter.FilterException;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code policylog read}: what {@code gcloud logging read} does, on the node's files. */
@Command(
        name = "read",
        description = "Shows the records of the log that a query selects, in the order of the log. Only reads: an agent"
                + " beside it is not disturbed.",
        sortOptions = false,
        footer = {
            "",
            "Examples:",
            "  policylog read 'jsonPayload.disposition=\"deny\"' --freshness 1h",
            "  policylog read 'disposition=deny dest.namespace=shop' --order desc --limit 20",
            "  policylog read --count-by disposition,src.workload_name,dest.workload_name,connection.dest_port",
            "  policylog read --follow disposition=deny",
            "  gcloud logging read 'log_id(\"policy-action\")' --format=json | policylog read --log -",
        })
public final class ReadCommand implements Callable<Integer> {
    private enum Order {
        asc,
        desc
    }

    private final Shell shell;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Parameters(
            arity = "0..1",
            paramLabel = "FILTER",
            description = "A query in the Logging query language, as Cloud Logging takes it. Default: every record.")
    private String filter = "";

    @Mixin
    private LogOptions log = new LogOptions();

    @Option(
            names = "--format",
            paramLabel = "FORMAT",
            description =
                    "table (the default), json (the normalized record), logentry (as Cloud Logging has it), or raw"
                            + " (the bytes as found).")
    private OutputKind format = OutputKind.table;

    @Option(
            names = "--wide",
            description = "Shows pods and node in the table too, and cuts nothing, nor in that of --count-by.")
    private boolean wide;

    @Option(names = "--limit", paramLabel = "N", description = "Shows at most so many records, or rows of --count-by.")
    private @Nullable Long limit;

    @Option(
            names = "--order",
            paramLabel = "asc|desc",
            description =
                    "asc: as they stand in the log, which is the oldest first (the default); entries that were exported as"
                            + " they stand in the file. desc: the newest first; needs --limit.")
    private Order order = Order.asc;

    @Option(
            names = {"-f", "--follow"},
            description = "Shows records as they are written, until it is interrupted. With --since or --freshness also"
                    + " those from then on. Follows the writer's files; entries that were exported are none.")
    private boolean follow;

    @Option(
            names = "--count-by",
            paramLabel = "FIELD,...",
            description = "Counts connections by the values of fields instead of showing them, such as"
                    + " disposition,dest.workload_name.")
    private @Nullable String countBy;

    /** For picocli. */
    public ReadCommand() {
        this(Shell.system());
    }

    ReadCommand(Shell shell) {
        this.shell = shell;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        PrintWriter err = spec.commandLine().getErr();
        Window window = log.window(shell);
        ResourceLabels labels = log.labels(shell);
        checkPairs();
        Selection selection = selection(labels);
        selection.warnings().forEach(warning -> err.println("policylog: " + Printable.of(warning)));
        err.flush();
        Progress progress = new Progress(err, shell.errIsTerminal(), shell.nanoTime());
        try (Output out = new Output(shell.out(), progress)) {
            boolean complete =
                    follow ? follow(selection, window, labels, out) : read(selection, window, labels, progress, out);
            return complete ? ExitCode.OK : ExitCode.SOFTWARE;
        } catch (OutputException e) {
            if (e.closed()) {
                return ExitCode.OK;
            }
            throw e;
        }
    }

    private boolean read(Selection selection, Window window, ResourceLabels labels, Progress progress, Output out)
            throws IOException {
        PrintWriter err = spec.commandLine().getErr();
        try (Inputs inputs = Inputs.of(log.paths(), shell.in(), window::mayBeIn)) {
            inputs.notes().forEach(note -> err.println("policylog: " + Printable.of(note)));
            progress.total(inputs.totalBytes());
            LogScan scan = new LogScan(labels, window, progress, out::flush, err);
            List<Input> list = inputs.list();
            scan.read(order == Order.desc ? list.reversed() : list, consumer(selection, labels, list, out));
            out.flush();
            scan.report();
            selection.report(err);
            err.flush();
            return !scan.failed();
        }
    }

    private boolean follow(Selection selection, Window window, ResourceLabels labels, Output out)
            throws IOException, InterruptedException {
        List<String> paths = log.paths();
        Follow follow =
                new Follow(paths.isEmpty() ? Inputs.DEFAULT_DIRECTORY.toString() : paths.getFirst(), shell.nanoTime());
        follow.run(
                selection,
                window,
                labels,
                new Formats(format, wide, shell),
                out,
                limit(),
                spec.commandLine().getErr());
        return true;
    }

    private RecordConsumer consumer(Selection selection, ResourceLabels labels, List<Input> inputs, Output out) {
        if (countBy != null) {
            return new Counts(selection, countFields(countBy), format, wide, shell, out, limit());
        }
        Formats formats = new Formats(format, wide, shell);
        return order == Order.desc
                ? new Newest(selection, formats, out, limit(), labels, inOrder(inputs))
                : new Printed(selection, formats, out, limit());
    }

    /** Whether these are the log of one directory: those of two overlap in time. */
    private boolean inOrder(List<Input> inputs) {
        return log.paths().size() <= 1 && inputs.stream().allMatch(Input::ordered);
    }

    private long limit() {
        return limit == null ? Long.MAX_VALUE : limit;
    }

    private Selection selection(ResourceLabels labels) {
        try {
            return new Selection(filter.strip(), labels, shell.time());
        } catch (FilterException e) {
            throw wrong("FILTER, " + e.getMessage());
        }
    }

    private List<CountField> countFields(String names) {
        try {
            return CountField.of(names);
        } catch (IllegalArgumentException e) {
            throw wrong("--count-by: " + e.getMessage());
        }
    }

    private void checkPairs() {
        if (limit != null && limit < 1) {
            throw wrong("--limit must be at least 1; found " + limit);
        }
        if (order == Order.desc && limit == null && countBy == null) {
            throw wrong("--order desc needs --limit: so many records are kept in memory to turn them round");
        }
        if (countBy != null) {
            countFields(countBy);
            if (follow) {
                throw wrong("--count-by counts to the end of the log, and with --follow it has none");
            }
            if (format == OutputKind.raw || format == OutputKind.logentry) {
                throw wrong("--count-by writes a table or json, not "
                        + format.name().toLowerCase(Locale.ROOT));
            }
        }
        if (follow && (order == Order.desc || log.hasUntil())) {
            throw wrong("--follow goes on as the log does: neither --order desc nor --until can be with it");
        }
        if (follow && (log.paths().size() > 1 || log.paths().contains("-"))) {
            throw wrong("--follow follows one log: the directory, or the active file, that --log names");
        }
    }

    private ParameterException wrong(String message) {
        return new ParameterException(spec.commandLine(), message);
    }
}
