package io.policylog.agent.read;

import io.policylog.parser.Field;
import io.policylog.parser.PolicyRecord;
import io.policylog.parser.Printable;
import io.policylog.parser.Side;
import io.policylog.parser.WorkloadName;
import java.net.InetAddress;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One end of a connection as somebody types it: a pod, a workload, a node or an address, the first two with or without
 * {@code namespace/} before it.
 */
final class Peer {
    private final String typed;
    private final String namespace;
    private final String name;
    private final Optional<InetAddress> address;

    private Peer(String typed, String namespace, String name) {
        this.typed = typed;
        this.namespace = namespace;
        this.name = name;
        this.address = address(name);
    }

    /** @throws IllegalArgumentException if there is no name in it, with the rule */
    static Peer of(String typed) {
        int slash = typed.indexOf('/');
        if (slash == 0 || slash == typed.length() - 1) {
            throw new IllegalArgumentException(
                    "must be a pod, workload, node or address, such as shop/frontend; found '" + typed + "'");
        }
        return new Peer(typed, slash < 0 ? "" : typed.substring(0, slash), typed.substring(slash + 1));
    }

    private static Optional<InetAddress> address(String text) {
        try {
            return Optional.of(InetAddress.ofLiteral(text));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /** Whether this is the record's source, or destination. */
    boolean is(PolicyRecord record, Side side) {
        if (address.isPresent()) {
            return isAddress(record, side.ip()) || isAddress(record, side.instance());
        }
        if (!namespace.isEmpty() && !namespace.equals(record.text(side.namespace()))) {
            return false;
        }
        String workload = record.text(side.workloadName());
        return name.equals(record.text(side.podName()))
                || (workload != null
                        && (name.equals(workload)
                                || name.equals(WorkloadName.stable(workload, record.text(side.workloadKind())))))
                || (namespace.isEmpty() && name.equals(record.text(side.nodeName())));
    }

    private boolean isAddress(PolicyRecord record, Field field) {
        @Nullable String text = record.text(field);
        return text != null && (text.equals(name) || address(text).equals(address));
    }

    @Override
    public String toString() {
        return Printable.of(typed);
    }
}
