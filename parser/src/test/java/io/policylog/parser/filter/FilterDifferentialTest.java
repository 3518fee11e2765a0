package io.policylog.parser.filter;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.policylog.parser.PolicyRecord;
import io.policylog.parser.ResourceLabels;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The compiled filter and the tree say the same about random queries and records. */
final class FilterDifferentialTest {
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .enable(DeserializationFeature.USE_BIG_INTEGER_FOR_INTS)
            .build();
    private static final FilterContext CONTEXT =
            FilterContext.forReading(ResourceLabels.UNKNOWN, InstantSource.fixed(Instant.EPOCH));

    private static final List<String> TEXTS = List.of(
            "allow",
            "ALLOW",
            "client-allow",
            "web-1",
            "Web",
            "k8s",
            "\u212a8S",
            "é",
            "É",
            "straße",
            "",
            "a\"b",
            "a\\b",
            "\u001b[2A",
            "\ud83d\ude00x",
            "\uffee",
            "8080",
            "10.84.1.7",
            "2001:db8::7",
            "true");
    private static final List<String> NUMBERS =
            List.of("1", "4", "53", "8080", "65535", "-5", "0", "4.5", "8080.0", "1e2", "99999999999999999999", "-0");
    private static final List<String> TIMES = List.of(
            "2024-08-20T14:02:57Z",
            "2024-08-20T14:02:57.1Z",
            "2024-08-20T14:02:57.000000001Z",
            "2024-08-21T00:00:00Z",
            "1969-12-31T23:59:59.9Z");
    private static final List<String> ADDRESSES =
            List.of("10.84.1.7", "10.84.2.9", "8.8.8.8", "2001:db8::7", "::1", "::ffff:10.84.1.7", "fe80::1:2", "host");
    private static final List<String> NETWORKS = List.of(
            "10.84.0.0/16", "10.84.1.0/24", "0.0.0.0/0", "::/0", "2001:db8::/32", "8.8.8.8/32", "fe80::/10", "::1/128");
    private static final List<String> PATTERNS =
            List.of("^web", "allow$", "8", "^$", "[é-ü]", "a.b", "(?i)WEB", "\\d+$", "^10\\.84\\.");

    private static final List<List<String>> TEXT_FIELDS = Stream.of(
                    "disposition",
                    "connection.protocol",
                    "connection.src_ip",
                    "src.pod_name",
                    "src.namespace",
                    "src.pod_namespace",
                    "dest.pod_name",
                    "dest.workload_name",
                    "node_name",
                    "policies.name",
                    "policies.namespace",
                    "policies.labels",
                    "extra",
                    "extra.deep",
                    "extra.deep.tag",
                    "extra.list",
                    "extra.value",
                    "src.more",
                    "policies.more",
                    "src",
                    "policies",
                    "nothing",
                    "disposition.nothing")
            .map(path -> List.of(path.split("\\.", -1)))
            .toList();
    private static final List<List<String>> NUMBER_FIELDS = Stream.of(
                    "connection.src_port", "connection.dest_port", "count", "policies.revision")
            .map(path -> List.of(path.split("\\.", -1)))
            .toList();

    @Test
    void agreesWithTheTree() throws Exception {
        compare(System.nanoTime(), 3_000);
    }

    @Test
    @Tag("soak")
    void agreesWithTheTreeForLong() throws Exception {
        compare(System.nanoTime(), 60_000);
    }

