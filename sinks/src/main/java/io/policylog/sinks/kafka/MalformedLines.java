package io.policylog.sinks.kafka;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether lines that are no record can be delivered, and what becomes of them if not: counted as lost, so that they can't
 * stop a pipeline. Knowledge about the destination, so it outlives a session. What crosses threads is the trouble, which
 * the threads that send set; the rest is confined to the pipeline's.
 */
final class MalformedLines {
    private static final Logger log = LoggerFactory.getLogger(MalformedLines.class);

    /** How long a topic that was unusable is left alone. */
    private static final long PAUSE_NANOS = TimeUnit.MINUTES.toNanos(1);

    /** Why the topic can't be used, and since when. */
    private record Trouble(String why, long sinceNanos) {}

    /** Lines that the broker refused: also as malformed ones they can't be delivered. */
    private final RefusedIds refused = new RefusedIds();

    private final BoundedLog losses = new BoundedLog(log);
    private final Counter lostBytes;
    private long uncommittedLostBytes;
    private volatile Optional<Trouble> trouble = Optional.empty();

    MalformedLines(MeterRegistry meterRegistry, String pipeline) {
        this.lostBytes = Counter.builder("policylog.lost.bytes")
                .description("Bytes of the log that never reach the sink")
                .tag("pipeline", pipeline)
                .tag("reason", "malformed")
                .register(meterRegistry);
    }

    RefusedIds refused() {
        return refused;
    }

    boolean usable() {
        return trouble.isEmpty();
    }

    /** The topic is not usable for now. */
    void unusable(String why) {
        trouble = Optional.of(new Trouble(why, System.nanoTime()));
    }

    /** Whether it is time to look at the topic: at the beginning, and again some time after it was not usable. */
    boolean checkIsDue() {
        return trouble.map(t -> System.nanoTime() - t.sinceNanos >= PAUSE_NANOS).orElse(true);
    }

    /** What a look at the topic told: nothing, or why it can't be used. */
    void checked(Optional<String> found) {
        if (found.isPresent()) {
            unusable(found.get());
            losses.warn("malformed lines can't be delivered and will be counted as lost: " + found.get());
        } else {
            trouble = Optional.empty();
        }
    }

    void lost(String id, String reason, long bytes) {
        uncommittedLostBytes += bytes;
        losses.warn("lost the malformed line " + id + " (" + reason + ", " + bytes + " bytes): "
                + trouble.map(Trouble::why).orElse("its topic refuses it, or is none"));
    }

    /** Losses count once, when the position has passed them for good. */
    void committed() {
        lostBytes.increment((double) uncommittedLostBytes);
        uncommittedLostBytes = 0;
        refused.committed();
    }

    /** What was not committed comes again. */
    void reopened() {
        uncommittedLostBytes = 0;
        refused.reopened();
    }
}
