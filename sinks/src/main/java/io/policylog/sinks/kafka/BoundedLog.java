package io.policylog.sinks.kafka;

import java.time.Duration;
import org.slf4j.Logger;

/** Warnings that can come with every line: one a minute is written, the others are counted. Confined to one thread. */
final class BoundedLog {
    private static final long PAUSE_NANOS = Duration.ofMinutes(1).toNanos();

    private final Logger log;
    private long quietUntilNanos = System.nanoTime();
    private long suppressed;

    BoundedLog(Logger log) {
        this.log = log;
    }

    void warn(String message) {
        long now = System.nanoTime();
        if (now - quietUntilNanos < 0) {
            suppressed++;
            return;
        }
        log.warn("{}{}", message, suppressed == 0 ? "" : " (and " + suppressed + " like it before)");
        suppressed = 0;
        quietUntilNanos = now + PAUSE_NANOS;
    }
}
