package io.policylog.agent;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import picocli.CommandLine.Model.CommandSpec;

/** {@code policylog run}: the agent. */
final class RunCommand implements Callable<Integer> {
    private final ConfigurationOptions options = new ConfigurationOptions();

    /** As the command line has it. */
    CommandSpec spec() {
        CommandSpec spec = CommandSpec.wrapWithoutInspection(this).name("run");
        options.addTo(spec);
        spec.usageMessage()
                .description("Follows the log and ships it to the configured sinks until it is told to stop.")
                .footer(
                        "",
                        "Examples:",
                        "  policylog run",
                        "  policylog run --config policylog.yaml",
                        "  policylog run --set log.directory=/tmp/log --set http.listen=127.0.0.1:9464");
        return spec;
    }

    @Override
    public Integer call() throws Exception {
        AtomicBoolean running = new AtomicBoolean(true);
        try (AgentService service = AgentService.start(options.load())) {
            // SIGTERM and SIGINT: everything written is committed before the process goes.
            Runtime.getRuntime().addShutdownHook(new Thread(() -> end(service, running.get()), "shutdown"));
            service.await();
        } finally {
            running.set(false);
        }
        return 0;
    }

    /** @param asked whether a signal ends it; else it failed, and its exit code says so */
    private static void end(AgentService service, boolean asked) {
        try {
            service.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        if (asked) {
            // Ended in order: not the 128 + 15 that the JVM makes of a signal.
            Runtime.getRuntime().halt(0);
        }
    }
}
