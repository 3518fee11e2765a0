package io.policylog.agent;

import io.policylog.sinks.Batch;
import io.policylog.sinks.CommitPolicy;
import io.policylog.sinks.Position;
import io.policylog.sinks.Sink;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;

/** Opens when it is let, and hears no interrupt until then. */
final class BlockedSink implements Sink {
    private final CountDownLatch opening = new CountDownLatch(1);
    private final Semaphore permits = new Semaphore(0);

    void awaitOpening() throws InterruptedException {
        opening.await();
    }

    void letOpen() {
        permits.release();
    }

    @Override
    public Optional<Position> open() {
        opening.countDown();
        permits.acquireUninterruptibly();
        return Optional.empty();
    }

    @Override
    public CommitPolicy commitPolicy() {
        return new CommitPolicy(CommitPolicy.Pacing.HOLD_INPUT, Duration.ofSeconds(1));
    }

    @Override
    public void write(Batch batch) {}

    @Override
    public void commit(Position position) {}

    @Override
    public void close() {}
}
