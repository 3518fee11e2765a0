package io.policylog.parser.format;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.sun.management.ThreadMXBean;
import io.policylog.parser.EntryMetadata;
import io.policylog.parser.PolicyRecord;
import io.policylog.parser.ResourceLabels;
import io.policylog.parser.filter.Records;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import java.time.Instant;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

final class RecordFormatTest {
    private static final String ALLOW = """
            {"connection":{"src_ip":"10.84.1.7","dest_ip":"10.84.0.11","src_port":55644,"dest_port":8080,"protocol":"tcp","direction":"ingress"},"disposition":"allow","policies":[{"name":"np","namespace":"default","kind":"NetworkPolicy"},{"name":"second","namespace":"default","kind":"NetworkPolicy"}],"src":{"pod_name":"client-allow-7b78d7c957-zkn54","workload_kind":"ReplicaSet","workload_name":"client-allow-7b78d7c957","pod_namespace":"default","namespace":"default"},"dest":{"pod_name":"test-service-745c798fc9-hzpxt","workload_kind":"ReplicaSet","workload_name":"test-service-745c798fc9","pod_namespace":"default","namespace":"default"},"count":1,"node_name":"gke-demo-default-pool-e8df3298-412p","timestamp":"2020-06-13T21:29:31.445836587Z"}""";
    private static final String DENY = """
            { "connection":{"src_ip":"10.84.1.8","dest_ip":"10.84.0.11","src_port":45084,"dest_port":8080,"protocol":"TCP","direction":"ingress"},"disposition":"deny","src":{"pod_name":"client-deny-5689846f5b-cqqsj","pod_namespace":"default"},"dest":{"pod_name":"test-service-745c798fc9-hzpxt","pod_namespace":"default"},"count":40,"timestamp":"2020-06-13T23:30:22.29+02:00"}""";
    private static final String OUTSIDE = """
            {"connection":{"src_ip":"10.84.2.9","dest_ip":"2001:db8::7","src_port":40000,"dest_port":443,"protocol":"tcp","direction":"egress"},"disposition":"allow","policies":[{"name":"allow-web","kind":"CiliumClusterwideNetworkPolicy"}],"src":{"pod_name":"cart-0","workload_kind":"StatefulSet","workload_name":"cart","pod_namespace":"shop","namespace":"shop"},"dest":{"instance":"2001:db8::7"},"count":1,"node_name":"n1","timestamp":"2020-06-13T21:31:00Z"}""";
    private static final String NODE = """
            {"connection":{"src_ip":"10.84.9.1","dest_ip":"10.128.0.4","protocol":"icmp","direction":"ingress"},"disposition":"audit","src":{},"dest":{"node_name":"gke-demo-default-pool-1","workload_kind":"Node"},"count":2,"node_name":"gke-demo-default-pool-1","timestamp":"2020-06-13T21:31:00.007Z"}""";

    /** Writes the clipboard (OSC 52), moves the cursor up, turns the direction of the text, hides text. */
    private static final String HOSTILE = """
            {"connection":{"src_ip":"1.1.1.1","dest_ip":"2.2.2.2","dest_port":1,"protocol":"t\\u001b[31mcp","direction":"in\\ngress"},"disposition":"deny\\r","policies":[{"name":"\\u001b]52;c;ZXZpbA==\\u0007"},{"name":"a\\u009b1Ab\u202ec"}],"src":{"pod_name":"\\u001b[2A\\u001b[K","pod_namespace":"\u200bns"},"dest":{"instance":"\u007f\ud800\udf48\\ud83d"},"count":1,"node_name":"n","timestamp":"2020-06-13T21:31:00.5Z"}""";

    private static final EntryMetadata METADATA =
            new Records.Metadata("0a1b:\"700\"", Instant.parse("2020-06-13T21:31:00.25Z"));

    @Test
    void jsonIsTheNormalizedRecord() throws IOException {
        assertEquals(ALLOW + "\n", written(RecordFormat.json(), ALLOW));
        assertEquals("""
                {"connection":{"src_ip":"10.84.1.8","dest_ip":"10.84.0.11","src_port":45084,"dest_port":8080,"protocol":"tcp","direction":"ingress"},"disposition":"deny","src":{"pod_name":"client-deny-5689846f5b-cqqsj","pod_namespace":"default","namespace":"default"},"dest":{"pod_name":"test-service-745c798fc9-hzpxt","pod_namespace":"default","namespace":"default"},"count":40,"timestamp":"2020-06-13T21:30:22.29Z"}
                """, written(RecordFormat.json(), DENY));
    }

    @Test
    void rawIsTheBytesAsFound() throws IOException {
        assertEquals(DENY + "\n", written(RecordFormat.raw(), DENY));
        assertEquals(HOSTILE + "\n", written(RecordFormat.raw(), HOSTILE));
    }

    @Test
    void printableIsTheBytesAsFoundWithoutWhatATerminalObeys() throws IOException {
        assertEquals(DENY + "\n", written(RecordFormat.printable(), DENY));
        String text = written(RecordFormat.printable(), HOSTILE);
        assertTrue(text.contains("\\u{202e}c"), text);
        assertNothingObeyed(text);
    }

