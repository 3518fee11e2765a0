package io.policylog.sinks.testing;

import java.util.ArrayList;
import java.util.List;

/** A line of the log as the node writes it. */
public record Line(
        String srcIp,
        String destIp,
        int destPort,
        String protocol,
        String direction,
        String disposition,
        List<Policy> policies,
        Peer src,
        Peer dest,
        long count) {

    /** A policy that allowed a connection. */
    public record Policy(String kind, String namespace, String name) {}

    /** One side; what it has none of is empty. */
    public record Peer(String pod, String node, String kind, String workload, String namespace, String instance) {
        public static Peer pod(String kind, String workload, String namespace) {
            return new Peer(workload + "-x2k4z", "", kind, workload, namespace, "");
        }

        public static Peer node(String name) {
            return new Peer("", name, "Node", "", "", "");
        }

        public static Peer external(String ip) {
            return new Peer("", "", "", "", "", ip);
        }

        private String json() {
            List<String> members = new ArrayList<>();
            member(members, "pod_name", pod);
            member(members, "node_name", node);
            member(members, "workload_kind", kind);
            member(members, "workload_name", workload);
            member(members, "pod_namespace", namespace);
            member(members, "namespace", namespace);
            member(members, "instance", instance);
            return "{" + String.join(",", members) + "}";
        }
    }

    public static Line denied(Peer src, Peer dest, int destPort, long count) {
        return new Line("10.84.1.8", "10.84.0.11", destPort, "tcp", "ingress", "deny", List.of(), src, dest, count);
    }

    public static Line allowed(Peer src, Peer dest, int destPort, Policy... policies) {
        return new Line(
                "10.84.1.7", "10.84.0.11", destPort, "tcp", "ingress", "allow", List.of(policies), src, dest, 1);
    }

    public Line from(String ip) {
        return new Line(ip, destIp, destPort, protocol, direction, disposition, policies, src, dest, count);
    }

    public Line over(String otherProtocol) {
        return new Line(srcIp, destIp, destPort, otherProtocol, direction, disposition, policies, src, dest, count);
    }

    public Line towards(String otherDirection) {
        return new Line(srcIp, destIp, destPort, protocol, otherDirection, disposition, policies, src, dest, count);
    }

    /** The line's text, without its end. */
    public String json() {
        List<String> connection = new ArrayList<>();
        member(connection, "src_ip", srcIp);
        member(connection, "dest_ip", destIp);
        if (destPort != 0) {
            connection.add("\"src_port\":55644");
            connection.add("\"dest_port\":" + destPort);
        }
        member(connection, "protocol", protocol);
        member(connection, "direction", direction);
        StringBuilder json = new StringBuilder("{\"connection\":{" + String.join(",", connection) + "}");
        json.append(",\"disposition\":\"").append(disposition).append('"');
        if (!policies.isEmpty()) {
            List<String> elements = new ArrayList<>();
            for (Policy policy : policies) {
                List<String> members = new ArrayList<>();
                member(members, "name", policy.name());
                member(members, "namespace", policy.namespace());
                member(members, "kind", policy.kind());
                elements.add("{" + String.join(",", members) + "}");
            }
            json.append(",\"policies\":[").append(String.join(",", elements)).append(']');
        }
        return json.append(",\"src\":")
                .append(src.json())
                .append(",\"dest\":")
                .append(dest.json())
                .append(",\"count\":")
                .append(count)
                .append(",\"node_name\":\"node-1\",\"timestamp\":\"2020-06-13T21:29:31.445836587Z\"}")
                .toString();
    }

    private static void member(List<String> members, String key, String value) {
        if (!value.isEmpty()) {
            StringBuilder escaped = new StringBuilder();
            value.chars()
                    .forEach(c -> escaped.append(
                            c < ' ' || c == '"' || c == '\\' || Character.isSurrogate((char) c)
                                    ? "\\u%04x".formatted(c)
                                    : String.valueOf((char) c)));
            members.add("\"" + key + "\":\"" + escaped + "\"");
        }
    }
}
