package io.policylog.agent;

import io.policylog.agent.config.Configuration;
import io.policylog.agent.config.ConfigurationException;
import io.policylog.agent.config.SinkConfiguration;
import io.policylog.agent.logging.ProgramLog;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** {@code policylog validate}. */
final class ValidateCommand implements Callable<Integer> {
    private final ConfigurationOptions options;

    private final OptionSpec connect = OptionSpec.builder("--connect")
            .type(boolean.class)
            .initialValue(false)
            .description("Also asks each sink's destination whether it can be reached and what is allowed there; exits"
                    + " with 1 when something is missing.")
            .build();

    private final CommandSpec spec =
            CommandSpec.wrapWithoutInspection(this).name("validate").addOption(connect);

    ValidateCommand() {
        this(new ConfigurationOptions());
    }

    ValidateCommand(ConfigurationOptions options) {
        this.options = options;
        options.addTo(spec);
        spec.usageMessage()
                .description("Checks the configuration: prints every problem with its line and column and exits with 2,"
                        + " or a summary. Nothing is changed, and nothing on the network is asked without --connect.")
                .footer(
                        "",
                        "Examples:",
                        "  policylog validate --config policylog.yaml",
                        "  policylog validate --config policylog.yaml --set log.startAt=end",
                        "  policylog validate --config policylog.yaml --connect");
    }

    /** As the command line has it. */
    CommandSpec spec() {
        return spec;
    }

    @Override
    public Integer call() throws ConfigurationException {
        Configuration configuration = options.load();
        PrintWriter err = spec.commandLine().getErr();
        FilterWarnings.of(configuration).forEach(warning -> err.println("warning: " + warning));
        summarize(configuration, spec.commandLine().getOut());
        boolean tried = connect.getValue();
        return !tried || connects(configuration, err) ? ExitCode.OK : ExitCode.SOFTWARE;
    }

    private static boolean connects(Configuration configuration, PrintWriter err) {
        ProgramLog.silenceClients();
        boolean all = true;
        boolean hasPositionFile = configuration.state().directory().isPresent();
        for (SinkConfiguration sink : configuration.sinks()) {
            for (String problem : sink.factory()
                    .tryDestination(sink.options(), configuration.identity(), sink.name(), hasPositionFile)) {
                err.println("sink " + sink.name() + ": " + problem);
                all = false;
            }
        }
        err.flush();
        return all;
    }

    /** Options of sinks are left out: a value may be a secret. */
    private static void summarize(Configuration configuration, PrintWriter out) {
        out.println("The configuration is valid.");
        out.println("node     " + configuration.identity().node()
                + configuration
                        .identity()
                        .cluster()
                        .map(cluster -> " of cluster " + cluster)
                        .orElse(""));
        out.println("log      "
                + configuration.log().directory().resolve(configuration.log().files()));
        out.println("state    "
                + configuration.state().directory().map(Object::toString).orElse("none"));
        out.println("http     " + configuration.http().host() + ":"
                + configuration.http().port());
        for (SinkConfiguration sink : configuration.sinks()) {
            out.println("sink     " + sink.name() + " (" + sink.type() + ")"
                    + sink.filter().map(filter -> ", filtered").orElse(""));
        }
    }
}
