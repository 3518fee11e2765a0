package io.policylog.sinks.prometheus;

import io.policylog.parser.Field;
import io.policylog.parser.PolicyRecord;
import io.policylog.parser.Side;
import io.policylog.parser.WorkloadName;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A label that the connections metric can have. The set is fixed: each is bounded by what a cluster has of it. */
enum ConnectionLabel {
    DISPOSITION("disposition", Field.DISPOSITION),
    DIRECTION("direction", Field.DIRECTION),
    PROTOCOL("protocol", Field.PROTOCOL),
    SRC_NAMESPACE("src_namespace", Field.SRC_NAMESPACE),
    SRC_WORKLOAD("src_workload", Side.SRC),
    SRC_WORKLOAD_KIND("src_workload_kind", Field.SRC_WORKLOAD_KIND),
    SRC_POD("src_pod", Field.SRC_POD_NAME),
    SRC_IP("src_ip", Field.SRC_IP),
    DEST_NAMESPACE("dest_namespace", Field.DEST_NAMESPACE),
    DEST_WORKLOAD("dest_workload", Side.DEST),
    DEST_WORKLOAD_KIND("dest_workload_kind", Field.DEST_WORKLOAD_KIND),
    DEST_POD("dest_pod", Field.DEST_POD_NAME),
    DEST_IP("dest_ip", Field.DEST_IP),
    DEST_PORT("dest_port", Field.DEST_PORT),
    NODE("node", Field.NODE_NAME);

    /** The labels of a sink that does not say which. */
    static final List<ConnectionLabel> DEFAULT = List.of(
            DISPOSITION, DIRECTION, PROTOCOL, SRC_NAMESPACE, SRC_WORKLOAD, DEST_NAMESPACE, DEST_WORKLOAD, DEST_PORT);

    private final String label;
    private final Field field;
    private final @Nullable Side workloadOf;

    ConnectionLabel(String label, Field field) {
        this.label = label;
        this.field = field;
        this.workloadOf = null;
    }

    ConnectionLabel(String label, Side workloadOf) {
        this.label = label;
        this.field = workloadOf.workloadName();
        this.workloadOf = workloadOf;
    }

    static Optional<ConnectionLabel> of(String label) {
        return Arrays.stream(values()).filter(l -> l.label.equals(label)).findFirst();
    }

    /** The label's name. */
    String label() {
        return label;
    }

    /** The fields whose bytes, together with the sides' {@link #shape}, decide the value. */
    List<Field> fields() {
        return workloadOf == null ? List.of(field) : List.of(workloadOf.workloadName(), workloadOf.workloadKind());
    }

    /** The value; null or empty when it is not known. */
    @Nullable
    String value(PolicyRecord record) {
        return workloadOf == null ? record.text(field) : workload(record, workloadOf);
    }

    /**
     * What a side is, as a number: a pod, a node, an address outside the cluster or one that was not resolved, or
     * something else that may still name a workload (docs/record-format.md).
     */
    static int shape(PolicyRecord record, Side side) {
        if (record.has(side.podName())) {
            return 0;
        }
        return record.has(side.nodeName()) ? 1 : record.has(side.instance()) ? 2 : 0;
    }

    private static @Nullable String workload(PolicyRecord record, Side side) {
        return switch (shape(record, side)) {
            case 1 -> "node";
            case 2 -> "external";
            default -> {
                String name = record.text(side.workloadName());
                yield name == null ? null : WorkloadName.stable(name, record.text(side.workloadKind()));
            }
        };
    }
}
