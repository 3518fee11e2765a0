package io.policylog.agent.config;

import io.policylog.sinks.NodeIdentity;
import io.policylog.sinks.OptionProblem;
import io.policylog.sinks.Sink;
import io.policylog.sinks.SinkContext;
import io.policylog.sinks.SinkFactory;
import io.policylog.sinks.SinkOption;
import io.policylog.sinks.SinkOption.Kind;
import io.policylog.sinks.SinkOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Sinks with an option of every kind, after the models of the real ones; they are configured, never made. */
enum TestFactory implements SinkFactory {
    STDOUT("stdout", List.of(SinkOption.choice("format", List.of("json", "table"), "json", "How."))) {},

    PROMETHEUS(
            "prometheus",
            List.of(
                    SinkOption.optional("metric", Kind.TEXT, "connections_total", "The metric."),
                    SinkOption.optional("labels", Kind.TEXT_LIST, "[disposition, direction]", "The labels."),
                    SinkOption.optional("maxSeries", Kind.INTEGER, "10000", "The most series."))) {
        @Override
        public Map<String, String> exclusiveNames(SinkOptions options) {
            return Map.of(options.text("metric"), "metric");
        }
    },

    KAFKA(
            "kafka",
            List.of(
                    SinkOption.required("bootstrapServers", Kind.TEXT, "The brokers."),
                    SinkOption.required("topic", Kind.TEXT, "The topic."),
                    SinkOption.choice(
                            "delivery", List.of("exactly-once", "at-least-once"), "exactly-once", "The guarantee."),
                    SinkOption.optional("commitInterval", Kind.DURATION, "1s", "The interval."),
                    SinkOption.optional("maxBytesPerSecond", Kind.SIZE, "none", "The rate."),
                    SinkOption.optional("compress", Kind.BOOLEAN, "true", "Whether to compress."),
                    SinkOption.optional("properties", Kind.TEXT_MAP, null, "The client's settings."))) {
        @Override
        public boolean needsStateDirectory(SinkOptions options) {
            return false;
        }

        @Override
        public List<OptionProblem> check(SinkOptions options, NodeIdentity node) {
            List<OptionProblem> problems = new ArrayList<>();
            if (options.text("delivery").equals("exactly-once")
                    && node.cluster().isEmpty()) {
                problems.add(new OptionProblem("delivery", "exactly-once needs cluster.name; set it"));
            }
            if (options.textMap("properties").containsKey("acks")) {
                problems.add(new OptionProblem("properties.acks", "is fixed by delivery; remove it"));
            }
            return problems;
        }
    };

    private final String type;

    @SuppressWarnings("ImmutableEnumChecker") // a List.of
    private final List<SinkOption> options;

    TestFactory(String type, List<SinkOption> options) {
        this.type = type;
        this.options = options;
    }

    @Override
    public String type() {
        return type;
    }

    @Override
    public List<SinkOption> options() {
        return options;
    }

    @Override
    public List<OptionProblem> check(SinkOptions options, NodeIdentity node) {
        return List.of();
    }

    @Override
    public Sink create(SinkOptions options, SinkContext context) {
        throw new UnsupportedOperationException(type);
    }
}
