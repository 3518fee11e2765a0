package io.policylog.sinks.prometheus;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.policylog.sinks.CommitRequest;
import io.policylog.sinks.NodeIdentity;
import io.policylog.sinks.OptionProblem;
import io.policylog.sinks.Position;
import io.policylog.sinks.Sink;
import io.policylog.sinks.SinkContext;
import io.policylog.sinks.SinkException;
import io.policylog.sinks.SinkOptions;
import io.policylog.sinks.testing.TestSegment;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** An agent's process as far as a prometheus sink sees it: a registry and its exposition. To kill it, forget it. */
final class AgentProcess {
    static final NodeIdentity NODE = new NodeIdentity("node-1", Optional.empty(), Optional.empty(), Optional.empty());
    static final CommitRequest NEVER = maxWait -> false;

    final PrometheusExposition exposition = new PrometheusExposition();
    private final PrometheusSinkFactory factory = new PrometheusSinkFactory();

    /** The defaults, but for these. */
    static SinkOptions options(Map<String, Object> changes) {
        Map<String, Object> values = new HashMap<>();
        values.put("metric", "network_policy_connections_total");
        values.put(
                "labels",
                List.of(
                        "disposition",
                        "direction",
                        "protocol",
                        "src_namespace",
                        "src_workload",
                        "dest_namespace",
                        "dest_workload",
                        "dest_port"));
        values.put("maxSeries", 10_000L);
        values.putAll(changes);
        return new SinkOptions(values);
    }

    Sink sink(String name, Optional<Path> file, Clock clock, CommitRequest commits, Map<String, Object> changes) {
        SinkOptions options = options(changes);
        List<OptionProblem> problems = factory.check(options, NODE);
        if (!problems.isEmpty()) {
            throw new AssertionError(problems);
        }
        return factory.create(options, new SinkContext(name, NODE, file, exposition.meterRegistry(), clock, commits));
    }

    Sink sink(Optional<Path> file) {
        return sink("prometheus", file, Clock.systemUTC(), NEVER, Map.of());
    }

    /** What a scrape gives of metrics whose name begins so. */
    Map<PrometheusText.Sample, Double> scrape(String prefix) {
        Map<PrometheusText.Sample, Double> samples = PrometheusText.parse(text(null));
        samples.keySet().removeIf(sample -> !sample.name().startsWith(prefix));
        return samples;
    }

    String text(@Nullable String accept) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try {
            exposition.write(accept, out);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toString(UTF_8);
    }

    static Position writeAndCommit(Sink sink, TestSegment.Lines batch) throws SinkException {
        sink.write(batch);
        sink.commit(batch.position());
        return batch.position();
    }
}
