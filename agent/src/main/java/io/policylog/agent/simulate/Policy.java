package io.policylog.agent.simulate;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A policy that allowed a connection.
 *
 * @param namespace empty for a cluster-wide policy
 * @param revision 0 when the writer does not say it
 */
record Policy(String name, String namespace, List<String> labels, int revision, String kind) {
    /** An element of {@code policies}, keys in the writer's order. */
    Map<String, Object> element(Shape shape) {
        Map<String, Object> policy = new LinkedHashMap<>();
        policy.put("name", name);
        if (!namespace.isEmpty()) {
            policy.put("namespace", namespace);
        }
        switch (shape) {
            case GENERATION_1, GENERATION_2 -> {}
            case GENERATION_3, GENERATION_3_UNORDERED -> {
                if (!labels.isEmpty()) {
                    policy.put("labels", labels);
                }
                if (revision > 0) {
                    policy.put("revision", revision);
                }
                policy.put("kind", kind);
            }
        }
        return policy;
    }
}
