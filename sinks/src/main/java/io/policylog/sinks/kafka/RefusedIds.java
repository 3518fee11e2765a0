package io.policylog.sinks.kafka;

import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The ids of what the broker refused for its own sake (too large, a time out of range), so that it is not sent the same
 * way again after the transaction was aborted: one bad record must not stop a pipeline. Knowledge about the destination,
 * not about the log, so it outlives a session.
 *
 * <p>Bounded: past the bound the oldest id is forgotten, which costs another aborted transaction. Filled by
 * the threads that send, asked by the pipeline's.
 */
final class RefusedIds {
    static final int MOST = 4096;

    private final Map<String, String> reasons = new Bounded();
    private final Set<String> met = new HashSet<>();

    /** Read without the lock, because nearly always nothing was refused. */
    private volatile boolean any;

    /** Whether none had to be forgotten for it. */
    synchronized boolean add(String id, String reason) {
        boolean room = reasons.size() < MOST || reasons.containsKey(id);
        reasons.put(id, reason);
        any = true;
        return room;
    }

    boolean isEmpty() {
        return !any;
    }

    /** Why this one was refused, or null. It is forgotten with the next commit, and not before. */
    synchronized @Nullable String reason(String id) {
        String reason = reasons.get(id);
        if (reason != null) {
            met.add(id);
        }
        return reason;
    }

    /** Nothing before the committed position comes again. */
    synchronized void committed() {
        reasons.keySet().removeAll(met);
        met.clear();
        any = !reasons.isEmpty();
    }

    /** What was met since the last commit comes again. */
    synchronized void reopened() {
        met.clear();
    }

    private static final class Bounded extends LinkedHashMap<String, String> {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, String> eldest) {
            return size() > MOST;
        }
    }
}
