package io.policylog.agent.pipeline;

import io.policylog.sinks.Position;
import java.util.ArrayList;
import java.util.List;

/**
 * The checks of earlier commit points in the current segment, ever wider apart: in each power of four of the distance
 * from the newest, the farthest is kept. So a file that was cut back anywhere is read again from a point that is at most
 * about four times as far from the position as the cut. Confined to the pipeline's thread.
 */
final class CheckHistory {
    private List<Position.Check> checks = List.of();

    void reset(List<Position.Check> known) {
        checks = List.copyOf(known);
    }

    /** Adds the check for a new commit point, which is at or after all others. */
    void add(Position.Check newest) {
        List<Position.Check> kept = new ArrayList<>();
        kept.add(newest);
        int lastPower = -1;
        for (Position.Check check : checks.reversed()) { // The farthest first.
            long distance = newest.offset() - check.offset();
            int power = distance <= 0 ? -1 : (63 - Long.numberOfLeadingZeros(distance)) / 2;
            if (power >= 0 && power != lastPower) {
                kept.add(1, check);
                lastPower = power;
            }
        }
        checks = List.copyOf(kept.subList(0, Math.min(kept.size(), Position.MAX_CHECKS)));
    }

    /** Newest first. */
    List<Position.Check> list() {
        return checks;
    }
}
