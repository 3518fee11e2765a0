package io.policylog.parser;

import org.jspecify.annotations.Nullable;

/**
 * What the log itself does not say about where it was written: the labels of the monitored resource {@code k8s_node}.
 * Each is null where it is not known, as for a file that was copied to a laptop.
 *
 * @param projectId the project, also part of the log's name
 * @param location the cluster's region or zone
 * @param clusterName the cluster
 * @param nodeName the node for a record that does not name one itself
 */
public record ResourceLabels(
        @Nullable String projectId,
        @Nullable String location,
        @Nullable String clusterName,
        @Nullable String nodeName) {
    /** Nothing is known. */
    public static final ResourceLabels UNKNOWN = new ResourceLabels(null, null, null, null);

    /** The resource's type, the same for every record of this log. */
    public static final String RESOURCE_TYPE = "k8s_node";

    /** The log's id, the last part of {@link #logName}. */
    public static final String LOG_ID = "policy-action";

    /** The log's full name, {@code projects/<project>/logs/policy-action}; null if the project is not known. */
    public @Nullable String logName() {
        return projectId == null ? null : "projects/" + projectId + "/logs/" + LOG_ID;
    }
}
