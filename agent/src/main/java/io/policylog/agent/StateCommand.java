package io.policylog.agent;

import io.policylog.agent.config.ConfigurationException;
import io.policylog.agent.segments.StateDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code policylog state}: what the agent keeps on the node. */
@Command(
        name = "state",
        description = "What the agent keeps on the node.",
        synopsisSubcommandLabel = "COMMAND",
        subcommands = StateCommand.PurgeCommand.class,
        footer = {"", "Example:", "  policylog state purge --config policylog.yaml"})
final class StateCommand implements Runnable {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "policylog state needs a command");
    }

    @Command(
            name = "purge",
            description =
                    "Removes the state directory at uninstall: pins, which hold disk space, and positions. Refuses"
                            + " while an agent holds it.")
    static final class PurgeCommand implements Callable<Integer> {
        @Spec
        @SuppressWarnings("NullAway.Init") // picocli sets it
        private CommandSpec spec;

        @Mixin
        private ConfigurationOptions options = new ConfigurationOptions();

        @Override
        public Integer call() throws ConfigurationException, IOException {
            Optional<Path> directory = options.load().state().directory();
            if (directory.isEmpty() || !Files.exists(directory.get(), LinkOption.NOFOLLOW_LINKS)) {
                spec.commandLine().getOut().println("there is no state to remove");
                return ExitCode.OK;
            }
            try (StateDirectory state = StateDirectory.open(directory.get())) {
                state.purge();
            } catch (StateDirectory.HeldException e) {
                throw new IOException("an agent holds the state in " + directory.get() + "; stop it first", e);
            }
            spec.commandLine().getOut().println("removed " + directory.get());
            return ExitCode.OK;
        }
    }
}
