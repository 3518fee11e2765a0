package io.policylog.agent.simulate;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Folds denied attempts of one connection into one line: the first attempt's, with the number of all. A fold is open for
 * five seconds from its first attempt and is written at the next tick of a timer of one second. At most
 * {@link #MAX_FOLDS} are open. Belongs to one thread.
 */
final class DenyFolding {
    static final long FOLD_NANOS = 5_000_000_000L;
    static final int MAX_FOLDS = 3_000;

    /** One line to come. */
    static final class Fold {
        final Flow flow;
        final int srcPort;
        final long firstEpochNanos;
        private long count = 1;

        private Fold(Flow flow, int srcPort, long firstEpochNanos) {
            this.flow = flow;
            this.srcPort = srcPort;
            this.firstEpochNanos = firstEpochNanos;
        }

        long count() {
            return count;
        }
    }

    /** In the order of their first attempts. Flows have no equals: each is its own connection. */
    private final Map<Flow, Fold> folds = new LinkedHashMap<>();

    /** Takes an attempt; false when it is dropped because too many are open. */
    boolean add(Flow flow, int srcPort, long epochNanos) {
        Fold open = folds.get(flow);
        if (open != null) {
            open.count++;
            return true;
        }
        if (folds.size() == MAX_FOLDS) {
            return false;
        }
        folds.put(flow, new Fold(flow, srcPort, epochNanos));
        return true;
    }

    /** Takes out the oldest fold that began at {@code epochNanos} or before; null when there is none. */
    @Nullable
    Fold pollBegunBy(long epochNanos) {
        Iterator<Fold> oldestFirst = folds.values().iterator();
        if (!oldestFirst.hasNext()) {
            return null;
        }
        Fold oldest = oldestFirst.next();
        if (oldest.firstEpochNanos > epochNanos) {
            return null;
        }
        oldestFirst.remove();
        return oldest;
    }

    int size() {
        return folds.size();
    }
}
