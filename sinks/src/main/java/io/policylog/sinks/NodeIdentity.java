package io.policylog.sinks;

import io.policylog.parser.ResourceLabels;
import java.util.Optional;

/**
 * Where this agent runs.
 *
 * @param node the node's name
 * @param project the cloud project, if configured
 * @param location the cluster's region or zone, if configured
 * @param cluster the cluster's name, if configured
 */
public record NodeIdentity(String node, Optional<String> project, Optional<String> location, Optional<String> cluster) {

    /** The same in the words of a log entry. */
    public ResourceLabels labels() {
        return new ResourceLabels(project.orElse(null), location.orElse(null), cluster.orElse(null), node);
    }
}
