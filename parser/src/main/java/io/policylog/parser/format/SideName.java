package io.policylog.parser.format;

import io.policylog.parser.Field;
import io.policylog.parser.PolicyRecord;
import io.policylog.parser.Printable;
import io.policylog.parser.Side;
import io.policylog.parser.WorkloadName;

/** How people are shown one end of a connection. */
public final class SideName {
    private SideName() {}

    /** {@code namespace/workload}, else the pod, the node or the address; in the form of {@link Printable}. */
    public static String of(PolicyRecord record, Side side) {
        String namespace = record.text(side.namespace());
        String prefix = namespace == null ? "" : namespace + "/";
        String workload = record.text(side.workloadName());
        if (workload != null) {
            return Printable.of(prefix + WorkloadName.stable(workload, record.text(side.workloadKind())));
        }
        String pod = record.text(side.podName());
        if (pod != null) {
            return Printable.of(prefix + pod);
        }
        String node = record.text(side.nodeName());
        return node != null ? Printable.of(node) : address(record, side);
    }

    private static String address(PolicyRecord record, Side side) {
        Field field = record.has(side.instance()) ? side.instance() : side.ip();
        String address = record.text(field);
        return address == null ? "-" : Printable.of(address);
    }
}
