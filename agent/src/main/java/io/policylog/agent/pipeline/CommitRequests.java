package io.policylog.agent.pipeline;

import io.policylog.sinks.CommitRequest;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * The requests of other threads that a pipeline commit. Made before the sink, which asks, and the pipeline, which
 * answers. Thread-safe; bounded by the callers, each of whom waits.
 */
public final class CommitRequests implements CommitRequest {
    private final ConcurrentLinkedQueue<CompletableFuture<Boolean>> waiting = new ConcurrentLinkedQueue<>();
    private final Signal signal = new Signal();

    /** What wakes the pipeline, for this and for every other reason. */
    Signal signal() {
        return signal;
    }

    @Override
    public boolean commit(Duration maxWait) throws InterruptedException {
        CompletableFuture<Boolean> request = new CompletableFuture<>();
        waiting.add(request);
        signal.raise();
        try {
            return request.get(maxWait.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException | ExecutionException e) {
            request.cancel(false);
            waiting.removeIf(CompletableFuture::isCancelled);
            return false;
        }
    }

    boolean pending() {
        return !waiting.isEmpty();
    }

    /** Answers everyone who asked before the pipeline looked. */
    void answer(boolean done) {
        for (@Nullable CompletableFuture<Boolean> request = waiting.poll(); request != null; request = waiting.poll()) {
            request.complete(done);
        }
    }
}
