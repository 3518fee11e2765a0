package io.policylog.sinks.kafka;

import io.policylog.sinks.SinkException;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** The first failure to deliver a record since the sink was opened. Set by any thread, asked by the pipeline's. */
final class SendFailures {
    private final KafkaFailures failures;
    private final AtomicReference<@Nullable Exception> first = new AtomicReference<>();

    SendFailures(KafkaFailures failures) {
        this.failures = failures;
    }

    /** Whether it is the first one. */
    boolean add(Exception failure) {
        return first.compareAndSet(null, failure);
    }

    /** Throws the first failure, if there was one. */
    void check() throws SinkException {
        Exception failure = first.get();
        if (failure != null) {
            throw failures.failure("can't deliver records", failure);
        }
    }
}
