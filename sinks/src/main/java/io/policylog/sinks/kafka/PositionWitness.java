package io.policylog.sinks.kafka;

import io.policylog.sinks.Position;
import io.policylog.sinks.PositionFile;
import io.policylog.sinks.SinkException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A position file beside Kafka: read only when Kafka answers that it has no position, for example because the cluster
 * is a new one. It lags behind, so that no commit waits for a disk. Confined to the pipeline's thread.
 */
final class PositionWitness {
    private static final Logger log = LoggerFactory.getLogger(PositionWitness.class);
    private static final long INTERVAL_NANOS = Duration.ofMinutes(1).toNanos();

    private final @Nullable PositionFile file;
    private final BoundedLog failures = new BoundedLog(log);
    private @Nullable String writtenSegmentId;
    private long writtenNanos;

    PositionWitness(Optional<Path> path) {
        this.file = path.map(PositionFile::new).orElse(null);
    }

    /** The position in the file, for when Kafka has none. */
    Optional<Position> read(String identity) throws SinkException {
        Optional<Position> position = file == null ? Optional.empty() : file.read();
        if (position.isPresent()) {
            log.warn(
                    "Kafka has no position of {}; going on at the one in the position file: segment {}, offset {}."
                            + " Records committed since it was written are sent again",
                    identity,
                    position.get().segmentId(),
                    position.get().offset());
        }
        return position;
    }

    /** Writes a committed position if another segment has begun or a minute has passed. */
    void committed(Position position) {
        long now = System.nanoTime();
        boolean due = !position.segmentId().equals(writtenSegmentId) || now - writtenNanos >= INTERVAL_NANOS;
        if (file == null || !due) {
            return;
        }
        try {
            file.write(position);
        } catch (SinkException e) {
            // Kafka has the position: the pipeline can go on.
            failures.warn("the position is in Kafka, but not in its file: " + e.getMessage());
        }
        writtenSegmentId = position.segmentId();
        writtenNanos = now;
    }
}
