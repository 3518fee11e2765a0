package io.policylog.parser;

/** A known field of a record with a single value. {@code policies} has its own accessors: {@link PolicyField}. */
public enum Field {
    SRC_IP("connection.src_ip", LineIndex.CONNECTION, 0),
    DEST_IP("connection.dest_ip", LineIndex.CONNECTION, 1),
    SRC_PORT("connection.src_port", LineIndex.CONNECTION, 2),
    DEST_PORT("connection.dest_port", LineIndex.CONNECTION, 3),
    PROTOCOL("connection.protocol", LineIndex.CONNECTION, 4),
    DIRECTION("connection.direction", LineIndex.CONNECTION, 5),
    DISPOSITION("disposition", LineIndex.TOP, 1),
    SRC_POD_NAME("src.pod_name", LineIndex.SRC, 0),
    SRC_NODE_NAME("src.node_name", LineIndex.SRC, 1),
    SRC_WORKLOAD_KIND("src.workload_kind", LineIndex.SRC, 2),
    SRC_WORKLOAD_NAME("src.workload_name", LineIndex.SRC, 3),
    SRC_POD_NAMESPACE("src.pod_namespace", LineIndex.SRC, 4),
    SRC_NAMESPACE("src.namespace", LineIndex.SRC, 5),
    SRC_INSTANCE("src.instance", LineIndex.SRC, 6),
    DEST_POD_NAME("dest.pod_name", LineIndex.DEST, 0),
    DEST_NODE_NAME("dest.node_name", LineIndex.DEST, 1),
    DEST_WORKLOAD_KIND("dest.workload_kind", LineIndex.DEST, 2),
    DEST_WORKLOAD_NAME("dest.workload_name", LineIndex.DEST, 3),
    DEST_POD_NAMESPACE("dest.pod_namespace", LineIndex.DEST, 4),
    DEST_NAMESPACE("dest.namespace", LineIndex.DEST, 5),
    DEST_INSTANCE("dest.instance", LineIndex.DEST, 6),
    COUNT("count", LineIndex.TOP, 5),
    NODE_NAME("node_name", LineIndex.TOP, 6),
    TIMESTAMP("timestamp", LineIndex.TOP, 7);

    private final String path;
    private final int base;
    private final int key;

    Field(String path, int base, int key) {
        this.path = path;
        this.base = base;
        this.key = key;
    }

    /** The path of the field in the normalized record, for example {@code connection.src_ip}. */
    public String path() {
        return path;
    }

    /** The object's block in {@link LineIndex}. */
    int base() {
        return base;
    }

    /** The place of the key among the keys of its object. */
    int key() {
        return key;
    }
}