    @Test
    void logEntryHoldsWhatIsKnown() throws IOException {
        ResourceLabels labels = new ResourceLabels("my-project", "us-east1", "prod-1", "other");
        assertEquals(
                "{\"insertId\":\"0a1b:\\\"700\\\"\",\"jsonPayload\":" + ALLOW
                        + ",\"resource\":{\"type\":\"k8s_node\",\"labels\":{\"project_id\":\"my-project\",\"location\":\"us-east1\","
                        + "\"cluster_name\":\"prod-1\",\"node_name\":\"gke-demo-default-pool-e8df3298-412p\"}},"
                        + "\"timestamp\":\"2020-06-13T21:29:31.445836587Z\",\"receiveTimestamp\":\"2020-06-13T21:31:00.250Z\","
                        + "\"logName\":\"projects/my-project/logs/policy-action\"}\n",
                written(RecordFormat.logEntry(labels), ALLOW));
    }

    @Test
    void logEntryLeavesOutWhatIsNotKnown() throws IOException {
        String entry = written(RecordFormat.logEntry(ResourceLabels.UNKNOWN), DENY, EntryMetadata.UNKNOWN);
        assertEquals(
                "{\"jsonPayload\":" + written(RecordFormat.json(), DENY).strip()
                        + ",\"resource\":{\"type\":\"k8s_node\",\"labels\":{}},\"timestamp\":\"2020-06-13T21:30:22.29Z\"}\n",
                entry);
    }

    @Test
    void logEntryTakesTheNodeFromItsContextWhenTheRecordHasNone() throws IOException {
        ResourceLabels labels = new ResourceLabels(null, null, null, "node \"1\"");
        JsonNode entry = new JsonMapper().readTree(written(RecordFormat.logEntry(labels), DENY));
        assertEquals("node \"1\"", entry.at("/resource/labels/node_name").asText());
    }

    @Test
    void everyLogEntryIsJson() throws IOException {
        JsonMapper mapper = new JsonMapper();
        for (ResourceLabels labels : new ResourceLabels[] {
            ResourceLabels.UNKNOWN,
            new ResourceLabels("p\\\n", "l", null, null),
            new ResourceLabels(null, null, "c", "n")
        }) {
            for (String line : new String[] {ALLOW, DENY, OUTSIDE, NODE, HOSTILE}) {
                String entry = written(RecordFormat.logEntry(labels), line);
                assertEquals(
                        mapper.readTree(written(RecordFormat.json(), line)),
                        mapper.readTree(entry).get("jsonPayload"));
                assertEquals(entry.length() - 1, entry.indexOf('\n'));
            }
        }
    }

    @Test
    void tableIsAligned() throws IOException {
        assertEquals("""
                2020-06-13T21:29:31.445Z  allow  ingress  default/client-allow     → default/test-service:8080/tcp  np,second
                2020-06-13T21:30:22.290Z  deny   ingress  default/client-deny-5689846f5b-cqqsj → default/test-service-745c798fc9-hzpxt:8080/tcp  ×40
                2020-06-13T21:31:00.000Z  allow  egress   shop/cart                            → [2001:db8::7]:443/tcp                           allow-web
                2020-06-13T21:31:00.007Z  audit  ingress  10.84.9.1                            → gke-demo-default-pool-1/icmp                    ×2
                """, table(TableOptions.PLAIN));
    }

    @Test
    void tableFitsItsWidth() throws IOException {
        assertEquals("""
                2020-06-13T21:29:31Z  allow  ingress  default/cli… → defaul…:8080/tcp  np,second
                2020-06-13T21:30:22Z  deny   ingress  default/cli… → defaul…:8080/tcp  ×40
                2020-06-13T21:31:00Z  allow  egress   shop/cart    → [2001:…]:443/tcp  allow-web
                2020-06-13T21:31:00Z  audit  ingress  10.84.9.1    → gke-demo-d…/icmp  ×2
                """, table(new TableOptions(false, 80, false, false)));
        for (int width : IntStream.rangeClosed(1, 200).toArray()) {
            String table = table(new TableOptions(false, width, false, false));
            assertTrue(
                    table.lines().allMatch(line -> line.codePointCount(0, line.length()) <= width),
                    "wider than " + width + ":\n" + table);
        }
    }

    @Test
    void wideTableShowsPodsAndNodeAndCutsNothing() throws IOException {
        assertEquals("""
                2020-06-13T21:29:31.445Z  allow  ingress  default/client-allow     → default/test-service:8080/tcp  client-allow-7b78d7c957-zkn54  test-service-745c798fc9-hzpxt  gke-demo-default-pool-e8df3298-412p  np,second
                2020-06-13T21:30:22.290Z  deny   ingress  default/client-deny-5689846f5b-cqqsj → default/test-service-745c798fc9-hzpxt:8080/tcp  client-deny-5689846f5b-cqqsj   test-service-745c798fc9-hzpxt  -                                    ×40
                2020-06-13T21:31:00.000Z  allow  egress   shop/cart                            → [2001:db8::7]:443/tcp                           cart-0                         -                              n1                                   allow-web
                2020-06-13T21:31:00.007Z  audit  ingress  10.84.9.1                            → gke-demo-default-pool-1/icmp                    -                              -                              gke-demo-default-pool-1              ×2
                """, table(new TableOptions(false, 80, true, false)));
    }

