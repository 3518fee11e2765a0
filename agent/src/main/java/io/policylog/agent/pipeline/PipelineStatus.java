package io.policylog.agent.pipeline;

import io.policylog.sinks.Position;
import java.util.Optional;

/**
 * What a pipeline tells of itself. Immutable.
 *
 * @param opened whether the sink is open
 * @param committed the position last committed or resumed from
 * @param lastError the last failure, kind and message; stays after recovery
 */
public record PipelineStatus(boolean opened, Optional<Position> committed, Optional<String> lastError) {}
