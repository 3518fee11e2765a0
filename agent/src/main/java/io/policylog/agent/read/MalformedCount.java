package io.policylog.agent.read;

import io.policylog.parser.MalformedLine;
import io.policylog.parser.MalformedReason;
import io.policylog.parser.Printable;
import java.io.PrintWriter;
import java.util.EnumMap;
import java.util.Map;
import java.util.stream.Collectors;

/** Counts the lines that are no records, and remembers the first, to tell of them at the end, or now and then. */
final class MalformedCount {
    private static final int SHOWN_CODE_POINTS = 200;

    private final Map<MalformedReason, Long> counts = new EnumMap<>(MalformedReason.class);
    private String first = "";

    void add(MalformedReason reason, MalformedLine line, String input, long offset) {
        if (counts.isEmpty()) {
            first = Printable.of(input) + ", byte " + offset + ": "
                    + Printable.quote(line.array(), line.offset(), line.length(), SHOWN_CODE_POINTS);
        }
        counts.merge(reason, 1L, Long::sum);
    }

    boolean isEmpty() {
        return counts.isEmpty();
    }

    /** Tells of those since the last report. */
    void report(PrintWriter err) {
        if (!counts.isEmpty()) {
            long all = counts.values().stream().mapToLong(Long::longValue).sum();
            String reasons = counts.entrySet().stream()
                    .map(e -> e.getValue() + " " + e.getKey().label())
                    .collect(Collectors.joining(", "));
            err.println("policylog: " + all + (all == 1 ? " line is" : " lines are") + " no record (" + reasons
                    + "); the first: " + first);
            counts.clear();
        }
    }
}
