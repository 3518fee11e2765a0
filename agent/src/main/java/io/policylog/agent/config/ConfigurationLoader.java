package io.policylog.agent.config;

import io.policylog.sinks.SinkFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Makes a {@link Configuration} of a YAML file, overrides and the environment, or says everything that is wrong with
 * them. Nothing is corrected silently, and nothing but the file is touched.
 *
 * @param environment the environment's variables
 * @param hostName asked when the configuration names no node
 * @param stdoutIsTerminal whether a stdout sink is among the sinks that stand in for none
 * @param factories the types of sinks
 */
public record ConfigurationLoader(
        Map<String, String> environment,
        Supplier<String> hostName,
        boolean stdoutIsTerminal,
        List<SinkFactory> factories) {

    /** The source of what nobody wrote. */
    private static final Place DEFAULTS = Place.of("default configuration");

    public ConfigurationLoader {
        environment = Map.copyOf(environment);
        factories = factories.stream()
                // Not Comparator.comparing, whose lambda no AOT cache holds: it would be spun at each start.
                .sorted((a, b) -> a.type().compareTo(b.type()))
                .toList();
    }

    /**
     * The whole configuration.
     *
     * @param file the YAML file; without one the defaults hold
     * @param overrides {@code key=value} each, applied in order
     */
    public Configuration load(Optional<Path> file, List<String> overrides) throws ConfigurationException {
        Problems problems = new Problems();
        YamlValue.Mapping root = file.flatMap(f -> ConfigurationFile.read(f, problems))
                .orElseGet(() -> new YamlValue.Mapping(DEFAULTS, new LinkedHashMap<>()));
        problems.throwIfAny();
        root.entries().computeIfAbsent("sinks", k -> new YamlValue.Entry(DEFAULTS, defaultSinks()));
        Overrides set = new Overrides(root, problems);
        overrides.forEach(set::set);
        problems.throwIfAny();
        Section top = new Section("", root, new Environment(environment), problems);
        Configuration configuration = new ConfigurationReader(this).read(top);
        problems.throwIfAny();
        return configuration;
    }

    private YamlValue.Sequence defaultSinks() {
        List<YamlValue> sinks = new ArrayList<>();
        sinks.add(sink(Map.of("type", "prometheus")));
        if (stdoutIsTerminal) {
            sinks.add(sink(Map.of("type", "stdout", "format", "table")));
        }
        return new YamlValue.Sequence(DEFAULTS, sinks);
    }

    private static YamlValue.Mapping sink(Map<String, String> options) {
        LinkedHashMap<String, YamlValue.Entry> entries = new LinkedHashMap<>();
        options.forEach(
                (key, value) -> entries.put(key, new YamlValue.Entry(DEFAULTS, new YamlValue.Scalar(DEFAULTS, value))));
        return new YamlValue.Mapping(DEFAULTS, entries);
    }
}
