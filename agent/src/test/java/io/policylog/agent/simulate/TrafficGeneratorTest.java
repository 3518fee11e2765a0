package io.policylog.agent.simulate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.policylog.parser.Limits;
import io.policylog.parser.MalformedLine;
import io.policylog.parser.MalformedReason;
import io.policylog.parser.Parser;
import io.policylog.parser.PolicyRecord;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class TrafficGeneratorTest {
    private static final List<String> RECORD_KEYS =
            List.of("connection", "disposition", "policies", "src", "dest", "count", "node_name", "timestamp");
    private static final List<String> CONNECTION_KEYS =
            List.of("src_ip", "dest_ip", "src_port", "dest_port", "protocol", "direction");
    private static final List<String> WORKLOAD_KEYS = List.of(
            "pod_name", "node_name", "workload_kind", "workload_name", "pod_namespace", "namespace", "instance");
    private static final List<String> POLICY_KEYS = List.of("name", "namespace", "labels", "revision", "kind");

    private static final ObjectMapper JSON = new ObjectMapper();

    @Test
    void theSameSeedGivesTheSameBytes() throws IOException {
        TrafficOptions options =
                TrafficOptions.seeded(7).withGeneration(Generation.MIXED).withMalformedShare(0.001);
        assertEquals(lines(options, 5_000), lines(options, 5_000));
    }

    @Test
    void anotherSeedGivesAnotherCluster() throws IOException {
        assertNotEquals(
                json(lines(TrafficOptions.seeded(1), 1).getFirst()).at("/src/pod_name"),
                json(lines(TrafficOptions.seeded(2), 1).getFirst()).at("/src/pod_name"));
    }

    @ParameterizedTest
    @ValueSource(doubles = {1, 500, 100_000_000})
    void noTwoLinesAreTheSame(double attemptsPerSecond) throws IOException {
        TrafficOptions options = TrafficOptions.seeded(3)
                .withAttemptsPerSecond(attemptsPerSecond)
                .withGeneration(Generation.MIXED)
                .withMalformedShare(0.002);
        assertEquals(50_000, new HashSet<>(lines(options, 50_000)).size());
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, 0.3, 1})
    void makesExactlyTheLinesAskedFor(double denyShare) throws IOException {
        TrafficGenerator traffic = new TrafficGenerator(TrafficOptions.seeded(4).withDenyShare(denyShare));
        List<String> lines = new ArrayList<>();
        for (int count : new int[] {0, 1, 2, 999, 10_000}) {
            lines.clear();
            traffic.generate(count, adding(lines));
            assertEquals(count, lines.size());
        }
        assertEquals(11_002, traffic.counts().lines());
        assertEquals(0, traffic.counts().folding());
    }

    @ParameterizedTest
    @EnumSource
    void eachLineIsARecordOfItsGeneration(Generation generation) throws IOException {
        Set<String> kinds = new HashSet<>();
        Set<String> workloadKinds = new HashSet<>();
        Set<String> protocols = new HashSet<>();
        int unordered = 0;
        List<String> lines = lines(TrafficOptions.seeded(5).withGeneration(generation), 20_000);
        for (String line : lines) {
            assertTrue(line.endsWith("}\n"), line);
            JsonNode record = json(line);
            boolean ordered = inOrder(record, RECORD_KEYS)
                    && inOrder(record.get("connection"), CONNECTION_KEYS)
                    && inOrder(record.get("src"), WORKLOAD_KEYS)
                    && inOrder(record.get("dest"), WORKLOAD_KEYS);
            for (JsonNode policy : record.path("policies")) {
                assertTrue(POLICY_KEYS.containsAll(keys(policy)), line);
                ordered &= inOrder(policy, POLICY_KEYS);
                kinds.add(policy.path("kind").asText());
            }
            if (!ordered) {
                assertEquals("src", keys(record).getFirst(), line);
                unordered++;
            }
            assertEquals(record.get("disposition").asText().equals("allow"), record.has("policies"), line);
            assertTrue(record.get("count").asInt() >= 1, line);
            Instant.parse(record.get("timestamp").asText());
            checkConnection(record.get("connection"), line);
            protocols.add(record.at("/connection/protocol").asText());
            for (String side : List.of("src", "dest")) {
                checkWorkload(record.get(side), line);
                workloadKinds.add(record.get(side).path("workload_kind").asText());
            }
        }
        assertEquals(Set.of("tcp", "udp", "icmp", "unknown"), protocols);
        switch (generation) {
            case FIRST -> {
                assertEquals(Set.of(""), kinds);
                assertEquals(Set.of(""), workloadKinds);
                assertEquals(0, unordered);
            }
            case SECOND -> {
                assertEquals(Set.of(""), kinds);
                assertTrue(
                        workloadKinds.containsAll(Set.of("ReplicaSet", "StatefulSet", "")), workloadKinds.toString());
                assertFalse(workloadKinds.contains("Node"));
                assertEquals(0, unordered);
            }
            case THIRD, MIXED -> {
                assertTrue(
                        kinds.containsAll(Set.of(
                                "NetworkPolicy",
                                "CiliumNetworkPolicy",
                                "CiliumClusterwideNetworkPolicy",
                                "FQDNNetworkPolicy")),
                        kinds.toString());
                assertTrue(
                        workloadKinds.containsAll(
                                Set.of("ReplicaSet", "StatefulSet", "DaemonSet", "Job", "CronJob", "Pod", "Node", "")),
                        workloadKinds.toString());
                assertTrue(unordered > 200 && unordered < 1_400, "unordered: " + unordered);
            }
        }
        assertEquals(generation == Generation.MIXED, kinds.contains("") && kinds.contains("NetworkPolicy"));
    }

    @Test
    void linesAreAsLongAsRealOnes() throws IOException {
        long bytes = 0;
        int podLines = 0;
        for (String line : lines(TrafficOptions.seeded(6), 20_000)) {
            JsonNode record = json(line);
            assertTrue(line.length() > 350 && line.length() < 1_000, line);
            if (record.at("/src/pod_name").isTextual()
                    && record.at("/dest/pod_name").isTextual()) {
                bytes += line.length();
                podLines++;
            }
        }
        assertEquals(700, bytes / (double) podLines, 50);
    }

    @Test
    void escapesAsGoDoes() throws IOException {
        String text = String.join("", lines(TrafficOptions.seeded(1), 5_000));
        assertTrue(text.contains("dns \\u0026 health \\u003c 1024"));
        assertFalse(text.contains("&") || text.contains("<") || text.contains(">"));
    }

    @Test
    void leavesOutTheNodeNameWhenSwitchedOff() throws IOException {
        for (String line : lines(TrafficOptions.seeded(1).withNodeName(null), 1_000)) {
            assertFalse(json(line).has("node_name"), line);
        }
    }

    @Test
    void theRogueKeepsTryingAndIsDenied() throws IOException {
        long attempts = 0;
        for (String line : lines(TrafficOptions.seeded(1), 50_000)) {
            JsonNode record = json(line);
            if (record.at("/src/pod_name").asText().startsWith("rogue-")
                    && record.at("/connection/dest_port").asInt() == 6379
                    && record.at("/dest/pod_name").asText().startsWith("redis-cart-")) {
                assertEquals("deny", record.get("disposition").asText());
                attempts += record.get("count").asLong();
            }
        }
        assertTrue(attempts > 100, "attempts of the rogue: " + attempts);
    }

    @Test
    void foldedLinesStandForAllAttemptsAndComeLate() throws IOException {
        TrafficGenerator traffic =
                new TrafficGenerator(TrafficOptions.seeded(8).withDenyShare(0.5).withAttemptsPerSecond(1_000));
        Map<String, Instant> lastFold = new HashMap<>();
        long[] counted = {0};
        boolean[] outOfOrder = {false};
        Instant[] latest = {Instant.MIN};
        while (traffic.counts().attempts() < 60_000) {
            Instant now = Instant.EPOCH.plusNanos(traffic.nextEventEpochNanos());
            traffic.step((buffer, offset, length) -> {
                JsonNode record = JSON.readTree(buffer, offset, length);
                Instant time = Instant.parse(record.get("timestamp").asText());
                counted[0] += record.get("count").asLong();
                outOfOrder[0] |= time.isBefore(latest[0]);
                latest[0] = time.isAfter(latest[0]) ? time : latest[0];
                if (record.get("disposition").asText().equals("allow")) {
                    assertEquals(now, time);
                    return;
                }
                Duration late = Duration.between(time, now);
                assertTrue(late.compareTo(Duration.ofSeconds(5)) >= 0, late::toString);
                assertTrue(late.compareTo(Duration.ofSeconds(6)) < 0, late::toString);
                ObjectNode connection = (ObjectNode) record.get("connection");
                connection.remove("src_port");
                Instant before = lastFold.put(sorted(connection), time);
                assertTrue(before == null || !time.isBefore(before.plusSeconds(5)), "two lines within 5 s");
            });
        }
        TrafficCounts counts = traffic.counts();
        assertTrue(outOfOrder[0], "the file must not be in timestamp order");
        assertTrue(counted[0] > counts.lines(), "nothing was folded");
        traffic.flush((buffer, offset, length) ->
                counted[0] += JSON.readTree(buffer, offset, length).get("count").asLong());
        assertEquals(counts.attempts(), counted[0]);
        assertEquals(0, counts.aggregationLimitDrops() + counts.rateLimitDrops());
    }

    @Test
    void attemptsBeyondTheLimitOfFoldsAreDroppedAndCounted() throws IOException {
        TrafficGenerator traffic =
                new TrafficGenerator(TrafficOptions.seeded(9).withDenyShare(1).withAttemptsPerSecond(5_000));
        long[] counted = {0};
        int mostFolding = 0;
        LineConsumer counting = (buffer, offset, length) ->
                counted[0] += JSON.readTree(buffer, offset, length).get("count").asLong();
        while (traffic.counts().attempts() < 50_000) {
            traffic.step(counting);
            mostFolding = Math.max(mostFolding, traffic.counts().folding());
        }
        traffic.flush(counting);
        assertEquals(DenyFolding.MAX_FOLDS, mostFolding);
        assertTrue(traffic.counts().aggregationLimitDrops() > 0);
        assertEquals(50_000, counted[0] + traffic.counts().aggregationLimitDrops());
    }

    @Test
    void linesAboveTheRateAreDroppedAndCounted() throws IOException {
        TrafficGenerator traffic = new TrafficGenerator(TrafficOptions.seeded(10)
                .withDenyShare(0)
                .withAttemptsPerSecond(2_000)
                .withMaxLinesPerSecond(500));
        List<String> lines = new ArrayList<>();
        while (traffic.counts().attempts() < 10_000) {
            traffic.step(adding(lines));
        }
        assertEquals(2_500, lines.size());
        assertEquals(7_500, traffic.counts().rateLimitDrops());
    }

    @Test
    void malformedLinesAreOfEveryReasonAndAllOthersAreRecords() throws IOException {
        TrafficGenerator traffic = new TrafficGenerator(
                TrafficOptions.seeded(11).withGeneration(Generation.MIXED).withMalformedShare(0.02));
        Parser parser = new Parser(Limits.DEFAULT, null);
        Map<MalformedReason, Integer> reasons = new EnumMap<>(MalformedReason.class);
        traffic.generate(5_000, (buffer, offset, length) -> {
            assertEquals('\n', buffer[offset + length - 1]);
            switch (parser.parse(buffer, offset, offset + length - 1)) {
                case MalformedLine malformed -> reasons.merge(malformed.reason(), 1, Integer::sum);
                case PolicyRecord record -> assertTrue(record.count() >= 1);
            }
        });
        assertEquals(EnumSet.allOf(MalformedReason.class), reasons.keySet());
        assertEquals(
                traffic.counts().malformedLines(),
                reasons.values().stream().mapToInt(Integer::intValue).sum());
    }

    @Test
    void mostLinesOfTheNewestGenerationAreNormal() throws IOException {
        Parser parser = new Parser(Limits.DEFAULT, null);
        int normal = 0;
        for (String line : lines(TrafficOptions.seeded(12), 5_000)) {
            byte[] bytes = line.getBytes(StandardCharsets.UTF_8);
            PolicyRecord record = assertInstanceOf(PolicyRecord.class, parser.parse(bytes, 0, bytes.length - 1));
            String json = new String(record.json(), record.jsonOffset(), record.jsonLength(), StandardCharsets.UTF_8);
            normal += line.equals(json + "\n") ? 1 : 0;
        }
        assertTrue(normal > 4_500 && normal < 5_000, "normal: " + normal);
    }

    @Test
    void optionsOutOfRangeAreRefused() {
        TrafficOptions options = TrafficOptions.seeded(1);
        assertEquals(
                "denyShare must be between 0 and 1, found 1.5",
                assertThrows(IllegalArgumentException.class, () -> options.withDenyShare(1.5))
                        .getMessage());
        assertEquals(
                "attemptsPerSecond must be above 0 and at most 100000000, found NaN",
                assertThrows(IllegalArgumentException.class, () -> options.withAttemptsPerSecond(Double.NaN))
                        .getMessage());
        assertThrows(IllegalArgumentException.class, () -> options.withMalformedShare(-0.1));
        assertThrows(IllegalArgumentException.class, () -> options.withMaxLinesPerSecond(-1));
        assertThrows(IllegalArgumentException.class, () -> options.withStart(Instant.MAX));
    }

    private static void checkConnection(JsonNode connection, String line) {
        boolean hasPorts =
                Set.of("tcp", "udp").contains(connection.get("protocol").asText());
        assertEquals(hasPorts, connection.has("src_port"), line);
        assertEquals(hasPorts, connection.has("dest_port"), line);
        assertTrue(
                Set.of("ingress", "egress").contains(connection.get("direction").asText()), line);
        for (String ip : List.of("src_ip", "dest_ip")) {
            assertTrue(connection.get(ip).asText().matches("[0-9.]+|[0-9a-f:]+"), line);
        }
    }

    /** A pod, a node, or an address, and nothing of the others. */
    private static void checkWorkload(JsonNode workload, String line) {
        if (workload.has("instance")) {
            assertEquals(List.of("instance"), keys(workload), line);
        } else if (workload.has("node_name")) {
            assertEquals(Set.of("node_name", "workload_kind"), Set.copyOf(keys(workload)), line);
            assertEquals("Node", workload.get("workload_kind").asText(), line);
        } else {
            assertTrue(workload.has("pod_name") && workload.has("pod_namespace"), line);
            assertEquals(workload.has("workload_name"), workload.has("namespace"), line);
            if (workload.has("namespace")) {
                assertEquals(workload.get("pod_namespace"), workload.get("namespace"), line);
            }
        }
    }

    private static boolean inOrder(JsonNode object, List<String> order) {
        int last = -1;
        for (String key : keys(object)) {
            int at = order.indexOf(key);
            if (at <= last) {
                return false;
            }
            last = at;
        }
        return true;
    }

    private static List<String> keys(JsonNode object) {
        List<String> keys = new ArrayList<>();
        object.fieldNames().forEachRemaining(keys::add);
        return keys;
    }

    private static String sorted(JsonNode connection) {
        return CONNECTION_KEYS.stream().map(connection::path).toList().toString();
    }

    private static List<String> lines(TrafficOptions options, int count) throws IOException {
        List<String> lines = new ArrayList<>();
        new TrafficGenerator(options).generate(count, adding(lines));
        return lines;
    }

    private static LineConsumer adding(List<String> lines) {
        return (buffer, offset, length) -> lines.add(new String(buffer, offset, length, StandardCharsets.ISO_8859_1));
    }

    private static JsonNode json(String line) throws IOException {
        return JSON.readTree(line);
    }
}
