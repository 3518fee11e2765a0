package io.policylog.agent.segments;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What the store knew after a scan. Immutable.
 *
 * @param store names the state that gave the sequence numbers; eight hex digits
 * @param list every segment, in order
 * @param lost segments that went before every pipeline had read them, oldest first; the last thousand
 * @param firstOfRun the first sequence number that this process gave or will give; smaller ones are of earlier runs
 * @param nextSequence above every sequence number given so far
 */
public record Segments(String store, List<Segment> list, List<Lost> lost, long firstOfRun, long nextSequence) {
    /**
     * A segment whose bytes are gone.
     *
     * @param sequence its place in the order
     * @param id what it was
     * @param size how long it was when it was last seen
     * @param file the last name it had in the log directory; empty when it had none since the agent started
     * @param modified when it was last written to
     * @param reason why it is gone
     */
    public record Lost(long sequence, String id, long size, String file, Instant modified, Reason reason) {
        /** Why bytes are gone; the value of a metric label. */
        public enum Reason {
            /** A bound on retained bytes or free disk was reached. */
            RETENTION("retention"),
            /** The file was truncated, and there was no copy. */
            TRUNCATED("truncated"),
            /** The pin itself was removed, or can't be read any more. */
            REMOVED("removed");

            private final String label;

            Reason(String label) {
                this.label = label;
            }

            public String label() {
                return label;
            }
        }
    }

    public Segments {
        list = List.copyOf(list);
        lost = List.copyOf(lost);
    }

    public Optional<Segment> find(long sequence) {
        return list.stream().filter(s -> s.sequence() == sequence).findFirst();
    }

    /** The segment with an id, its {@code ~n} suffix left aside. */
    public Optional<Segment> find(String id) {
        String plain = withoutGeneration(id);
        return list.stream().filter(s -> s.id().equals(plain)).findFirst();
    }

    /** The oldest segment with a higher sequence number. */
    public Optional<Segment> after(long sequence) {
        return list.stream().filter(s -> s.sequence() > sequence).findFirst();
    }

    /** Whether two states have the same segments, of the same sizes, finished alike. */
    static boolean sameExtent(Segments a, Segments b) {
        if (a.list.size() != b.list.size()) {
            return false;
        }
        for (int i = 0; i < a.list.size(); i++) {
            Segment left = a.list.get(i);
            Segment right = b.list.get(i);
            if (left.sequence() != right.sequence()
                    || left.size() != right.size()
                    || left.finished() != right.finished()
                    || left.copies().size() != right.copies().size()) {
                return false;
            }
        }
        return true;
    }

    /** A segment id without the {@code -n} that tells segments apart that begin alike. */
    static String withoutNumber(String id) {
        int dash = id.indexOf('-');
        return dash < 0 ? id : id.substring(0, dash);
    }

    /** A segment id without the {@code ~n} that record ids carry after a file was cut back. */
    public static String withoutGeneration(String id) {
        int tilde = id.indexOf('~');
        return tilde < 0 ? id : id.substring(0, tilde);
    }
}