    private void compare(long seed, int queries) throws Exception {
        System.out.println("FilterDifferentialTest seed " + seed);
        Random random = new Random(seed);
        Map<Verdict, Integer> verdicts = new EnumMap<>(Verdict.class);
        List<String> lines = new ArrayList<>();
        List<PolicyRecord> records = new ArrayList<>();
        List<JsonNode> trees = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            String line = line(random);
            PolicyRecord record = Records.of(line);
            lines.add(line);
            records.add(record);
            trees.add(JSON.readTree(record.json(), record.jsonOffset(), record.jsonLength()));
        }
        for (int i = 0; i < queries; i++) {
            Query query = query(random, 3);
            Filter filter = compile(query, seed);
            for (int j = 0; j < records.size(); j++) {
                String insertId = "id-" + j;
                Verdict expected = new TreeEvaluator(trees.get(j), insertId).test(query);
                Verdict actual = filter.test(records.get(j), new Records.Metadata(insertId, null));
                assertEquals(expected, actual, "seed " + seed + "\nquery " + query.text() + "\nline " + lines.get(j));
                verdicts.merge(actual, 1, Integer::sum);
            }
        }
        for (Verdict verdict : Verdict.values()) {
            assertTrue(
                    verdicts.getOrDefault(verdict, 0) > queries,
                    "too few verdicts of a kind to prove much: " + verdicts + ", seed " + seed);
        }
    }

    private static Filter compile(Query query, long seed) {
        try {
            return Filter.compile(query.text(), CONTEXT);
        } catch (FilterException e) {
            throw new AssertionError("seed " + seed + "\n" + query.text(), e);
        }
    }

    private static Query query(Random random, int depth) {
        int kind = depth == 0 ? 3 + random.nextInt(7) : random.nextInt(10);
        return switch (kind) {
            case 0 -> new Query.All(operands(random, depth), pick(random, List.of(" AND ", " ", "\n", " --x\n AND\n")));
            case 1 -> new Query.Any(operands(random, depth));
            case 2 -> new Query.No(query(random, depth - 1), pick(random, List.of("NOT ", "-")));
            case 3 -> new Query.Anywhere(pick(random, random.nextBoolean() ? TEXTS : NUMBERS));
            case 4 ->
                new Query.InNet(
                        pick(random, List.of(List.of("connection", "src_ip"), List.of("extra", "value"))),
                        pick(random, NETWORKS));
            case 5, 6 -> number(random);
            case 7 -> entry(random);
            default -> text(random);
        };
    }

    private static List<Query> operands(Random random, int depth) {
        return Stream.generate(() -> query(random, depth - 1))
                .limit(2 + random.nextInt(2))
                .toList();
    }

    private static Query text(Random random) {
        List<String> path = pick(random, TEXT_FIELDS);
        String operator = pick(random, List.of("=", "!=", ":", "<", "<=", ">", ">=", "=~", "!~", ":*", "NULL"));
        return switch (operator) {
            case ":*" -> new Query.Compare(path, prefix(random), ":", "*", false);
            case "NULL" ->
                new Query.Compare(path, prefix(random), pick(random, List.of("=", "!=", ":")), "NULL_VALUE", false);
            case "=~", "!~" -> new Query.Compare(path, prefix(random), operator, pick(random, PATTERNS), true);
            default ->
                new Query.Compare(
                        path, prefix(random), operator, pick(random, random.nextInt(4) > 0 ? TEXTS : NUMBERS), true);
        };
    }

    private static Query number(Random random) {
        String operator = pick(random, List.of("=", "!=", ":", "<", "<=", ">", ">="));
        return new Query.Compare(
                pick(random, NUMBER_FIELDS), prefix(random), operator, pick(random, NUMBERS), random.nextBoolean());
    }

    private static Query entry(Random random) {
        return switch (random.nextInt(4)) {
            case 0 -> new Query.Compare(List.of("logName"), "", "=", "projects/p/logs/policy-action", true);
            case 1 -> new Query.Compare(List.of("insertId"), "", "=", "ID-" + random.nextInt(60), true);
            default ->
                new Query.Compare(
                        List.of("timestamp"),
                        "",
                        pick(random, List.of("=", "!=", ":", "<", "<=", ">", ">=")),
                        pick(random, TIMES),
                        true);
        };
    }

    private static String prefix(Random random) {
        return random.nextBoolean() ? "jsonPayload." : "";
    }

    private static String line(Random random) {
        List<String> policies = new ArrayList<>();
        for (int i = random.nextInt(4); i > 0; i--) {
            policies.add(object(
                    random,
                    member("name", string(random)),
                    sometimes(random, member("namespace", string(random))),
                    sometimes(random, member("labels", array(string(random), string(random)))),
                    sometimes(random, member("revision", pick(random, List.of("1", "4", "53")))),
                    sometimes(random, member("more", any(random)))));
        }
        return object(
                random,
                member(
                        "connection",
                        object(
                                random,
                                member("src_ip", quote(random, pick(random, ADDRESSES))),
                                member("dest_ip", "\"10.0.0.1\""),
                                sometimes(random, member("src_port", pick(random, List.of("1", "4", "53", "8080")))),
                                sometimes(random, member("dest_port", pick(random, List.of("53", "8080", "65535")))),
                                member("protocol", string(random)),
                                member("direction", "\"ingress\""))),
                member("disposition", string(random)),
                sometimes(random, member("policies", array(policies.toArray(String[]::new)))),
                sometimes(random, member("src", workload(random))),
                sometimes(random, member("dest", workload(random))),
                sometimes(random, member("count", pick(random, List.of("1", "4", "8080")))),
                sometimes(random, member("node_name", string(random))),
                member("timestamp", quote(random, pick(random, TIMES))),
                sometimes(
                        random,
                        member(
                                "extra",
                                object(
                                        random,
                                        member("value", any(random)),
                                        member("deep", any(random)),
                                        sometimes(random, member("list", array(any(random), any(random))))))));
    }

    private static String workload(Random random) {
        return object(
                random,
                sometimes(random, member("pod_name", string(random))),
                sometimes(random, member("workload_name", string(random))),
                sometimes(random, member(random.nextBoolean() ? "namespace" : "pod_namespace", string(random))),
                sometimes(random, member("more", any(random))));
    }

    private static String any(Random random) {
        return switch (random.nextInt(8)) {
            case 0 -> pick(random, List.of("true", "false", "null"));
            case 1, 2 -> pick(random, List.of("1", "4", "53", "8080", "-5", "4.5", "8080.0", "1e2"));
            case 3 -> "{\"tag\":" + any(random) + "}";
            case 4 -> array(any(random), any(random));
            case 5 -> "[]";
            case 6 -> quote(random, pick(random, ADDRESSES));
            default -> string(random);
        };
    }

    private static String member(String name, String value) {
        return "\"" + name + "\":" + value;
    }

    private static String sometimes(Random random, String member) {
        return random.nextInt(3) > 0 ? member : "";
    }

    /** In random order now and then, so that normalization has work too. */
    private static String object(Random random, String... members) {
        List<String> present =
                Stream.of(members).filter(member -> !member.isEmpty()).collect(Collectors.toCollection(ArrayList::new));
        if (random.nextInt(4) == 0) {
            Collections.shuffle(present, random);
        }
        return "{" + String.join(random.nextInt(8) == 0 ? " , " : ",", present) + "}";
    }

    private static String array(String... elements) {
        return "[" + String.join(",", elements) + "]";
    }

    private static String string(Random random) {
        return quote(random, pick(random, TEXTS));
    }

    /** Escapes more than it must, now and then. */
    private static String quote(Random random, String text) {
        boolean odd = random.nextInt(4) == 0;
        StringBuilder json = new StringBuilder("\"");
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c < ' ' || (odd && random.nextInt(3) == 0)) {
                json.append(String.format("\\u%04x", (int) c));
            } else if (c == '"' || c == '\\') {
                json.append('\\').append(c);
            } else {
                json.append(c);
            }
        }
        String result = json.append('"').toString();
        // Half a surrogate pair as an escape beside the other as it is would not be UTF-8.
        return new String(result.getBytes(UTF_8), UTF_8).equals(result) ? result : quote(random, text);
    }

    private static <T> T pick(Random random, List<T> values) {
        return values.get(random.nextInt(values.size()));
    }
}
