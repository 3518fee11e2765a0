package io.policylog.parser;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.random.RandomGenerator;

/** Makes lines of every shape that is allowed, some that are not, and broken copies of both; all from one seed. */
final class LineGenerator {
    private static final String[] TIMES = {
        "2024-08-20T14:02:57.123456789Z",
        "2024-08-20T14:02:58Z",
        "2024-02-29T23:59:60.5Z",
        "2023-02-29T00:00:00Z",
        "2024-08-20t14:02:57.1z",
        "2024-12-31T23:30:00.25-01:00",
        "2024-01-01T00:00:00+05:45",
        "2024-01-01T00:00:00-00:00",
        "0000-01-01T00:00:00+00:01",
        "9999-12-31T23:59:59.999999999-00:01",
        "2024-08-20T24:00:00Z",
        "2024-08-20T14:02:57.1234567891Z",
        "2024-08-20T14:02:57.Z",
        "2024-08-20 14:02:57Z",
        "2024-08-20T14:02:57\\u002b02:00",
        "2024\\u002d08-20T14:02:57.07Z",
        "2024-08-20T14:02:57",
        "2024-08-20T14:02:61Z",
        "2024-08-20T14:60:57Z",
        "2024-13-20T14:02:57Z",
        "2024-08-20T14:02:57+24:00",
        "2024-08-20T14:02:57+0200"
    };
    private static final String[] NUMBERS = {
        "0",
        "-1",
        "80.0",
        "1e3",
        "65535",
        "65536",
        "70000",
        "-0",
        "1",
        "99999999",
        "9223372036854775807",
        "9223372036854775808",
        "123456789012345678901234567890",
        "0.5E-7"
    };
    private static final String[] TEXTS = {
        "",
        "a",
        "TCP",
        "Ingress",
        "\\u0041llow",
        "\\\\u0041",
        "d\\u00e9j\\u00e0",
        "déjà vu",
        "日本語",
        "\\ud83d\\ude00",
        "\\ud83d",
        "\\ude00\\ud83d",
        "😀",
        "a\\\"b",
        "\\/\\b\\f\\n\\r\\t",
        "\\u003cnil\\u003e",
        "longer-than-any-word-of-eight-bytes-0123456789",
        "\\u0000",
        "x\\\\"
    };

    private final RandomGenerator random;
    /** How often something unusual is chosen, of 100. */
    private int strangeness;

    LineGenerator(RandomGenerator random) {
        this.random = random;
    }

    /** A line of one generation, from perfectly normal to perfectly odd. */
    byte[] line() {
        int[] levels = {0, 0, 1, 5, 25};
        strangeness = levels[random.nextInt(levels.length)];
        List<String> members = new ArrayList<>();
        int generation = random.nextInt(3);
        boolean allow = random.nextBoolean();
        boolean ingress = random.nextBoolean();
        add(members, "connection", connection(ingress));
        add(members, "disposition", text(allow ? "allow" : "deny"));
        if (allow || strange()) {
            add(members, "policies", policies(generation));
        }
        add(members, "src", workload(generation, ingress));
        add(members, "dest", workload(generation, !ingress));
        if (!strange()) {
            add(members, "count", number(1 + random.nextInt(allow ? 1 : 3000)));
        }
        if (generation > 0) {
            add(members, "node_name", text("gke-demo-default-pool-e8df3298-412p"));
        }
        add(members, "timestamp", strange() ? quote(pick(TIMES)) : text(time()));
        return (space() + object(members, 1) + space() + (random.nextInt(20) == 0 ? "\r" : "")).getBytes(UTF_8);
    }

    /** A line with a few bytes changed, cut out, doubled or added. */
    byte[] mutated(byte[] line) {
        byte[] result = line;
        for (int i = random.nextInt(4); i >= 0 && result.length > 0; i--) {
            int at = random.nextInt(result.length);
            int length = Math.min(result.length - at, 1 + random.nextInt(12));
            byte[] head = Arrays.copyOf(result, at);
            byte[] middle = Arrays.copyOfRange(result, at, at + length);
            byte[] tail = Arrays.copyOfRange(result, at + length, result.length);
            switch (random.nextInt(6)) {
                case 0 -> middle[0] = (byte) random.nextInt(256);
                case 1 -> middle = new byte[0];
                case 2 -> middle = join(middle, middle);
                case 3 ->
                    middle = join(new byte[] {(byte) "\"\\{}[]:,0- \t\0\u007f".charAt(random.nextInt(14))}, middle);
                case 4 -> middle = join(pick(TEXTS).getBytes(UTF_8), middle);
                default -> tail = random.nextInt(4) == 0 ? new byte[0] : tail;
            }
            result = join(head, middle, tail);
        }
        return result;
    }

    static byte[] join(byte[]... parts) {
        int length = Arrays.stream(parts).mapToInt(part -> part.length).sum();
        byte[] joined = new byte[length];
        int at = 0;
        for (byte[] part : parts) {
            System.arraycopy(part, 0, joined, at, part.length);
            at += part.length;
        }
        return joined;
    }

    private String connection(boolean ingress) {
        List<String> members = new ArrayList<>();
        add(members, "src_ip", text("10.84.1." + random.nextInt(256)));
        add(members, "dest_ip", text(random.nextInt(4) > 0 ? "10.84.0.11" : "2001:db8::" + random.nextInt(9999)));
        if (random.nextInt(8) > 0) {
            add(members, "src_port", number(1 + random.nextInt(65535)));
            add(members, "dest_port", number(1 + random.nextInt(65535)));
        }
        add(members, "protocol", text(pick("tcp", "udp", "icmp", "unknown")));
        add(members, "direction", text(ingress ? "ingress" : "egress"));
        return object(members, 2);
    }

