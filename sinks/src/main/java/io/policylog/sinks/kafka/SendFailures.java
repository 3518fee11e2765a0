package io.policylog.sinks.kafka;

import io.policylog.sinks.SinkException;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** The first failure to deliver a record since the sink was opened. For any thread. */
final class SendFailures {
    private final KafkaFailures failures;
    private final AtomicReference<@Nullable Exception> first = new AtomicReference<>();
    private final AtomicReference<@Nullable Exception> thrown = new AtomicReference<>();

    SendFailures(KafkaFailures failures) {
        this.failures = failures;
    }

    /** Whether it is the first one. */
    boolean add(Exception failure) {
        return first.compareAndSet(null, failure);
    }

    /** The producer did not take a record. What doomed the transaction says more than that it is doomed, and goes first. */
    void thrown(Exception failure) {
        thrown.compareAndSet(null, failure);
    }

    boolean any() {
        return first.get() != null || thrown.get() != null;
    }

    /** Throws the first failure, if there was one. */
    void check() throws SinkException {
        Exception failure = first.get();
        if (failure != null) {
            throw failures.failure("can't deliver records", failure);
        }
        Exception notTaken = thrown.get();
        if (notTaken != null) {
            throw failures.failure("can't send a record", notTaken);
        }
    }
}
