package io.policylog.agent.config;

import io.policylog.agent.pipeline.StartAt;
import io.policylog.parser.filter.Filter;
import io.policylog.sinks.SinkFactory;
import io.policylog.sinks.SinkOptions;
import java.time.Duration;
import java.util.Optional;

/**
 * A sink and its pipeline.
 *
 * @param name unique in the agent; names the pipeline, its metrics and its position
 * @param filter belongs to the thread of the pipeline; empty lets every record pass
 * @param startAt where to begin when no position is known
 * @param sinkTimeout within which every call to the sink returns
 * @param factory makes the sink
 * @param options the options of the sink's type, checked
 */
public record SinkConfiguration(
        String name,
        Optional<Filter> filter,
        StartAt startAt,
        Duration sinkTimeout,
        SinkFactory factory,
        SinkOptions options) {

    public String type() {
        return factory.type();
    }
}
