package io.policylog.agent;

import java.util.concurrent.Callable;
import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code policylog completion}. */
@Command(
        name = "completion",
        description = "Prints what makes bash and zsh complete policylog's commands and options.",
        footer = {
            "",
            "Examples:",
            "  source <(policylog completion)",
            "  policylog completion > /etc/bash_completion.d/policylog",
        })
final class CompletionCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Override
    public Integer call() {
        var out = spec.commandLine().getOut();
        out.print(AutoComplete.bash("policylog", spec.root().commandLine()));
        out.flush();
        return ExitCode.OK;
    }
}
