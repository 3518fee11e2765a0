package io.policylog.agent.segments;

import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.OptionalLong;

/**
 * Remembers since when the end of the log has been known to lie where it lies: what the lag in seconds is measured by.
 * Bounded: when it is full, every other memory goes, so that old ones become coarse. Thread-safe.
 */
final class LogEnd {
    private static final int MAX_SIGHTINGS = 256;

    private record Sighting(long sequence, long end, long nanos) {}

    private final ArrayDeque<Sighting> sightings = new ArrayDeque<>();

    /** Takes note of where the log ended at a time. */
    synchronized void saw(long sequence, long end, long nanos) {
        Sighting last = sightings.peekLast();
        if (last != null && (last.sequence > sequence || (last.sequence == sequence && last.end >= end))) {
            return;
        }
        if (sightings.size() == MAX_SIGHTINGS) {
            boolean keep = true;
            for (Iterator<Sighting> i = sightings.iterator(); i.hasNext(); keep = !keep) {
                i.next();
                if (!keep) {
                    i.remove();
                }
            }
        }
        sightings.addLast(new Sighting(sequence, end, nanos));
    }

    /** When it was first seen that there is something after a place in the log; empty when there is nothing. */
    synchronized OptionalLong knownSinceNanos(long sequence, long offset) {
        for (Sighting sighting : sightings) {
            if (sighting.sequence > sequence || (sighting.sequence == sequence && sighting.end > offset)) {
                return OptionalLong.of(sighting.nanos);
            }
        }
        return OptionalLong.empty();
    }
}
