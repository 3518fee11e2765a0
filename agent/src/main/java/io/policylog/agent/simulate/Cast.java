package io.policylog.agent.simulate;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;

/**
 * The cluster that is simulated: a shop of microservices, what runs beside it, the world outside, and one rogue pod that
 * keeps trying {@code redis-cart:6379}. Names have the suffixes Kubernetes generates; pods have addresses in
 * 10.84.0.0/14 and fd84::/16.
 */
final class Cast {
    private static final String SHOP = "shop";
    private static final String SYSTEM = "kube-system";
    private static final String MONITORING = "monitoring";

    /** Kubernetes' own alphabet for generated names: no vowels and nothing that looks like one. */
    private static final String SUFFIX_ALPHABET = "bcdfghjklmnpqrstvwxz2456789";

    private static final int[] SCANNED_PORTS = {
        21, 22, 23, 80, 443, 445, 1433, 2379, 3306, 3389, 5432, 5672, 6379, 8080, 8443, 9090, 9200, 10250, 11211, 27017
    };

    /** More than are folded at a time, so that the limit can be reached. */
    private static final int DENIED_FLOWS = 4_000;

    private static final int EXTERNAL_ADDRESSES = 256;
    private static final int NODES = 6;

    private enum Kind {
        DEPLOYMENT,
        STATEFUL_SET,
        DAEMON_SET,
        /** Logged as the Job that the CronJob made. */
        CRON_JOB,
        /** Logged as the CronJob itself. */
        RESOLVED_CRON_JOB,
        BARE_POD
    }

    private final SplittableRandom random;
    private final Map<String, List<Endpoint.Pod>> pods = new LinkedHashMap<>();
    private final List<Endpoint.Node> nodes = new ArrayList<>();
    private final List<Endpoint.External> externals = new ArrayList<>();
    private final List<Flow> allowed = new ArrayList<>();
    private final List<Flow> denied = new ArrayList<>();
    private final Flow rogue;

    Cast(SplittableRandom random) {
        this.random = random;
        hirePods();
        for (int i = 0; i < NODES; i++) {
            String name = i == 0
                    ? TrafficOptions.DEFAULT_NODE_NAME
                    : "gke-shop-prod-default-pool-" + hex(8) + "-" + suffix(4);
            nodes.add(new Endpoint.Node(name, "10.128.0." + (2 + i), "fd80::" + (2 + i)));
        }
        for (int i = 0; i < EXTERNAL_ADDRESSES; i++) {
            boolean version6 = i % 8 == 7;
            externals.add(new Endpoint.External(version6 ? publicIpv6() : publicIpv4(), version6));
        }
        allowCalls();
        allowRest();
        rogue = deny("rogue", "redis-cart", 6379);
        denyScans();
    }

    /** Connections that are allowed; one that is frequent is in it several times. */
    Flow[] allowed() {
        return allowed.toArray(Flow[]::new);
    }

    /** Connections that are denied, no two alike, the rogue's not among them. */
    Flow[] denied() {
        return denied.toArray(Flow[]::new);
    }

    Flow rogue() {
        return rogue;
    }

    private void hirePods() {
        hire("frontend", SHOP, Kind.DEPLOYMENT, 4);
        hire("cartservice", SHOP, Kind.DEPLOYMENT, 3);
        hire("redis-cart", SHOP, Kind.DEPLOYMENT, 1);
        hire("checkoutservice", SHOP, Kind.DEPLOYMENT, 3);
        hire("productcatalogservice", SHOP, Kind.DEPLOYMENT, 3);
        hire("currencyservice", SHOP, Kind.DEPLOYMENT, 3);
        hire("paymentservice", SHOP, Kind.DEPLOYMENT, 2);
        hire("shippingservice", SHOP, Kind.DEPLOYMENT, 2);
        hire("emailservice", SHOP, Kind.DEPLOYMENT, 2);
        hire("recommendationservice", SHOP, Kind.DEPLOYMENT, 2);
        hire("adservice", SHOP, Kind.DEPLOYMENT, 2);
        hire("loadgenerator", SHOP, Kind.DEPLOYMENT, 1);
        hire("orders-db", SHOP, Kind.STATEFUL_SET, 3);
        hire("cart-cleanup", SHOP, Kind.CRON_JOB, 1);
        hire("sales-report", SHOP, Kind.RESOLVED_CRON_JOB, 1);
        hire("debug-shell", SHOP, Kind.BARE_POD, 1);
        hire("kube-dns", SYSTEM, Kind.DEPLOYMENT, 2);
        hire("node-exporter", MONITORING, Kind.DAEMON_SET, NODES);
        hire("prometheus", MONITORING, Kind.STATEFUL_SET, 1);
        hire("rogue", "default", Kind.DEPLOYMENT, 1);
    }

