package io.policylog.agent.read;

import io.policylog.parser.Printable;
import io.policylog.parser.ResourceLabels;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.ParameterException;

/** {@code policylog explain}: what the log says about connections between two ends. */
public final class ExplainCommand implements Callable<Integer> {
    /** There is no record of such a connection. */
    static final int NOTHING_FOUND = 3;

    /** {@code name:80} and {@code [2001:db8::1]:80}; an address with colons and without brackets has no port. */
    private static final Pattern WITH_PORT = Pattern.compile("(?:\\[(.+)]|([^:\\[]+)):([^:]*)");

    private static final Pattern PORT = Pattern.compile("[0-9]{1,5}");

    private static final Pattern BRACKETED = Pattern.compile("\\[(.+)]");
    private static final int MAX_PORT = 65_535;

    private final Shell shell;

    private final PositionalParamSpec source = PositionalParamSpec.builder()
            .index("0")
            .required(true)
            .paramLabel("SRC")
            .type(String.class)
            .description("A pod, a workload (both with or without namespace/ before them), a node, or an address.")
            .build();

    private final PositionalParamSpec destination = PositionalParamSpec.builder()
            .index("1")
            .required(true)
            .paramLabel("DEST[:PORT]")
            .type(String.class)
            .description("The same, and the port if only that one is meant.")
            .build();

    private final CommandSpec spec = CommandSpec.wrapWithoutInspection(this)
            .name("explain")
            .addPositional(source)
            .addPositional(destination);

    private final LogOptions log = new LogOptions(spec);

    /** In the shell that it was started from. */
    public ExplainCommand() {
        this(Shell.system());
    }

    ExplainCommand(Shell shell) {
        this.shell = shell;
        spec.usageMessage()
                .description("Says whether connections from one end to another were allowed, by which policies, or"
                        + " denied, how often, when, and where that was decided. Exits with 3 when the log shows none, and"
                        + " says why that may be.")
                .sortOptions(false)
                .footer(
                        "",
                        "Examples:",
                        "  policylog explain shop/frontend shop/redis-cart:6379",
                        "  policylog explain rogue-7d9c5b8f6d-x2x4k redis-cart --freshness 1h",
                        "  policylog explain 203.0.113.7 shop/frontend",
                        "  policylog explain debug-shell '[2001:db8::1]:443' --log /tmp/log");
    }

    /** As the command line has it. */
    public CommandSpec spec() {
        return spec;
    }

    @Override
    public Integer call() throws IOException {
        PrintWriter err = spec.commandLine().getErr();
        Window window = log.window(shell);
        Explanation explanation = explanation(window);
        ResourceLabels labels = log.labels(shell);
        Progress progress = new Progress(err, shell.errIsTerminal(), shell.nanoTime());
        try (Inputs inputs = Inputs.of(log.paths(), shell.in(), window::mayBeIn);
                Output out = new Output(shell.out(), progress)) {
            inputs.notes().forEach(note -> err.println("policylog: " + Printable.of(note)));
            progress.total(inputs.totalBytes());
            LogScan scan = new LogScan(labels, window, progress, out::flush, err);
            scan.read(inputs.list(), explanation);
            scan.report();
            PrintWriter text = new PrintWriter(new OutputStreamWriter(out, StandardCharsets.UTF_8));
            explanation.print(text);
            text.flush();
            if (!explanation.found()) {
                explanation.hint(err, scan.failed());
            }
            err.flush();
            return scan.failed() ? ExitCode.SOFTWARE : explanation.found() ? ExitCode.OK : NOTHING_FOUND;
        } catch (OutputException e) {
            if (e.closed()) {
                return ExitCode.OK;
            }
            throw e;
        }
    }

    private Explanation explanation(Window window) {
        boolean timed = window.since().isPresent() || window.until().isPresent();
        String destination = this.destination.getValue();
        Matcher withPort = WITH_PORT.matcher(destination);
        if (withPort.matches()) {
            String name = withPort.group(1) == null ? withPort.group(2) : withPort.group(1);
            return new Explanation(peer("SRC", source.getValue()), peer("DEST", name), port(withPort.group(3)), timed);
        }
        Matcher bracketed = BRACKETED.matcher(destination);
        String name = bracketed.matches() ? bracketed.group(1) : destination;
        return new Explanation(peer("SRC", source.getValue()), peer("DEST", name), 0, timed);
    }

    private int port(String typed) {
        int port = PORT.matcher(typed).matches() ? Integer.parseInt(typed) : 0;
        if (port < 1 || port > MAX_PORT) {
            throw new ParameterException(
                    spec.commandLine(), "the port must be from 1 to " + MAX_PORT + "; found '" + typed + "'");
        }
        return port;
    }

    private Peer peer(String parameter, String typed) {
        try {
            return Peer.of(typed);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), parameter + " " + e.getMessage(), e);
        }
    }
}
