package io.policylog.agent.read;

import io.policylog.parser.Field;
import io.policylog.parser.PolicyField;
import io.policylog.parser.PolicyRecord;
import io.policylog.parser.Printable;
import io.policylog.parser.Side;
import io.policylog.parser.format.SideName;
import java.io.PrintWriter;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Gathers what the log shows about connections from one end to another. */
final class Explanation implements RecordConsumer {
    /** More different answers are not told apart; nobody would read them. */
    static final int MAX_ANSWERS = 1_000;

    private static final int MAX_NODES = 20;

    private final Peer source;
    private final Peer destination;
    private final int port;
    private final boolean timed;
    private final Map<Answer, Sum> answers = new LinkedHashMap<>();
    private long untold;

    // What the log holds besides: the hint when there is no answer.
    private final Sum all = new Sum();
    private final Set<String> nodes = new TreeSet<>();
    private boolean allowed;
    private boolean denied;
    private boolean sourceSeen;
    private boolean destinationSeen;
    private boolean otherPortSeen;
    private boolean otherDirectionSeen;

    /**
     * @param port of the destination; 0 for any
     * @param timed whether only part of the log was asked for, by time
     */
    Explanation(Peer source, Peer destination, int port, boolean timed) {
        this.source = source;
        this.destination = destination;
        this.port = port;
        this.timed = timed;
    }

    /** What is the same in all connections that are told of together; every text is printable. */
    private record Answer(
            String verdict,
            String direction,
            String source,
            String destination,
            int port,
            String protocol,
            List<String> policies,
            String node) {
        static Answer of(PolicyRecord record) {
            return new Answer(
                    text(record, Field.DISPOSITION),
                    text(record, Field.DIRECTION),
                    SideName.of(record, Side.SRC),
                    SideName.of(record, Side.DEST),
                    record.destPort(),
                    text(record, Field.PROTOCOL),
                    policies(record),
                    text(record, Field.NODE_NAME));
        }

        private static List<String> policies(PolicyRecord record) {
            List<String> names = new ArrayList<>();
            for (int i = 0; i < record.policyCount(); i++) {
                @Nullable String namespace = record.text(i, PolicyField.NAMESPACE);
                @Nullable String kind = record.text(i, PolicyField.KIND);
                String name = Objects.requireNonNullElse(record.text(i, PolicyField.NAME), "-");
                names.add(Printable.of(
                        (namespace == null ? "" : namespace + "/") + name + (kind == null ? "" : " (" + kind + ")")));
            }
            return List.copyOf(names);
        }

        private String target() {
            return port == 0
                    ? destination
                    : (destination.indexOf(':') < 0 ? destination : "[" + destination + "]") + ":" + port;
        }

        /** The side whose pod or node the decision was made for. */
        private String enforcedAt() {
            return direction.equals("egress") ? source : destination;
        }
    }

    /** How often, and when. */
    private static final class Sum {
        private long records;
        private long count;
        private Instant first = Instant.MAX;
        private Instant last = Instant.MIN;

        private void add(PolicyRecord record) {
            records++;
            count += record.count();
            Instant time = Instant.ofEpochSecond(record.epochSecond(), record.nano());
            first = time.isBefore(first) ? time : first;
            last = time.isAfter(last) ? time : last;
        }
    }

    private static String text(PolicyRecord record, Field field) {
        @Nullable String text = record.text(field);
        return text == null ? "" : Printable.of(text);
    }

    @Override
    public boolean record(PolicyRecord record, Origin origin) {
        boolean fromSource = source.is(record, Side.SRC);
        boolean toDestination = destination.is(record, Side.DEST);
        boolean portIs = port == 0 || port == record.destPort();
        if (fromSource && toDestination && portIs) {
            Answer answer = Answer.of(record);
            if (answers.size() < MAX_ANSWERS || answers.containsKey(answer)) {
                answers.computeIfAbsent(answer, a -> new Sum()).add(record);
            } else {
                untold++;
            }
        }
        otherPortSeen |= fromSource && toDestination && !portIs;
        boolean back = (!sourceSeen || !otherDirectionSeen) && source.is(record, Side.DEST);
        sourceSeen |= fromSource || back;
        boolean forth = (!destinationSeen || !otherDirectionSeen) && destination.is(record, Side.SRC);
        destinationSeen |= toDestination || forth;
        otherDirectionSeen |= back && forth;
        seen(record);
        return true;
    }