    private void allowCalls() {
        call("loadgenerator", "frontend", 8080, "tcp", 8);
        call("frontend", "productcatalogservice", 3550, "tcp", 6);
        call("frontend", "currencyservice", 7000, "tcp", 6);
        call("frontend", "cartservice", 7070, "tcp", 5);
        call("frontend", "recommendationservice", 8080, "tcp", 3);
        call("frontend", "adservice", 9555, "tcp", 3);
        call("frontend", "shippingservice", 50051, "tcp", 2);
        call("frontend", "checkoutservice", 5050, "tcp", 2);
        call("checkoutservice", "cartservice", 7070, "tcp", 1);
        call("checkoutservice", "productcatalogservice", 3550, "tcp", 1);
        call("checkoutservice", "currencyservice", 7000, "tcp", 1);
        call("checkoutservice", "paymentservice", 50051, "tcp", 1);
        call("checkoutservice", "shippingservice", 50051, "tcp", 1);
        call("checkoutservice", "emailservice", 8080, "tcp", 1);
        call("checkoutservice", "orders-db", 5432, "tcp", 1);
        call("recommendationservice", "productcatalogservice", 3550, "tcp", 2);
        call("cartservice", "redis-cart", 6379, "tcp", 5);
        call("cart-cleanup", "redis-cart", 6379, "tcp", 1);
        call("sales-report", "orders-db", 5432, "tcp", 1);
        call("prometheus", "node-exporter", 9100, "tcp", 1);
        call("prometheus", "frontend", 9090, "tcp", 1);
        call("prometheus", "frontend", 0, "icmp", 1);
        call("orders-db", "orders-db", 0, "unknown", 1);
        for (String client :
                List.of("frontend", "checkoutservice", "cartservice", "recommendationservice", "emailservice")) {
            call(client, "kube-dns", 53, "udp", 2);
        }
    }

    private void allowRest() {
        Policy hostFirewall =
                new Policy("host-firewall", "", List.of("reserved:host"), 7, "CiliumClusterwideNetworkPolicy");
        Policy openShop = new Policy("allow-from-load-balancer", SHOP, List.of(), 0, "NetworkPolicy");
        Policy payment = new Policy("allow-payment-gateway", SHOP, List.of(), 0, "FQDNNetworkPolicy");
        for (int i = 0; i < 24; i++) {
            Endpoint.External client = pick(externals);
            Endpoint.Pod frontend = pick(pods("frontend"));
            allowed.add(flow(client, frontend, 8080, "tcp", "ingress", client.version6(), List.of(openShop)));
            Endpoint.External gateway = pick(externals);
            allowed.add(flow(
                    pick(pods("paymentservice")), gateway, 443, "tcp", "egress", gateway.version6(), List.of(payment)));
        }
        for (Endpoint.Node node : nodes) {
            Endpoint.External outside = externals.getFirst();
            allowed.add(flow(pick(pods("prometheus")), node, 10250, "tcp", "ingress", false, List.of(hostFirewall)));
            allowed.add(flow(node, outside, 443, "tcp", "egress", false, List.of(hostFirewall)));
        }
    }

    private void denyScans() {
        Set<Connection> known = new HashSet<>(Set.of(rogue.connection));
        List<Endpoint.Pod> targets =
                pods.values().stream().flatMap(List::stream).toList();
        while (denied.size() < DENIED_FLOWS) {
            Endpoint.Pod target = pick(targets);
            Endpoint.Pod peer = pick(targets);
            Endpoint.External outside = pick(externals);
            int port = SCANNED_PORTS[random.nextInt(SCANNED_PORTS.length)];
            Flow flow = switch (random.nextInt(16)) {
                case 0 -> flow(outside, pick(nodes), 22, "tcp", "ingress", outside.version6(), List.of());
                case 1 -> flow(peer, target, 0, "icmp", "ingress", false, List.of());
                case 2 -> flow(peer, target, port, "udp", "egress", true, List.of());
                case 3, 4 -> flow(target, outside, port, "tcp", "egress", outside.version6(), List.of());
                case 5, 6, 7 -> flow(outside, target, port, "tcp", "ingress", outside.version6(), List.of());
                case 8, 9 -> flow(peer, target, port, "tcp", "egress", false, List.of());
                default -> flow(peer, target, port, "tcp", "ingress", false, List.of());
            };
            if (known.add(flow.connection)) {
                denied.add(flow);
            }
        }
    }

