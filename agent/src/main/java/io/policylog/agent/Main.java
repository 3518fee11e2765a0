package io.policylog.agent;

import io.policylog.agent.config.ConfigurationException;
import io.policylog.agent.config.Problem;
import io.policylog.agent.logging.IoFailure;
import io.policylog.agent.read.ExplainCommand;
import io.policylog.agent.read.ReadCommand;
import io.policylog.agent.simulate.DemoCommand;
import io.policylog.agent.simulate.SimulateCommand;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;

/**
 * The command line. A command ends with 0 when it is done, 1 when it failed while running, 2 for wrong usage or
 * configuration. Checked exceptions carry a message for the user; any other is a defect and shown with its stack.
 *
 * <p>The commands that people wait for describe themselves to picocli in code instead of annotations, whose proxies no AOT
 * cache holds: making them took a fifth of each start, and half beside other work (see "Reading from a shell" in bench/README.md).
 */
public final class Main implements Runnable {
    /** Asks its parent for all others. */
    private static final String COMPLETION = "completion";

    /** A termination message of Kubernetes holds 2 KiB from the end of what was said. */
    private static final int MANY_PROBLEMS = 8;

    /** In the order of the help. */
    private static final Map<String, Supplier<Object>> COMMANDS = commands();

    private final CommandSpec spec = CommandSpec.wrapWithoutInspection(this)
            .name("policylog")
            .addOption(OptionSpec.builder("-h", "--help")
                    .type(boolean.class)
                    .usageHelp(true)
                    .scopeType(ScopeType.INHERIT)
                    .description("Says what a command does, and exits.")
                    .build());

    Main() {
        spec.usageMessage()
                .description("Ships Kubernetes network policy logs from the node: nothing lost, nothing twice.")
                .synopsisSubcommandLabel("COMMAND")
                .footer(
                        "",
                        "Exit codes: 0 done, 1 failed while running, 2 wrong usage or configuration.",
                        "",
                        "Examples:",
                        "  policylog validate --config policylog.yaml",
                        "  policylog COMMAND --help");
    }

    /** Runs one command. */
    public static void main(String[] args) {
        String[] arguments = Arguments.of(args);
        StandardOutput out = new StandardOutput(new FileOutputStream(FileDescriptor.out));
        System.setOut(new PrintStream(out, false, System.out.charset()));
        int exitCode = commandLine(arguments).execute(arguments);
        System.out.flush();
        System.exit(exitCode == ExitCode.OK && out.failed(System.err) ? ExitCode.SOFTWARE : exitCode);
    }

    /** With every command. */
    static CommandLine allCommands() {
        CommandLine commandLine = alone();
        COMMANDS.forEach((name, make) -> commandLine.addSubcommand(name, make.get()));
        return commandLine;
    }

    /** With the command that the arguments begin with alone, if they do: each other would cost time at every start. */
    static CommandLine commandLine(String... args) {
        @Nullable Supplier<Object> only = args.length == 0 || args[0].equals(COMPLETION) ? null : COMMANDS.get(args[0]);
        return only == null ? allCommands() : alone().addSubcommand(args[0], only.get());
    }

    private static CommandLine alone() {
        return new CommandLine(new Main().spec)
                .setParameterExceptionHandler(new WrongUsage())
                .setExecutionExceptionHandler((e, failed, parsed) -> report(e, failed.getErr()));
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "policylog needs a command");
    }

    private static Map<String, Supplier<Object>> commands() {
        Map<String, Supplier<Object>> commands = new LinkedHashMap<>();
        commands.put("run", () -> new RunCommand().spec());
        commands.put("read", () -> new ReadCommand().spec());
        commands.put("explain", () -> new ExplainCommand().spec());
        commands.put("validate", () -> new ValidateCommand().spec());
        commands.put("demo", () -> new DemoCommand(DemoAgent::start));
        commands.put("position", () -> new PositionCommand().spec());
        commands.put("state", () -> new StateCommand().spec());
        commands.put("simulate", SimulateCommand::new);
        commands.put(COMPLETION, () -> new CompletionCommand().spec());
        commands.put("version", () -> new VersionCommand().spec());
        return Collections.unmodifiableMap(commands);
    }

    private static int report(Exception e, PrintWriter err) {
        switch (e) {
            case ConfigurationException wrong -> {
                List<Problem> problems = wrong.problems();
                problems.stream().map(Problem::toString).forEach(err::println);
                if (problems.size() > MANY_PROBLEMS) {
                    // Who reads only the end, as in the termination message of a pod, must know that there is more.
                    err.println("policylog: " + problems.size() + " problems in all, of which the first: "
                            + problems.getFirst());
                }
                return ExitCode.USAGE;
            }
            case RuntimeException defect -> defect.printStackTrace(err);
            case IOException failure -> err.println("policylog: " + IoFailure.describe(failure));
            default -> err.println("policylog: " + e.getMessage());
        }
        return ExitCode.SOFTWARE;
    }
}