    private void seen(PolicyRecord record) {
        all.add(record);
        String verdict = text(record, Field.DISPOSITION);
        allowed |= verdict.equals("allow");
        denied |= verdict.equals("deny");
        if (nodes.size() < MAX_NODES && record.has(Field.NODE_NAME)) {
            nodes.add(text(record, Field.NODE_NAME));
        }
    }

    /** Whether the log shows such a connection. */
    boolean found() {
        return !answers.isEmpty();
    }

    /** Says what was found: denied connections first, then by how often. */
    void print(PrintWriter out) {
        List<Map.Entry<Answer, Sum>> sorted = answers.entrySet().stream()
                .sorted(Comparator.comparingInt((Map.Entry<Answer, Sum> a) ->
                                a.getKey().verdict().equals("deny") ? 0 : 1)
                        .thenComparingLong(a -> -a.getValue().count))
                .toList();
        for (Map.Entry<Answer, Sum> entry : sorted) {
            print(entry.getKey(), entry.getValue(), out);
        }
        if (untold > 0) {
            out.println(untold + " more records differ from all these; say more exactly which ends are meant");
        }
    }

    private static void print(Answer answer, Sum sum, PrintWriter out) {
        String verdict = switch (answer.verdict()) {
            case "allow" -> "allowed";
            case "deny" -> "denied";
            default -> answer.verdict();
        };
        out.println(verdict + ": " + answer.source() + " to " + answer.target() + "/" + answer.protocol());
        out.println("  " + times(sum.count) + (sum.count == sum.records ? "" : " in " + sum.records + " records") + ", "
                + (sum.first.equals(sum.last) ? "at " + sum.first : "from " + sum.first + " to " + sum.last));
        out.println("  decided at " + answer.direction() + " of " + answer.enforcedAt()
                + (answer.node().isEmpty() ? "" : ", on node " + answer.node()));
        if (!answer.policies().isEmpty()) {
            out.println("  allowed by " + String.join(", ", answer.policies()));
        } else if (answer.verdict().equals("deny")) {
            out.println("  no policy for " + answer.direction() + " of " + answer.enforcedAt()
                    + " allows it, or one denies it");
        }
    }

    private static String times(long count) {
        return count == 1 ? "once" : count + " times";
    }

    /**
     * Says why there may be nothing.
     *
     * @param incomplete whether part of the log could not be read, and that was told of
     */
    void hint(PrintWriter err, boolean incomplete) {
        String to = destination + (port == 0 ? "" : " port " + port);
        err.println("policylog: nothing found from " + source + " to " + to);
        if (all.records == 0 && incomplete) {
            err.println("- No record could be read, so nothing is known.");
            return;
        } else if (all.records == 0 && timed) {
            err.println(
                    "- There are no records at all of the time that was asked for; without it the log may have some.");
            return;
        } else if (all.records == 0) {
            err.println(
                    "- There are no records at all: logging is off (NetworkLogging \"default\"), or the log is elsewhere"
                            + " (--log).");
            return;
        }
        err.println("- The log holds " + (all.records == 1 ? "one record" : all.records + " records")
                + (timed ? " of the time that was asked for" : "") + ", from " + all.first + " to " + all.last
                + (timed ? "." : "; what was before is deleted, or never was on this node."));
        if (otherDirectionSeen) {
            err.println("- There are connections from " + destination + " to " + source + ": the other way round.");
        }
        if (otherPortSeen) {
            err.println("- There are connections between these, but to another port.");
        }
        if (!sourceSeen || !destinationSeen) {
            String missing =
                    sourceSeen ? destination.toString() : destinationSeen ? source.toString() : "either of them";
            err.println("- There is no record of " + missing + ": is the name right, and does the pod run on "
                    + (nodes.isEmpty() ? "this node" : "one of these nodes: " + String.join(", ", nodes)) + "?");
        } else {
            err.println(
                    "- A connection is decided and logged where its source runs (egress) and where its destination runs"
                            + " (ingress); this log is of "
                            + (nodes.isEmpty() ? "one node" : String.join(", ", nodes)) + ".");
        }
        if (!allowed || !denied) {
            err.println("- There is no " + (allowed ? "denied" : "allowed") + " connection in "
                    + (timed ? "all that time" : "the log at all") + ": NetworkLogging may not log "
                    + (allowed ? "denials" : "what is allowed") + ".");
        }
        err.println("- A connection that no policy selects is no decision, and is not logged.");
    }
}
