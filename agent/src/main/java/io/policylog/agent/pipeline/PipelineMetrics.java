package io.policylog.agent.pipeline;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.policylog.agent.segments.Segments;
import io.policylog.parser.MalformedReason;
import io.policylog.sinks.SinkException;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;

/** What a pipeline counts of itself; the names are those of docs/metrics.md. Thread-safe. */
final class PipelineMetrics {
    private final MeterRegistry registry;
    private final String pipeline;

    final Counter readBytes;
    final Counter records;
    final Counter filteredRecords;
    final Counter committedBytes;
    final Counter lateBytes;
    final Counter gapSeconds;
    final Counter earlyCommits;
    final Timer commit;
    private final Map<MalformedReason, Counter> malformedLines = new EnumMap<>(MalformedReason.class);

    PipelineMetrics(MeterRegistry registry, String pipeline) {
        this.registry = registry;
        this.pipeline = pipeline;
        this.readBytes = counter("policylog.read.bytes", "Bytes of the log read, in complete lines");
        this.records = counter("policylog.records", "Records handed to the sink");
        this.filteredRecords = counter("policylog.filtered.records", "Records that the sink's filter kept back");
        this.committedBytes = counter("policylog.committed.bytes", "Bytes of the log behind the committed position");
        this.lateBytes = counter("policylog.late.bytes", "Bytes that appeared in a segment taken for finished");
        this.gapSeconds = counter(
                "policylog.gap.seconds",
                "Seconds of log between the committed position, whose segment is gone, and the next record");
        this.earlyCommits = counter(
                "policylog.early.commits", "Commits before they were due, because a failure bounds what one may cover");
        this.commit = Timer.builder("policylog.commit")
                .description("Time a commit took")
                .serviceLevelObjectives(
                        Duration.ofMillis(1),
                        Duration.ofMillis(5),
                        Duration.ofMillis(10),
                        Duration.ofMillis(25),
                        Duration.ofMillis(50),
                        Duration.ofMillis(100),
                        Duration.ofMillis(250),
                        Duration.ofSeconds(1),
                        Duration.ofSeconds(5),
                        Duration.ofSeconds(30))
                .tag("pipeline", pipeline)
                .register(registry);
        for (MalformedReason reason : MalformedReason.values()) {
            malformedLines.put(
                    reason,
                    Counter.builder("policylog.malformed.lines")
                            .description("Lines that are not records")
                            .tag("pipeline", pipeline)
                            .tag("reason", reason.label())
                            .register(registry));
        }
        for (SinkException.Kind kind : SinkException.Kind.values()) {
            sinkErrors(kind);
        }
        // All from the start on: a counter whose first sample is not 0 has not increased, for Prometheus.
        for (Segments.Lost.Reason reason : Segments.Lost.Reason.values()) {
            lostBytes(reason.label());
        }
        rereadBytes("cut-back");
        rereadBytes("pin-removed");
    }

    private Counter counter(String name, String description) {
        return Counter.builder(name)
                .description(description)
                .tag("pipeline", pipeline)
                .register(registry);
    }

    static void add(Counter counter, long amount) {
        counter.increment((double) amount);
    }

    Counter malformedLines(MalformedReason reason) {
        return Objects.requireNonNull(malformedLines.get(reason));
    }

    Counter lostBytes(String reason) {
        return Counter.builder("policylog.lost.bytes")
                .description("Bytes of the log that never reach the sink")
                .tag("pipeline", pipeline)
                .tag("reason", reason)
                .register(registry);
    }

    Counter rereadBytes(String reason) {
        return Counter.builder("policylog.reread.bytes")
                .description("Bytes of the log that were read again")
                .tag("pipeline", pipeline)
                .tag("reason", reason)
                .register(registry);
    }

    Counter sinkErrors(SinkException.Kind kind) {
        return Counter.builder("policylog.sink.errors")
                .description("Failures of the sink")
                .tag("pipeline", pipeline)
                .tag("kind", kind.label())
                .register(registry);
    }
}
