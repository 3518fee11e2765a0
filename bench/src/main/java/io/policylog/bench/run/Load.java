package io.policylog.bench.run;

import io.policylog.agent.simulate.LogWriter;
import io.policylog.agent.simulate.LogWriterOptions;
import io.policylog.agent.simulate.TrafficGenerator;
import io.policylog.agent.simulate.TrafficOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A writer of the log, in a thread of its own. A line's timestamp is when it was due, whether or not the writer kept up; what
 * waits for it therefore counts what the writer and the machine delayed too.
 */
final class Load {
    private final Thread thread;
    private final List<String> timestamps = Collections.synchronizedList(new ArrayList<>());
    private volatile @Nullable Exception failure;

    /**
     * Begins to write.
     *
     * @param rate lines a second
     * @param rotateMillis rotates so often, and else when a file is full
     */
    Load(Path directory, double rate, long lines, LogWriterOptions options, long rotateMillis) {
        thread = Thread.ofPlatform().name("bench-load").start(() -> {
            try {
                write(directory, rate, lines, options, rotateMillis);
            } catch (IOException | RuntimeException e) {
                failure = e;
            }
        });
    }

    private void write(Path directory, double rate, long lines, LogWriterOptions options, long rotateMillis)
            throws IOException {
        TrafficGenerator traffic = new TrafficGenerator(TrafficOptions.seeded(7)
                .withDenyShare(0)
                .withAttemptsPerSecond(rate)
                .withStart(Instant.now()));
        long nextRotation = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(rotateMillis);
        try (LogWriter log = new LogWriter(directory, options)) {
            while (traffic.counts().lines() < lines) {
                long early = traffic.nextEventEpochNanos() - now();
                if (early > 0) {
                    LockSupport.parkNanos(early);
                    continue;
                }
                if (rotateMillis > 0 && System.nanoTime() >= nextRotation) {
                    log.rotate();
                    nextRotation += TimeUnit.MILLISECONDS.toNanos(rotateMillis);
                }
                traffic.step((line, offset, length) -> {
                    timestamps.add(Topic.timestamp(line, offset, length));
                    log.write(line, offset, length);
                });
            }
        }
    }

    /** Nanoseconds since 1970. */
    static long now() {
        Instant now = Instant.now();
        return now.getEpochSecond() * 1_000_000_000L + now.getNano();
    }

    /** Waits until all is written. */
    void await() throws IOException, InterruptedException {
        thread.join();
        if (failure != null) {
            throw new IOException("the log was not written to its end", failure);
        }
    }

    /** Of the lines written so far; no two are the same. */
    List<String> timestamps() {
        synchronized (timestamps) {
            return List.copyOf(timestamps);
        }
    }
}
