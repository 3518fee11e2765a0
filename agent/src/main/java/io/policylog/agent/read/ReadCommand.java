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
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.ParameterException;

/** {@code policylog read}: what {@code gcloud logging read} does, on the node's files. */
public final class ReadCommand implements Callable<Integer> {
    private enum Order {
        asc,
        desc
    }

    private final Shell shell;

    private final PositionalParamSpec filter = PositionalParamSpec.builder()
            .arity("0..1")
            .paramLabel("FILTER")
            .type(String.class)
            .initialValue("")
            .description("A query in the Logging query language, as Cloud Logging takes it. Default: every record.")
            .build();

    private final OptionSpec format = OptionSpec.builder("--format")
            .paramLabel("FORMAT")
            .type(OutputKind.class)
            .initialValue(OutputKind.table)
            .description("table (the default), json (the normalized record), logentry (as Cloud Logging has it), or raw"
                    + " (the bytes as found).")
            .build();

    private final OptionSpec wide = flag("--wide")
            .description("Shows pods and node in the table too, and cuts nothing, nor in that of --count-by.")
            .build();

    private final OptionSpec limit = OptionSpec.builder("--limit")
            .paramLabel("N")
            .type(Long.class)
            .description("Shows at most so many records, or rows of --count-by.")
            .build();

    private final OptionSpec order = OptionSpec.builder("--order")
            .paramLabel("asc|desc")
            .type(Order.class)
            .initialValue(Order.asc)
            .description("asc: as they stand in the log, which is the oldest first (the default); entries that were"
                    + " exported as they stand in the file. desc: the newest first; needs --limit.")
            .build();

    private final OptionSpec follow = flag("-f", "--follow")
            .description("Shows records as they are written, until it is interrupted. With --since or --freshness also"
                    + " those from then on. Follows the writer's files; entries that were exported are none.")
            .build();

    private final OptionSpec countBy = OptionSpec.builder("--count-by")
            .paramLabel("FIELD,...")
            .type(String.class)
            .description("Counts connections by the values of fields instead of showing them, such as"
                    + " disposition,dest.workload_name.")
            .build();

    private final CommandSpec spec =
            CommandSpec.wrapWithoutInspection(this).name("read").addPositional(filter);

    private final LogOptions log = new LogOptions(spec);

    /** In the shell that it was started from. */
    public ReadCommand() {
        this(Shell.system());
    }

    ReadCommand(Shell shell) {
        this.shell = shell;
        spec.addOption(format)
                .addOption(wide)
                .addOption(limit)
                .addOption(order)
                .addOption(follow)
                .addOption(countBy);
        spec.usageMessage()
                .description(
                        "Shows the records of the log that a query selects, in the order of the log. Only reads: an"
                                + " agent beside it is not disturbed.")
                .sortOptions(false)
                .footer(
                        "",
                        "Examples:",
                        "  policylog read 'jsonPayload.disposition=\"deny\"' --freshness 1h",
                        "  policylog read 'disposition=deny dest.namespace=shop' --order desc --limit 20",
                        "  policylog read --count-by disposition,src.workload_name,dest.workload_name,connection.dest_port",
                        "  policylog read --follow disposition=deny",
                        "  policylog read --limit 9 -- '-disposition=allow'",
                        "  gcloud logging read 'log_id(\"policy-action\")' --format=json | policylog read --log -");
    }

    private static OptionSpec.Builder flag(String... names) {
        return OptionSpec.builder(names).type(boolean.class).initialValue(false);
    }

    /** As the command line has it. */
    public CommandSpec spec() {
        return spec;
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
                    follows() ? follow(selection, window, labels, out) : read(selection, window, labels, progress, out);
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
            scan.read(descending() ? list.reversed() : list, consumer(selection, labels, list, out));
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
                new Formats(format(), wide(), shell),
                out,
                limit(),
                spec.commandLine().getErr());
        return true;
    }

    private RecordConsumer consumer(Selection selection, ResourceLabels labels, List<Input> inputs, Output out) {
        @Nullable String countBy = this.countBy.getValue();
        if (countBy != null) {
            return new Counts(selection, countFields(countBy), format(), wide(), shell, out, limit());
        }
        Formats formats = new Formats(format(), wide(), shell);
        return descending()
                ? new Newest(selection, formats, out, limit(), labels, inOrder(inputs))
                : new Printed(selection, formats, out, limit());
    }

    /** Whether these are the log of one directory: those of two overlap in time. */
    private boolean inOrder(List<Input> inputs) {
        return log.paths().size() <= 1 && inputs.stream().allMatch(Input::ordered);
    }

    private OutputKind format() {
        return format.getValue();
    }

    private boolean wide() {
        return wide.getValue();
    }

    private boolean follows() {
        return follow.getValue();
    }

    private boolean descending() {
        return order.getValue() == Order.desc;
    }

    private long limit() {
        @Nullable Long given = limit.getValue();
        return given == null ? Long.MAX_VALUE : given;
    }

    private Selection selection(ResourceLabels labels) {
        String typed = filter.getValue();
        try {
            return new Selection(typed.strip(), labels, shell.time());
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
        @Nullable String countBy = this.countBy.getValue();
        if (limit() < 1) {
            throw wrong("--limit must be at least 1; found " + limit());
        }
        if (descending() && limit.getValue() == null && countBy == null) {
            throw wrong("--order desc needs --limit: so many records are kept in memory to turn them round");
        }
        if (countBy != null) {
            countFields(countBy);
            if (follows()) {
                throw wrong("--count-by counts to the end of the log, and with --follow it has none");
            }
            if (format() == OutputKind.raw || format() == OutputKind.logentry) {
                throw wrong("--count-by writes a table or json, not "
                        + format().name().toLowerCase(Locale.ROOT));
            }
        }
        if (follows() && (descending() || log.hasUntil())) {
            throw wrong("--follow goes on as the log does: neither --order desc nor --until can be with it");
        }
        if (follows() && (log.paths().size() > 1 || log.paths().contains(LogOptions.STDIN))) {
            throw wrong("--follow follows one log: the directory, or the active file, that --log names");
        }
    }

    private ParameterException wrong(String message) {
        return new ParameterException(spec.commandLine(), message);
    }
}
