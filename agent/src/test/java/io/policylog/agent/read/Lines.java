package io.policylog.agent.read;

import java.time.Instant;

/** Lines of the log. */
final class Lines {
    private Lines() {}

    /** An allowed connection of a pod to another, at so many seconds after an hour before {@link TestShell#NOW}. */
    static String allow(int second, String source, String destination) {
        return line(second, "allow", source, destination, 1)
                .replace(
                        "\"src\":",
                        "\"policies\":[{\"name\":\"np\",\"namespace\":\"shop\",\"kind\":\"NetworkPolicy\"}],\"src\":");
    }

    static String deny(int second, String source, String destination, int count) {
        return line(second, "deny", source, destination, count);
    }

    private static String line(int second, String disposition, String source, String destination, int count) {
        Instant time = TestShell.NOW.minusSeconds(3600).plusSeconds(second);
        return """
                {"connection":{"src_ip":"10.0.0.1","dest_ip":"10.0.0.2","src_port":40000,"dest_port":8080,\
                "protocol":"tcp","direction":"ingress"},"disposition":"%s",\
                "src":{"pod_name":"%s-0","workload_kind":"StatefulSet","workload_name":"%s","pod_namespace":"shop",\
                "namespace":"shop"},\
                "dest":{"pod_name":"%s-0","workload_kind":"StatefulSet","workload_name":"%s","pod_namespace":"shop",\
                "namespace":"shop"},"count":%d,"node_name":"node-1","timestamp":"%s"}
                """.formatted(disposition, source, source, destination, destination, count, time);
    }
}
