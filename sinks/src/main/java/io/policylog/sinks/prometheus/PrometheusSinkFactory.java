package io.policylog.sinks.prometheus;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.policylog.parser.Spelling;
import io.policylog.sinks.NodeIdentity;
import io.policylog.sinks.OptionProblem;
import io.policylog.sinks.Sink;
import io.policylog.sinks.SinkContext;
import io.policylog.sinks.SinkFactory;
import io.policylog.sinks.SinkOption;
import io.policylog.sinks.SinkOptions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sinks that count records for Prometheus. Each has metrics of its own: {@code metric}, and {@code matchesMetric}, which
 * unless given is the other's name with {@code _matches} in place of {@code _connections} or added.
 *
 * <p>Needs an {@link io.policylog.sinks.Exposition} of this package behind the context's meter registry.
 */
public final class PrometheusSinkFactory implements SinkFactory {
    private static final Logger LOG = LoggerFactory.getLogger(PrometheusSinkFactory.class);

    private static final String METRIC = "metric";
    private static final String MATCHES_METRIC = "matchesMetric";
    private static final String LABELS = "labels";
    private static final String MAX_SERIES = "maxSeries";
    private static final String NONE = "none";
    private static final List<String> LABEL_NAMES =
            Arrays.stream(ConnectionLabel.values()).map(ConnectionLabel::label).toList();
    private static final String TOTAL = "_total";

    /** Not a key of this sink: every sink has it. Here it only tells whether counters were made with another one. */
    private static final String FILTER = "filter";

    private static final int SERIES_LIMIT = 100_000;
    private static final Pattern NAME = Pattern.compile("[a-zA-Z_][a-zA-Z0-9_]{0,199}" + TOTAL);
    private static final List<String> RESERVED_PREFIXES = List.of("policylog_", "jvm_", "process_", "system_");

    @Override
    public String type() {
        return "prometheus";
    }

    @Override
    public List<SinkOption> options() {
        return List.of(
                SinkOption.optional(
                        METRIC,
                        SinkOption.Kind.TEXT,
                        "network_policy_connections_total",
                        "Name of the metric that counts connections and attempts; ends in _total, unique in the agent."),
                SinkOption.optional(
                        MATCHES_METRIC,
                        SinkOption.Kind.TEXT,
                        null,
                        "Name of the metric that counts allowed connections by policy, or none; by default it is made"
                                + " from metric: x_connections_total and x_total give x_matches_total."),
                SinkOption.optional(
                        LABELS,
                        SinkOption.Kind.TEXT_LIST,
                        "[" + names(ConnectionLabel.DEFAULT) + "]",
                        "Labels of the connections metric; of " + names(List.of(ConnectionLabel.values())) + "."),
                SinkOption.optional(
                        MAX_SERIES,
                        SinkOption.Kind.INTEGER,
                        "10000",
                        "The most series of each of the two metrics, 1 to " + SERIES_LIMIT + "."));
    }

    @Override
    public List<OptionProblem> check(SinkOptions options, NodeIdentity node) {
        List<OptionProblem> problems = new ArrayList<>();
        String metric = options.text(METRIC);
        checkName(METRIC, metric, problems);
        matchesMetric(options).ifPresent(matches -> {
            if (options.optionalText(MATCHES_METRIC).isPresent() || problems.isEmpty()) {
                checkName(matchesKey(options), matches, problems);
            }
            if (matches.equals(metric)) {
                problems.add(new OptionProblem(
                        MATCHES_METRIC, "must differ from metric, found \"" + matches + "\" for both"));
            }
        });
        Set<String> seen = new HashSet<>();
        for (String label : options.textList(LABELS)) {
            if (ConnectionLabel.of(label).isEmpty()) {
                problems.add(new OptionProblem(
                        LABELS, "there is no label \"" + label + "\"" + Spelling.hint(label, LABEL_NAMES)));
            } else if (!seen.add(label)) {
                problems.add(new OptionProblem(LABELS, "must name each label once, found \"" + label + "\" again"));
            }
        }
        long maxSeries = options.number(MAX_SERIES);
        if (maxSeries < 1 || maxSeries > SERIES_LIMIT) {
            problems.add(new OptionProblem(MAX_SERIES, "must be from 1 to " + SERIES_LIMIT + ", found " + maxSeries));
        }
        return problems;
    }

