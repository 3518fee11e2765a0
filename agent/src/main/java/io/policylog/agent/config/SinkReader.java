package io.policylog.agent.config;

import io.policylog.agent.pipeline.StartAt;
import io.policylog.parser.Spelling;
import io.policylog.parser.filter.Filter;
import io.policylog.parser.filter.FilterContext;
import io.policylog.parser.filter.FilterException;
import io.policylog.sinks.NodeIdentity;
import io.policylog.sinks.SinkFactory;
import io.policylog.sinks.SinkOptions;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads the sinks, each against what its type takes. */
final class SinkReader {
    private static final Pattern NAME = Pattern.compile("[a-z0-9-]{1," + AgentOptions.MAX_NAME_LENGTH + "}");
    private static final Duration MIN_TIMEOUT = Duration.ofSeconds(1);
    private static final Duration MAX_TIMEOUT = Duration.ofHours(1);

    private final List<SinkFactory> factories;
    private final NodeIdentity identity;
    private final StartAt defaultStartAt;

    /** What may be there once, and the sink that has it. */
    private final Map<String, String> taken = new HashMap<>();

    SinkReader(List<SinkFactory> factories, NodeIdentity identity, StartAt defaultStartAt) {
        this.factories = factories;
        this.identity = identity;
        this.defaultStartAt = defaultStartAt;
    }

    /** The sinks of the list {@code sinks} that are usable as far as they go. */
    List<SinkConfiguration> read(Section top) {
        List<Section> sections = top.sections("sinks");
        if (sections.isEmpty() && top.usable("sinks")) {
            top.problem("sinks", "must name at least one sink, such as - type: stdout");
        }
        if (sections.size() > AgentOptions.MAX_SINKS) {
            top.problem("sinks", "must be at most " + AgentOptions.MAX_SINKS + "; found " + sections.size());
        }
        List<SinkConfiguration> sinks = new ArrayList<>();
        sections.forEach(section -> sink(section).ifPresent(sinks::add));
        return sinks;
    }

    private Optional<SinkConfiguration> sink(Section section) {
        section.read(AgentOptions.SINK);
        SinkOptions common = section.options();
        Optional<String> type = common.optionalText("type");
        Duration timeout = common.duration("sinkTimeout");
        if (timeout.compareTo(MIN_TIMEOUT) < 0 || timeout.compareTo(MAX_TIMEOUT) > 0) {
            section.problem("sinkTimeout", "must be from 1s to 1h; found " + timeout.toMillis() + "ms");
        }
        Optional<SinkFactory> factory = type.flatMap(this::factory);
        if (factory.isEmpty()) {
            type.ifPresent(found -> unknownType(section, found));
            // Without a type no other key can be judged.
            return Optional.empty();
        }
        section.read(factory.get().options()).rejectUnknownKeys();
        String name =
                name(section, common.optionalText("name").orElse(factory.get().type()));
        SinkOptions options = section.options();
        if (section.usable()) {
            exclusive(section, factory.get());
        }
        if (section.complete()) {
            // What is wrong with a key is said once; its default stands in for it here.
            factory.get().check(options, identity).stream()
                    .filter(problem -> section.usable(problem.key()))
                    .toList()
                    .forEach(problem -> section.problem(problem.key(), problem.message()));
        }
        StartAt startAt =
                common.optionalText("startAt").map(ConfigurationReader::startAt).orElse(defaultStartAt);
        return Optional.of(new SinkConfiguration(name, filter(section), startAt, timeout, factory.get(), options));
    }

    private Optional<SinkFactory> factory(String type) {
        return factories.stream().filter(f -> f.type().equals(type)).findFirst();
    }

    private void unknownType(Section section, String found) {
        List<String> types = factories.stream().map(SinkFactory::type).toList();
        section.problem("type", "there is no sink of type " + Problems.quote(found) + Spelling.hint(found, types));
    }

    private Optional<Filter> filter(Section section) {
        String query = section.options().text("filter");
        if (query.isBlank()) {
            return Optional.empty();
        }
        try {
            return Optional.of(Filter.compile(query, FilterContext.forSink(identity.labels(), InstantSource.system())));
        } catch (FilterException e) {
            section.problem(
                    "filter",
                    "must be a query in the Logging query language; in line " + e.line() + ", column " + e.column()
                            + " of it: " + e.problem());
            return Optional.empty();
        }
    }

    private String name(Section section, String name) {
        if (!NAME.matcher(name).matches()) {
            section.problem(
                    "name",
                    "must be 1 to " + AgentOptions.MAX_NAME_LENGTH + " of a-z, 0-9 and -; found "
                            + Problems.quote(name));
        }
        String rule = "is the name of another sink too; give each sink a name of its own";
        takeOnce(section, "name", name, "", rule);
        return name;
    }

    private void exclusive(Section section, SinkFactory factory) {
        String rule = "is the same as another sink's; give each sink of type " + factory.type() + " its own";
        factory.exclusiveNames(section.options())
                .forEach((name, key) -> takeOnce(section, key, name, factory.type(), rule));
    }

    private void takeOnce(Section section, String key, String value, String type, String rule) {
        @Nullable String other = taken.putIfAbsent(type + ' ' + value, section.path());
        if (other != null) {
            section.problem(key, rule + "; found " + Problems.quote(value) + " there and in " + other);
        }
    }
}
