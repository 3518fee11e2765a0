package io.policylog.sinks;

import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.io.OutputStream;
import org.jspecify.annotations.Nullable;

/**
 * The agent's metrics, and how they are served at {@code /metrics}. Found with {@link java.util.ServiceLoader}; one for
 * each agent. Thread-safe.
 */
public interface Exposition {
    /** Where the agent and its sinks register their metrics. */
    MeterRegistry meterRegistry();

    /** The content type that answers an {@code Accept} header: Prometheus text, or OpenMetrics where it is asked for. */
    String contentType(@Nullable String accept);

    /** Writes all metrics in the format of {@link #contentType} for the same header. Does not close the stream. */
    void write(@Nullable String accept, OutputStream out) throws IOException;
}
