package io.policylog.agent;

import io.policylog.agent.config.ConfigurationException;
import io.policylog.agent.config.Problem;
import io.policylog.agent.read.ExplainCommand;
import io.policylog.agent.read.ReadCommand;
import io.policylog.agent.simulate.DemoCommand;
import io.policylog.agent.simulate.SimulateCommand;
import java.io.PrintWriter;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/**
 * The command line. A command ends with 0 when it is done, 1 when it failed while running, 2 for wrong usage or
 * configuration. Checked exceptions carry a message for the user; any other is a defect and shown with its stack.
 */
@Command(
        name = "policylog",
        description = "Ships Kubernetes network policy logs from the node: nothing lost, nothing twice.",
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            RunCommand.class, //
            ReadCommand.class, //
            ExplainCommand.class, //
            ValidateCommand.class, //
            SimulateCommand.class, //
            CompletionCommand.class, //
            VersionCommand.class, //
        },
        footer = {
            "",
            "Exit codes: 0 done, 1 failed while running, 2 wrong usage or configuration.",
            "",
            "Examples:",
            "  policylog validate --config policylog.yaml",
            "  policylog COMMAND --help",
        })
public final class Main implements Runnable {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            scope = ScopeType.INHERIT,
            description = "Says what a command does, and exits.")
    @SuppressWarnings("UnusedVariable") // picocli acts on it
    private boolean help;

    Main() {}

    /** Runs one command. */
    public static void main(String[] args) {
        System.exit(commandLine().execute(args));
    }

    static CommandLine commandLine() {
        return new CommandLine(new Main())
                .addSubcommand(new DemoCommand(DemoAgent::start))
                .setExecutionExceptionHandler((e, commandLine, parsed) -> report(e, commandLine.getErr()));
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "policylog needs a command");
    }

    private static int report(Exception e, PrintWriter err) {
        switch (e) {
            case ConfigurationException wrong -> {
                wrong.problems().stream().map(Problem::toString).forEach(err::println);
                return ExitCode.USAGE;
            }
            case RuntimeException defect -> defect.printStackTrace(err);
            default -> err.println("policylog: " + e.getMessage());
        }
        return ExitCode.SOFTWARE;
    }
}
