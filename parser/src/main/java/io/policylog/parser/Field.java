package io.policylog.parser;

/** A known field of a record with a single value. {@code policies} has its own accessors: {@link PolicyField}. */
public enum Field {
    SRC_IP("connection.src_ip"),
    DEST_IP("connection.dest_ip"),
    SRC_PORT("connection.src_port"),
    DEST_PORT("connection.dest_port"),
    PROTOCOL("connection.protocol"),
    DIRECTION("connection.direction"),
    DISPOSITION("disposition"),
    SRC_POD_NAME("src.pod_name"),
    SRC_NODE_NAME("src.node_name"),
    SRC_WORKLOAD_KIND("src.workload_kind"),
    SRC_WORKLOAD_NAME("src.workload_name"),
    SRC_POD_NAMESPACE("src.pod_namespace"),
    SRC_NAMESPACE("src.namespace"),
    SRC_INSTANCE("src.instance"),
    DEST_POD_NAME("dest.pod_name"),
    DEST_NODE_NAME("dest.node_name"),
    DEST_WORKLOAD_KIND("dest.workload_kind"),
    DEST_WORKLOAD_NAME("dest.workload_name"),
    DEST_POD_NAMESPACE("dest.pod_namespace"),
    DEST_NAMESPACE("dest.namespace"),
    DEST_INSTANCE("dest.instance"),
    COUNT("count"),
    NODE_NAME("node_name"),
    TIMESTAMP("timestamp");

    private final String path;

    Field(String path) {
        this.path = path;
    }

    /** The path of the field in the normalized record, for example {@code connection.src_ip}. */
    public String path() {
        return path;
    }
}
