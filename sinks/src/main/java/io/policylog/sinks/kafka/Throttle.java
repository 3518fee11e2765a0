package io.policylog.sinks.kafka;

import io.policylog.sinks.SinkException;
import io.policylog.sinks.SinkException.Kind;
import java.time.Duration;
import java.util.OptionalLong;

/**
 * Keeps to {@code maxBytesPerSecond} by waiting, before a write, until what the write before took is paid for. Confined
 * to the pipeline's thread.
 */
final class Throttle {
    private final OptionalLong bytesPerSecond;
    private long paidAtNanos = System.nanoTime();

    Throttle(OptionalLong bytesPerSecond) {
        this.bytesPerSecond = bytesPerSecond;
    }

    void await() throws SinkException {
        long waitNanos = paidAtNanos - System.nanoTime();
        if (bytesPerSecond.isPresent() && waitNanos > 0) {
            try {
                Thread.sleep(Duration.ofNanos(waitNanos));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new SinkException(Kind.STOPPED, true, "stopped while keeping to maxBytesPerSecond", e);
            }
        }
    }

    void sent(long bytes) {
        if (bytesPerSecond.isPresent()) {
            long costNanos = (long) (bytes * 1e9 / bytesPerSecond.getAsLong());
            paidAtNanos = Math.max(paidAtNanos, System.nanoTime()) + costNanos;
        }
    }
}
