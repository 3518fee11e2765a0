package io.policylog.agent.simulate;

import java.util.LinkedHashMap;
import java.util.Map;

/** One side of a connection. */
sealed interface Endpoint {
    String ipv4();

    String ipv6();

    /** The value of {@code src} or {@code dest}, keys in the writer's order. */
    Map<String, Object> workload(Shape shape);

    default String ip(boolean version6) {
        return version6 ? ipv6() : ipv4();
    }

    record Pod(String name, String namespace, String workloadKind, String workloadName, String ipv4, String ipv6)
            implements Endpoint {
        @Override
        public Map<String, Object> workload(Shape shape) {
            Map<String, Object> workload = new LinkedHashMap<>();
            workload.put("pod_name", name);
            if (shape != Shape.GENERATION_1) {
                workload.put("workload_kind", workloadKind);
                workload.put("workload_name", workloadName);
            }
            workload.put("pod_namespace", namespace);
            if (shape != Shape.GENERATION_1) {
                workload.put("namespace", namespace);
            }
            return workload;
        }
    }

    /** A node, known as one since the third generation; before, it is an address like any other. */
    record Node(String name, String ipv4, String ipv6) implements Endpoint {
        @Override
        public Map<String, Object> workload(Shape shape) {
            return switch (shape) {
                case GENERATION_1, GENERATION_2 -> Map.of("instance", ipv4);
                case GENERATION_3, GENERATION_3_UNORDERED -> {
                    Map<String, Object> workload = new LinkedHashMap<>();
                    workload.put("node_name", name);
                    workload.put("workload_kind", "Node");
                    yield workload;
                }
            };
        }
    }

    /** Outside the cluster, or not resolved. */
    record External(String address, boolean version6) implements Endpoint {
        @Override
        public String ipv4() {
            return address;
        }

        @Override
        public String ipv6() {
            return address;
        }

        @Override
        public Map<String, Object> workload(Shape shape) {
            return Map.of("instance", address);
        }
    }
}
