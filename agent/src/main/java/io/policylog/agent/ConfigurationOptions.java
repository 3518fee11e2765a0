package io.policylog.agent;

import io.policylog.agent.config.Configuration;
import io.policylog.agent.config.ConfigurationException;
import io.policylog.agent.config.ConfigurationLoader;
import io.policylog.sinks.SinkFactory;
import io.policylog.sinks.Terminal;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.ServiceLoader;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options of every command that needs the configuration; used with {@code @Mixin}. */
final class ConfigurationOptions {
    @Option(
            names = {"-c", "--config"},
            paramLabel = "FILE",
            description =
                    "The configuration, YAML. Without it: follow /var/log/network, count connections for Prometheus,"
                            + " and show them if the standard output is a terminal.")
    private @Nullable Path file;

    @Option(
            names = "--set",
            paramLabel = "KEY=VALUE",
            description =
                    "Replaces a value, for example log.startAt=end, sinks.0.topic=test or sinks.denies.topic=test."
                            + " May stand more than once.")
    private List<String> overrides = List.of();

    private final @Nullable ConfigurationLoader loader;

    ConfigurationOptions() {
        this.loader = null;
    }

    /** With a loader of a test's own. */
    ConfigurationOptions(ConfigurationLoader loader) {
        this.loader = loader;
    }

    /** The configuration that the options, the file and the environment make. */
    Configuration load() throws ConfigurationException {
        ConfigurationLoader effective = loader == null ? standardLoader() : loader;
        return effective.load(Optional.ofNullable(file), overrides);
    }

    /** Reads files with the real environment and all sinks. */
    static ConfigurationLoader standardLoader() {
        return new ConfigurationLoader(
                System.getenv(),
                Machine::hostName,
                Terminal.isStandardOutput(),
                ServiceLoader.load(SinkFactory.class).stream()
                        .map(ServiceLoader.Provider::get)
                        .toList());
    }
}
