package io.policylog.parser;

/** One end of a connection. */
public enum Side {
    SRC(
            Field.SRC_POD_NAME,
            Field.SRC_NODE_NAME,
            Field.SRC_WORKLOAD_KIND,
            Field.SRC_WORKLOAD_NAME,
            Field.SRC_NAMESPACE,
            Field.SRC_INSTANCE,
            Field.SRC_IP),
    DEST(
            Field.DEST_POD_NAME,
            Field.DEST_NODE_NAME,
            Field.DEST_WORKLOAD_KIND,
            Field.DEST_WORKLOAD_NAME,
            Field.DEST_NAMESPACE,
            Field.DEST_INSTANCE,
            Field.DEST_IP);

    private final Field podName;
    private final Field nodeName;
    private final Field workloadKind;
    private final Field workloadName;
    private final Field namespace;
    private final Field instance;
    private final Field ip;

    Side(
            Field podName,
            Field nodeName,
            Field workloadKind,
            Field workloadName,
            Field namespace,
            Field instance,
            Field ip) {
        this.podName = podName;
        this.nodeName = nodeName;
        this.workloadKind = workloadKind;
        this.workloadName = workloadName;
        this.namespace = namespace;
        this.instance = instance;
        this.ip = ip;
    }

    public Field podName() {
        return podName;
    }

    public Field nodeName() {
        return nodeName;
    }

    public Field workloadKind() {
        return workloadKind;
    }

    public Field workloadName() {
        return workloadName;
    }

    /** The namespace; in a 2020 line, where only {@code pod_namespace} stands, {@link PolicyRecord} answers with that. */
    public Field namespace() {
        return namespace;
    }

    public Field instance() {
        return instance;
    }

    public Field ip() {
        return ip;
    }
}
