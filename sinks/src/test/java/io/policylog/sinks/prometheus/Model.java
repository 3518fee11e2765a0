package io.policylog.sinks.prometheus;

import io.policylog.sinks.prometheus.PrometheusText.Sample;
import io.policylog.sinks.testing.Line;
import java.util.HashMap;
import java.util.Map;

/** What the two metrics should say, counted in the plainest way. */
final class Model {
    private final Map<Sample, Double> counts = new HashMap<>();

    static Model of(Iterable<Line> lines) {
        Model model = new Model();
        lines.forEach(model::add);
        return model;
    }

    void add(Line line) {
        count("network_policy_connections_total", labels(line), line.count());
        for (Line.Policy policy : line.policies()) {
            count(
                    "network_policy_matches_total",
                    Map.of(
                            "policy_kind", policy.kind(),
                            "policy_namespace", policy.namespace(),
                            "policy_name", policy.name(),
                            "direction", line.direction()),
                    line.count());
        }
    }

    Map<Sample, Double> counts() {
        return counts;
    }

    private void count(String name, Map<String, String> labels, long count) {
        counts.merge(new Sample(name, labels), (double) count, Double::sum);
    }

    static Map<String, String> labels(Line line) {
        return Map.of(
                "disposition", line.disposition(),
                "direction", line.direction(),
                "protocol", line.protocol(),
                "src_namespace", line.src().namespace(),
                "src_workload", workload(line.src()),
                "dest_namespace", line.dest().namespace(),
                "dest_workload", workload(line.dest()),
                "dest_port", line.destPort() == 0 ? "" : Integer.toString(line.destPort()));
    }

    private static String workload(Line.Peer peer) {
        if (!peer.node().isEmpty()) {
            return "node";
        }
        if (!peer.instance().isEmpty()) {
            return "external";
        }
        return switch (peer.kind()) {
            case "ReplicaSet" -> peer.workload().replaceFirst("-[bcdfghjklmnpqrstvwxz2456789]{6,10}$", "");
            case "Job" -> peer.workload().replaceFirst("-[0-9]{8,}$", "");
            default -> peer.workload();
        };
    }
}
