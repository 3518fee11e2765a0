package io.policylog.sinks.prometheus;

import io.policylog.sinks.testing.Line;
import io.policylog.sinks.testing.Line.Peer;
import io.policylog.sinks.testing.Line.Policy;
import io.policylog.sinks.testing.TestSegment;
import java.util.List;
import java.util.Random;

/** Random lines of a small cluster. */
final class Traffic {
    private static final String[] PROTOCOLS = {"tcp", "tcp", "tcp", "icmp"};
    private static final int[] PORTS = {443, 6379, 8080};
    private static final Policy[] POLICIES = {
        new Policy("NetworkPolicy", "default", "np"),
        new Policy("NetworkPolicy", "shop", "frontend"),
        new Policy("CiliumClusterwideNetworkPolicy", "", "everyone"),
        new Policy("", "", "")
    };

    private final Random random;

    Traffic(Random random) {
        this.random = random;
    }

    Line next() {
        String protocol = pick(PROTOCOLS);
        int port = protocol.equals("icmp") ? 0 : PORTS[random.nextInt(PORTS.length)];
        Line line = random.nextInt(10) < 6
                ? Line.allowed(
                        peer(),
                        peer(),
                        port,
                        random.nextInt(4) == 0
                                ? new Policy[] {pick(POLICIES), pick(POLICIES)}
                                : new Policy[] {pick(POLICIES)})
                : Line.denied(peer(), peer(), port, 1 + random.nextInt(40));
        return line.over(protocol).towards(random.nextBoolean() ? "ingress" : "egress");
    }

    private Peer peer() {
        String namespace = "shop";
        return switch (random.nextInt(8)) {
            case 0 -> Peer.node("node-" + random.nextInt(3));
            case 1 -> Peer.external("192.0.2." + random.nextInt(200));
            case 2 -> Peer.pod("Job", "backup-2897" + (1000 + random.nextInt(100)) + "0", namespace);
            case 3 -> Peer.pod("StatefulSet", "redis-cart", namespace);
            case 4 -> new Peer("old-generation", "", "", "", namespace, "");
            default -> Peer.pod("ReplicaSet", pick("frontend", "cart") + pick("-7b78d7c957", "-745c798fc9"), namespace);
        };
    }

    private String pick(String... of) {
        return of[random.nextInt(of.length)];
    }

    private Policy pick(Policy... of) {
        return of[random.nextInt(of.length)];
    }

    static TestSegment segment(List<Line> lines) {
        return TestSegment.of(lines.stream().map(Line::json).toList());
    }
}
