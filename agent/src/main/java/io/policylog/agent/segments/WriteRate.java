package io.policylog.agent.segments;

import java.util.ArrayDeque;
import java.util.List;

/** How fast the log grows: an average over the last minute, of thirteen samples at most. Thread-safe. */
final class WriteRate {
    private static final long WINDOW_NANOS = 60_000_000_000L;
    private static final long STEP_NANOS = 5_000_000_000L;

    private record Sample(long writtenBytes, long nanos) {}

    private final ArrayDeque<Sample> samples = new ArrayDeque<>();
    private long sequence = -1;
    private long end;
    private long writtenBytes;
    private long nanos;

    /** Takes note of how far the log goes. What the first look finds was not written now. */
    synchronized void saw(List<Segment> segments, long now) {
        long grown = 0;
        for (Segment segment : segments) {
            if (segment.sequence() >= sequence) {
                grown += Math.max(0, segment.sequence() == sequence ? segment.size() - end : segment.size());
                sequence = segment.sequence();
                end = segment.size();
            }
        }
        writtenBytes += samples.isEmpty() ? 0 : grown;
        nanos = now;
        if (samples.isEmpty() || now - samples.getLast().nanos >= STEP_NANOS) {
            samples.addLast(new Sample(writtenBytes, now));
            while (now - samples.getFirst().nanos > WINDOW_NANOS) {
                samples.removeFirst();
            }
        }
    }

    /** Bytes in a second; 0 before anything was seen to be written. */
    synchronized double bytesPerSecond() {
        return samples.isEmpty()
                ? 0
                : (writtenBytes - samples.getFirst().writtenBytes)
                        * 1e9
                        / Math.max(STEP_NANOS, nanos - samples.getFirst().nanos);
    }
}
