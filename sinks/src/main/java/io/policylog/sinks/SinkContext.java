package io.policylog.sinks;

import io.micrometer.core.instrument.MeterRegistry;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Optional;

/**
 * What the agent gives a sink.
 *
 * @param name the sink's name, unique in the agent
 * @param node where the agent runs
 * @param positionFile the file in which this sink may keep its position; empty when there is no state directory. Its
 *     folder exists, is private, and belongs to this process alone
 * @param meterRegistry for the sink's own metrics; each carries the tag {@code pipeline} with the sink's name
 * @param clock the time
 * @param commits asks the sink's own pipeline to commit
 */
public record SinkContext(
        String name,
        NodeIdentity node,
        Optional<Path> positionFile,
        MeterRegistry meterRegistry,
        Clock clock,
        CommitRequest commits) {}
