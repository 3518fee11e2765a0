package io.policylog.agent;

import io.policylog.agent.config.ConfigurationException;
import io.policylog.agent.segments.StateDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/** {@code policylog state}: what the agent keeps on the node. */
final class StateCommand implements Runnable {
    private final CommandSpec spec =
            CommandSpec.wrapWithoutInspection(this).name("state").addSubcommand("purge", new PurgeCommand().spec);

    StateCommand() {
        spec.usageMessage()
                .description("What the agent keeps on the node.")
                .synopsisSubcommandLabel("COMMAND")
                .footer("", "Example:", "  policylog state purge --config policylog.yaml");
    }

    /** As the command line has it. */
    CommandSpec spec() {
        return spec;
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "policylog state needs a command");
    }

    private static final class PurgeCommand implements Callable<Integer> {
        private final ConfigurationOptions options = new ConfigurationOptions();
        private final CommandSpec spec = CommandSpec.wrapWithoutInspection(this).name("purge");

        PurgeCommand() {
            options.addTo(spec);
            spec.usageMessage()
                    .description("Removes the state directory at uninstall: pins, which hold disk space, and positions."
                            + " Refuses while an agent holds it.");
        }

        @Override
        public Integer call() throws ConfigurationException, IOException {
            Optional<Path> directory = options.load().state().directory();
            if (directory.isEmpty() || !Files.exists(directory.get(), LinkOption.NOFOLLOW_LINKS)) {
                spec.commandLine().getOut().println("there is no state to remove");
                return ExitCode.OK;
            }
            List<Path> others;
            try {
                others = StateDirectory.purge(directory.get());
            } catch (StateDirectory.HeldException e) {
                throw new IOException("an agent holds the state in " + directory.get() + "; stop it first", e);
            }
            spec.commandLine()
                    .getOut()
                    .println(
                            others.isEmpty()
                                    ? "removed " + directory.get()
                                    : "removed all that policylog keeps in " + directory.get()
                                            + "; left there, because it is something else: " + others);
            return ExitCode.OK;
        }
    }
}