    @Override
    public Map<String, String> exclusiveNames(SinkOptions options) {
        Map<String, String> names = new HashMap<>(Map.of(options.text(METRIC), METRIC));
        matchesMetric(options).ifPresent(matches -> names.put(matches, matchesKey(options)));
        return names;
    }

    /**
     * {@inheritDoc}
     *
     * @throws IllegalArgumentException when one of the metrics' names is taken, by another sink or by the agent
     */
    @Override
    public Sink create(SinkOptions options, SinkContext context) {
        if (!(context.meterRegistry() instanceof PrometheusMeterRegistry registry)) {
            throw new IllegalArgumentException("sink " + context.name() + ": the prometheus sink needs the agent's"
                    + " Prometheus registry, found " + context.meterRegistry().getClass());
        }
        CounterSettings settings = new CounterSettings(
                options.text(METRIC),
                matchesMetric(options),
                options.textList(LABELS).stream()
                        .map(label -> ConnectionLabel.of(label).orElseThrow())
                        .toList(),
                Math.toIntExact(options.number(MAX_SERIES)),
                options.optionalText(FILTER).orElse(""));
        CommittedCounters committed = new CommittedCounters(settings, context.commits());
        try {
            registry.getPrometheusRegistry().register(committed);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "sink " + context.name() + ": metric and matchesMetric must be unique in the agent, found "
                            + settings.metric() + " and "
                            + settings.matchesMetric().orElse(NONE)
                            + "; give this sink names of its own: " + e.getMessage(),
                    e);
        }
        Gauge.builder("policylog.series", committed, CommittedCounters::series)
                .description("Series that the sink serves, of both metrics.")
                .tag("pipeline", context.name())
                .register(registry);
        if (context.positionFile().isEmpty()) {
            LOG.warn(
                    "sink {}: no state directory, so counters and position live in memory: after a restart the counters"
                            + " start at 0 and the log is counted again from startAt",
                    context.name());
        }
        return new PrometheusSink(
                settings,
                SeriesMeters.register(registry, context.name()),
                new CounterFile(context.name(), settings, context.positionFile()),
                committed,
                context.clock());
    }

    private static Optional<String> matchesMetric(SinkOptions options) {
        String metric = options.text(METRIC);
        String base = metric.endsWith(TOTAL) ? metric.substring(0, metric.length() - TOTAL.length()) : metric;
        String derived = base.replaceFirst("_connections$", "") + "_matches" + TOTAL;
        String name = options.optionalText(MATCHES_METRIC).orElse(derived);
        return name.equals(NONE) ? Optional.empty() : Optional.of(name);
    }

    /** The key to change when something is wrong with the name of the metric that counts matches. */
    private static String matchesKey(SinkOptions options) {
        return options.optionalText(MATCHES_METRIC).isPresent() ? MATCHES_METRIC : METRIC;
    }

    private static void checkName(String key, String name, List<OptionProblem> problems) {
        if (!NAME.matcher(name).matches()) {
            problems.add(new OptionProblem(
                    key,
                    "must be letters, digits and _, at most 206 of them, not begin with a digit, and end in _total;"
                            + " found \"" + name + "\""));
            return;
        }
        RESERVED_PREFIXES.stream()
                .filter(name::startsWith)
                .forEach(prefix -> problems.add(new OptionProblem(
                        key, "must not begin with " + prefix + ", which is the agent's own, found \"" + name + "\"")));
        try {
            CommittedCounters.counter(name, name);
        } catch (IllegalArgumentException e) {
            problems.add(new OptionProblem(key, "can't name a metric, found \"" + name + "\": " + e.getMessage()));
        }
    }

    private static String names(List<ConnectionLabel> labels) {
        return labels.stream().map(ConnectionLabel::label).collect(Collectors.joining(", "));
    }
}