    private void hire(String name, String namespace, Kind kind, int replicas) {
        String replicaSet = name + "-" + suffix(9 + random.nextInt(2));
        String job = name + "-" + (29_400_000 + random.nextInt(90_000));
        List<Endpoint.Pod> hired = new ArrayList<>();
        for (int i = 0; i < replicas; i++) {
            hired.add(
                    switch (kind) {
                        case DEPLOYMENT -> pod(replicaSet + "-" + suffix(5), namespace, "ReplicaSet", replicaSet);
                        case STATEFUL_SET -> pod(name + "-" + i, namespace, "StatefulSet", name);
                        case DAEMON_SET -> pod(name + "-" + suffix(5), namespace, "DaemonSet", name);
                        case CRON_JOB -> pod(job + "-" + suffix(5), namespace, "Job", job);
                        case RESOLVED_CRON_JOB -> pod(job + "-" + suffix(5), namespace, "CronJob", name);
                        case BARE_POD -> pod(name, namespace, "Pod", name);
                    });
        }
        pods.put(name, hired);
    }

    private Endpoint.Pod pod(String name, String namespace, String workloadKind, String workloadName) {
        int network = 84 + random.nextInt(4);
        int third = random.nextInt(256);
        int fourth = 2 + random.nextInt(253);
        return new Endpoint.Pod(
                name,
                namespace,
                workloadKind,
                workloadName,
                "10." + network + "." + third + "." + fourth,
                String.format("fd84:%x:%x::%x", network, third, fourth));
    }

    /** Both decisions of a call, where it leaves and where it arrives, between all pairs of pods; one in eight over IPv6. */
    private void call(String client, String server, int port, String protocol, int weight) {
        Policy ingress = ingressPolicy(server);
        Policy egress = new Policy("allow-egress-" + client, namespace(client), List.of(), 0, "NetworkPolicy");
        Policy baseline = new Policy(
                "cluster-baseline", "", List.of("k8s:note=dns & health < 1024"), 3, "CiliumClusterwideNetworkPolicy");
        for (Endpoint.Pod from : pods(client)) {
            for (Endpoint.Pod to : pods(server)) {
                if (from.equals(to)) {
                    continue;
                }
                boolean version6 = random.nextInt(8) == 0;
                boolean twice = random.nextInt(8) == 0;
                Flow arrives = flow(
                        from,
                        to,
                        port,
                        protocol,
                        "ingress",
                        version6,
                        twice ? List.of(ingress, baseline) : List.of(ingress));
                Flow leaves = flow(from, to, port, protocol, "egress", version6, List.of(egress));
                for (int i = 0; i < weight; i++) {
                    allowed.add(arrives);
                    allowed.add(leaves);
                }
            }
        }
    }

    private Policy ingressPolicy(String server) {
        String name = "allow-to-" + server;
        String namespace = namespace(server);
        return switch (server.length() % 3) {
            case 0 ->
                new Policy(
                        name, namespace, List.of("k8s:io.cilium.k8s.policy.name=" + name), 12, "CiliumNetworkPolicy");
            default -> new Policy(name, namespace, List.of(), 0, "NetworkPolicy");
        };
    }

    private Flow deny(String client, String server, int port) {
        return flow(pods(client).getFirst(), pods(server).getFirst(), port, "tcp", "ingress", false, List.of());
    }

    private static Flow flow(
            Endpoint src,
            Endpoint dest,
            int destPort,
            String protocol,
            String direction,
            boolean version6,
            List<Policy> policies) {
        return new Flow(
                new Connection(src.ip(version6), dest.ip(version6), destPort, protocol, direction),
                src,
                dest,
                policies);
    }

    private List<Endpoint.Pod> pods(String workload) {
        return pods.getOrDefault(workload, List.of());
    }

    private String namespace(String workload) {
        return pods(workload).getFirst().namespace();
    }

    private <T> T pick(List<T> from) {
        return from.get(random.nextInt(from.size()));
    }

    private String suffix(int length) {
        return text(SUFFIX_ALPHABET, length);
    }

    private String hex(int length) {
        return text("0123456789abcdef", length);
    }

    private String text(String alphabet, int length) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < length; i++) {
            text.append(alphabet.charAt(random.nextInt(alphabet.length())));
        }
        return text.toString();
    }

    /** From the three blocks kept for documentation (RFC 5737), which nobody owns. */
    private String publicIpv4() {
        String[] blocks = {"192.0.2.", "198.51.100.", "203.0.113."};
        return blocks[random.nextInt(blocks.length)] + (1 + random.nextInt(254));
    }

    /** From the block kept for documentation (RFC 3849). */
    private String publicIpv6() {
        return String.format("2001:db8:%x::%x", 1 + random.nextInt(0xffff), 1 + random.nextInt(0xffff));
    }
}
