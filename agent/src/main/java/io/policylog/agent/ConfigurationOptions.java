package io.policylog.agent;

import io.policylog.agent.config.Configuration;
import io.policylog.agent.config.ConfigurationException;
import io.policylog.agent.config.ConfigurationLoader;
import io.policylog.agent.config.TypedPath;
import io.policylog.sinks.SinkFactory;
import io.policylog.sinks.Terminal;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.ServiceLoader;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.TypeConversionException;

/** The options of every command that needs the configuration. */
final class ConfigurationOptions {
    private final OptionSpec file = OptionSpec.builder("-c", "--config")
            .paramLabel("FILE")
            .type(Path.class)
            .converters(ConfigurationOptions::path) // Its own one is called by reflection: milliseconds of each start.
            .description("The configuration, YAML. Without it: follow /var/log/network, count connections for"
                    + " Prometheus, and show them if the standard output is a terminal.")
            .build();

    private final OptionSpec overrides = OptionSpec.builder("--set")
            .paramLabel("KEY=VALUE")
            .type(List.class)
            .auxiliaryTypes(String.class)
            .initialValue(List.of())
            .description("Replaces a value, for example log.startAt=end, sinks.0.topic=test or"
                    + " sinks.denies.topic=test. May stand more than once.")
            .build();

    private final @Nullable ConfigurationLoader loader;

    ConfigurationOptions() {
        this.loader = null;
    }

    /** With a loader of a test's own. */
    ConfigurationOptions(ConfigurationLoader loader) {
        this.loader = loader;
    }

    void addTo(CommandSpec command) {
        command.addOption(file).addOption(overrides);
    }

    /** The configuration that the options, the file and the environment make. */
    Configuration load() throws ConfigurationException {
        ConfigurationLoader effective = loader == null ? standardLoader() : loader;
        return effective.load(Optional.ofNullable(file.getValue()), overrides.getValue());
    }

    private static Path path(String typed) {
        try {
            return TypedPath.of(typed);
        } catch (IllegalArgumentException e) {
            throw new TypeConversionException(String.valueOf(e.getMessage()));
        }
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
