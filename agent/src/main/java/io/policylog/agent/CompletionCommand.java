package io.policylog.agent;

import java.util.concurrent.Callable;
import picocli.AutoComplete;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Model.CommandSpec;

/** {@code policylog completion}. */
final class CompletionCommand implements Callable<Integer> {
    private final CommandSpec spec = CommandSpec.wrapWithoutInspection(this).name("completion");

    CompletionCommand() {
        spec.usageMessage()
                .description("Prints what makes bash and zsh complete policylog's commands and options.")
                .footer(
                        "",
                        "Examples:",
                        "  source <(policylog completion)",
                        "  policylog completion > /etc/bash_completion.d/policylog");
    }

    /** As the command line has it. */
    CommandSpec spec() {
        return spec;
    }

    @Override
    public Integer call() {
        var out = spec.commandLine().getOut();
        out.print(AutoComplete.bash("policylog", spec.root().commandLine()));
        out.flush();
        return ExitCode.OK;
    }
}