    @Test
    void aPolicyWithoutANameLeavesNoTraceInATable() throws IOException {
        RecordFormat format = RecordFormat.table(TableOptions.PLAIN);
        assertEquals(
                written(format, ALLOW),
                written(format, ALLOW.replace("[{\"name\":\"np\"", "[{\"kind\":\"NetworkPolicy\"},{\"name\":\"np\"")));
    }

    @Test
    void colourIsAroundTheVerdictOnly() throws IOException {
        String plain = table(TableOptions.PLAIN);
        String coloured = table(new TableOptions(true, 0, false, false));
        assertEquals(
                plain,
                coloured.replace("\u001b[31m", "").replace("\u001b[32m", "").replace("\u001b[0m", ""));
        assertTrue(coloured.contains("  \u001b[32mallow\u001b[0m  ingress"), coloured);
        assertTrue(coloured.contains("  \u001b[31mdeny \u001b[0m  ingress"), coloured);
        assertTrue(coloured.contains("  audit  ingress"), coloured);
        assertFalse(table(new TableOptions(true, 25, false, false)).contains("\u001b"), "half a verdict has no colour");
    }

    @Test
    void tableObeysNothingFromTheLog() throws IOException {
        String text = written(RecordFormat.table(TableOptions.PLAIN), HOSTILE);
        assertEquals(
                "2020-06-13T21:31:00.500Z  deny\\x0d  in\\x0agress  \\u{200b}ns/\\x1b[2A\\x1b[K → \\x7f\uD800\uDF48\uFFFD:1/t\\x1b[31mcp    "
                        + "  \\x1b]52;c;ZXZpbA==\\x07,a\\u{9b}1Ab\\u{202e}c\n",
                text);
        assertNothingObeyed(text);
        for (int width = 1; width < 150; width++) {
            assertNothingObeyed(written(RecordFormat.table(new TableOptions(false, width, false, false)), HOSTILE));
        }
        assertNothingObeyed(written(RecordFormat.table(new TableOptions(false, 0, true, false)), HOSTILE));
    }

    @Test
    void cuttingKeepsCodePointsWhole() {
        assertEquals("\ud83d\ude00…", TableColumn.cut("\ud83d\ude00\ud83d\ude00\ud83d\ude00", 2));
        assertEquals("\ud83d\ude00\ud83d\ude00", TableColumn.cut("\ud83d\ude00\ud83d\ude00", 2));
        assertEquals("…", TableColumn.cut("abc", 1));
        assertEquals("", TableColumn.cut("abc", 0));
        assertEquals("kube-sy…/redis-cart", TableColumn.cut("kube-system/redis-cart", 19), "the name says more");
        assertEquals("…/redis-cart", TableColumn.cut("kube-system/redis-cart", 12));
        assertEquals("kube-syste…", TableColumn.cut("kube-system/redis-cart", 11));
    }

    @Test
    void jsonAndRawAllocateNothing() throws IOException {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        PolicyRecord allow = Records.of(ALLOW);
        PolicyRecord deny = Records.of(DENY);
        for (RecordFormat format : new RecordFormat[] {RecordFormat.json(), RecordFormat.raw()}) {
            OutputStream out = OutputStream.nullOutputStream();
            long least = Long.MAX_VALUE;
            // The first rounds load classes; one quiet round of a thousand records proves it.
            for (int round = 0; round < 20; round++) {
                long before = threads.getCurrentThreadAllocatedBytes();
                for (int i = 0; i < 1000; i++) {
                    format.write(allow, METADATA, out);
                    format.write(deny, METADATA, out);
                }
                least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
            }
            assertEquals(0, least);
        }
    }

    private static String table(TableOptions options) throws IOException {
        RecordFormat format = RecordFormat.table(options);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (String line : new String[] {ALLOW, DENY, OUTSIDE, NODE}) {
            format.write(Records.of(line), METADATA, out);
        }
        return out.toString(UTF_8);
    }

    private static String written(RecordFormat format, String line) throws IOException {
        return written(format, line, METADATA);
    }

    private static String written(RecordFormat format, String line, EntryMetadata metadata) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        format.write(Records.of(line), metadata, out);
        return out.toString(UTF_8);
    }

    private static void assertNothingObeyed(String text) {
        assertEquals('\n', text.charAt(text.length() - 1));
        assertTrue(
                text.strip()
                        .codePoints()
                        .noneMatch(codePoint ->
                                Character.isISOControl(codePoint) || Character.getType(codePoint) == Character.FORMAT),
                () -> Stream.of(text).toList().toString());
    }
}
