package io.policylog.agent;

import io.policylog.agent.config.Configuration;
import io.policylog.sinks.Exposition;
import java.util.ServiceLoader;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code policylog run}: the agent. */
@Command(
        name = "run",
        description = "Follows the log and ships it to the configured sinks until it is told to stop.",
        footer = {
            "",
            "Examples:",
            "  policylog run",
            "  policylog run --config policylog.yaml",
            "  policylog run --set log.directory=/tmp/log --set sinks.0.type=stdout",
        })
final class RunCommand implements Callable<Integer> {
    private static final long STOP_MILLIS = 4_900;

    @Mixin
    private ConfigurationOptions options = new ConfigurationOptions();

    @Override
    public Integer call() throws Exception {
        run(options.load());
        return 0;
    }

    /** Runs until SIGTERM or SIGINT; everything written is committed then. */
    static void run(Configuration configuration) throws Exception {
        Exposition exposition = ServiceLoader.load(Exposition.class).findFirst().orElseThrow();
        Agent agent = new Agent(configuration, exposition.meterRegistry());
        Thread hook = new Thread(
                () -> {
                    agent.stop();
                    try {
                        agent.awaitEnd(STOP_MILLIS);
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                },
                "shutdown");
        Runtime.getRuntime().addShutdownHook(hook);
        agent.run();
    }
}
