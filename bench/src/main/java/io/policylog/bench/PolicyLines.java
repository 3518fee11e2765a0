package io.policylog.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.stream.Stream;

/**
 * Lines as a busy node writes them, in one array: 60 % allowed, names and addresses of a cluster of some hundred
 * workloads, time moving on by 2 ms a line. The same seed gives the same bytes.
 */
public final class PolicyLines {
    /** Who wrote the lines. */
    public enum Writer {
        /** Since 2023, and normal already. */
        NEWEST,
        /** 2020, and 2021 to 2022, half each: normalization adds to each line. */
        OLDER,
        /** Since 2023, from the other marshaller: {@code src} first, {@code policies} late, no order in objects. */
        ANY_ORDER
    }

    private static final String NODE = "gke-prod-1-default-pool-e8df3298-412p";
    private static final String GENERATED = "bcdfghjklmnpqrstvwxz2456789";

    private final Random random;
    private final Writer writer;
    private final byte[] bytes;
    private final int[] starts;

    PolicyLines(Writer writer, int count, long seed) {
        this.random = new Random(seed);
        this.writer = writer;
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        starts = new int[count + 1];
        for (int i = 0; i < count; i++) {
            out.writeBytes(line(i).getBytes(UTF_8));
            out.write('\n');
            starts[i + 1] = out.size();
        }
        bytes = out.toByteArray();
    }

    byte[] bytes() {
        return bytes;
    }

    /** Where the lines begin, and where the last ends. */
    int[] starts() {
        return starts;
    }

    private String line(int number) {
        boolean allow = random.nextInt(10) < 6;
        boolean ingress = random.nextInt(10) < 7;
        boolean old = writer == Writer.OLDER && random.nextBoolean();
        String connection = object(
                "\"src_ip\":\"" + address(),
                "\"dest_ip\":\"" + address(),
                "\"src_port\":" + (32_768 + random.nextInt(28_000)),
                "\"dest_port\":"
                        + List.of(80, 443, 53, 8080, 5432, 6379, 9092, 9464).get(random.nextInt(8)),
                "\"protocol\":\"" + (random.nextInt(8) == 0 ? "udp" : "tcp"),
                "\"direction\":\"" + (ingress ? "ingress" : "egress"));
        String time = String.format(
                Locale.ROOT, "2024-08-20T14:%02d:%02d.%09d", number / 30_000 % 60, number / 500 % 60, nanos(number));
        return join(
                "\"connection\":" + connection,
                "\"disposition\":\"" + (allow ? "allow" : "deny"),
                allow ? "\"policies\":[" + policies() + "]" : "",
                "\"src\":" + workload(old, ingress),
                "\"dest\":" + workload(old, !ingress),
                "\"count\":" + (allow ? 1 : 1 + random.nextInt(40)),
                writer == Writer.OLDER ? "" : "\"node_name\":\"" + NODE,
                "\"timestamp\":\"" + time.replaceAll("0+$", "") + "Z");
    }

    private int nanos(int number) {
        return number % 500 * 2_000_000 + random.nextInt(2_000_000);
    }

    private String policies() {
        String policy = policy();
        return random.nextInt(4) == 0 ? policy + ',' + policy() : policy;
    }

    private String policy() {
        return object(
                "\"name\":\"allow-" + word(random.nextInt(300)) + "-from-" + word(random.nextInt(300)),
                "\"namespace\":\"" + namespace(random.nextInt(40)),
                writer == Writer.OLDER ? "" : "\"kind\":\"NetworkPolicy");
    }

    private String workload(boolean old, boolean remote) {
        if (remote && random.nextInt(3) == 0) {
            return object("\"instance\":\"" + address());
        }
        int app = random.nextInt(400);
        String replicaSet = "service-" + word(app) + '-' + generated(app, 10);
        String namespace = namespace(app % 40);
        return object(
                "\"pod_name\":\"" + replicaSet + '-' + generated(random.nextInt(4000), 5),
                old ? "" : "\"workload_kind\":\"ReplicaSet",
                old ? "" : "\"workload_name\":\"" + replicaSet,
                "\"pod_namespace\":\"" + namespace,
                old ? "" : "\"namespace\":\"" + namespace);
    }

    private String address() {
        return "10." + (80 + random.nextInt(8)) + '.' + random.nextInt(256) + '.' + random.nextInt(256);
    }

    private static String namespace(int number) {
        return List.of("team", "shop", "platform", "kube-system").get(number % 4) + (number < 4 ? "" : "-" + number);
    }

    private static String word(int number) {
        return List.of("checkout", "cart", "inventory", "mail", "search", "gateway", "billing")
                        .get(number % 7)
                + '-'
                + number;
    }

    private static String generated(int seed, int length) {
        Random names = new Random(seed);
        StringBuilder name = new StringBuilder();
        for (int i = 0; i < length; i++) {
            name.append(GENERATED.charAt(names.nextInt(GENERATED.length())));
        }
        return name.toString();
    }

    private String object(String... members) {
        return join(members);
    }

    /** Joins the members that are not empty; a string value comes without its closing quote. */
    private String join(String... members) {
        List<String> closed = Stream.of(members)
                .filter(member -> !member.isEmpty())
                .map(member -> member.startsWith("\"", member.indexOf("\":") + 2) ? member + '"' : member)
                .collect(java.util.stream.Collectors.toList());
        if (writer == Writer.ANY_ORDER) {
            Collections.shuffle(closed, random);
        }
        return '{' + String.join(",", closed) + '}';
    }
}