    private String policies(int generation) {
        List<String> policies = new ArrayList<>();
        for (int i = random.nextInt(4); i >= 0; i--) {
            List<String> members = new ArrayList<>();
            add(members, "name", text("np-" + random.nextInt(100)));
            if (random.nextInt(4) > 0) {
                add(members, "namespace", text("default"));
            }
            if (generation == 2 && random.nextInt(4) == 0) {
                add(members, "labels", array(List.of(text("k8s:app=web"), text("b"))));
                add(members, "revision", number(random.nextInt(1000)));
            }
            if (generation == 2) {
                add(members, "kind", text(pick("NetworkPolicy", "CiliumNetworkPolicy", "FQDNNetworkPolicy")));
            }
            policies.add(strange() ? value(3) : object(members, 3));
        }
        return array(policies);
    }

    private String workload(int generation, boolean outside) {
        List<String> members = new ArrayList<>();
        if (outside && random.nextBoolean()) {
            add(members, "instance", text("203.0.113." + random.nextInt(256)));
        } else if (generation == 2 && random.nextInt(8) == 0) {
            add(members, "node_name", text("gke-demo-default-pool-e8df3298-412p"));
            add(members, "workload_kind", text("Node"));
        } else {
            add(members, "pod_name", text("client-" + random.nextInt(1000) + "-7b78d7c957-zkn54"));
            if (generation > 0) {
                add(members, "workload_kind", text("ReplicaSet"));
                add(members, "workload_name", text("client-" + random.nextInt(1000)));
            }
            add(members, "pod_namespace", text("default"));
            if (generation > 0) {
                add(members, "namespace", text("default"));
            }
        }
        return object(members, 2);
    }

    private String time() {
        String seconds = String.format("2024-08-20T14:%02d:%02d", random.nextInt(2), random.nextInt(60));
        int digits = random.nextInt(10);
        return digits == 0
                ? seconds + "Z"
                : seconds + '.'
                        + String.format("%09d", random.nextInt(1_000_000_000)).substring(0, digits) + "Z";
    }

    private void add(List<String> members, String key, String value) {
        if (!rarely()) {
            members.add(member(key, strange() && rarely() ? value(2) : value));
        }
        if (strange()) {
            members.add(member(pick("x", "extra", "src", "n\\u0061me", "timestamp ", "", "count", "日本"), value(2)));
        }
    }

    private String member(String key, String value) {
        String written = key;
        if (strange() && !key.isEmpty() && key.charAt(0) < 128 && key.charAt(0) != '\\') {
            int at = random.nextInt(key.length());
            if (key.charAt(at) >= 'a' && key.indexOf('\\') < 0) {
                written = key.substring(0, at) + String.format("\\u%04x", (int) key.charAt(at)) + key.substring(at + 1);
            }
        }
        return space() + '"' + written + '"' + space() + ':' + space() + value + space();
    }

    private String object(List<String> members, int depth) {
        if (depth < 4 && strange()) {
            Collections.shuffle(members, new java.util.Random(random.nextLong()));
        }
        return '{' + String.join(",", members) + (members.isEmpty() ? space() : "") + '}';
    }

    private String array(List<String> elements) {
        List<String> spaced = elements.stream().map(e -> space() + e + space()).toList();
        return '[' + String.join(",", spaced) + (elements.isEmpty() ? space() : "") + ']';
    }

    /** Any JSON value. */
    private String value(int depth) {
        return switch (random.nextInt(depth > 18 ? 5 : 7)) {
            case 0 -> pick("true", "false", "null");
            case 1, 2 -> pick(NUMBERS);
            case 3, 4 -> quote(pick(TEXTS));
            case 5 -> {
                List<String> elements = new ArrayList<>();
                for (int i = random.nextInt(3); i > 0; i--) {
                    elements.add(value(depth + 1));
                }
                yield array(elements);
            }
            default -> {
                List<String> members = new ArrayList<>();
                for (int i = random.nextInt(3); i > 0; i--) {
                    members.add(member(pick("a", "b", "name"), value(depth + 1)));
                }
                yield object(members, depth + 1);
            }
        };
    }

    /** A line that is too long, too deep or no object. */
    byte[] misshapen() {
        byte[] line = line();
        return switch (random.nextInt(4)) {
            case 0 -> join("[".getBytes(UTF_8), line, "]".getBytes(UTF_8));
            case 1 -> value(0).getBytes(UTF_8);
            case 2 -> {
                int depth = 10 + random.nextInt(10);
                String deep = "{\"deep\":" + "[".repeat(depth) + "]".repeat(depth) + ',';
                yield join(deep.getBytes(UTF_8), Arrays.copyOfRange(line, 1, line.length));
            }
            default -> {
                byte[] padding = new byte[random.nextInt(5000)];
                Arrays.fill(padding, (byte) ' ');
                yield join(line, padding);
            }
        };
    }

    private String text(String usual) {
        return quote(strange() && random.nextInt(4) == 0 ? pick(TEXTS) : usual);
    }

    private String number(long usual) {
        return strange() && rarely() ? pick(NUMBERS) : Long.toString(usual);
    }

    private String space() {
        return strange() ? pick(" ", "\t", "\r", "  ", "\n") : "";
    }

    private boolean strange() {
        return random.nextInt(100) < strangeness;
    }

    private boolean rarely() {
        return strangeness > 0 && random.nextInt(150) == 0;
    }

    private static String quote(String text) {
        return '"' + text + '"';
    }

    private String pick(String... choices) {
        return choices[random.nextInt(choices.length)];
    }
}
