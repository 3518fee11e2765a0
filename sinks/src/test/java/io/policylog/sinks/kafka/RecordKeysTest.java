package io.policylog.sinks.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;

import io.policylog.parser.Limits;
import io.policylog.parser.Parser;
import io.policylog.parser.PolicyRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RecordKeysTest {
    private static final String POD = "\"pod_name\":\"web-7b78d7c957-zkn54\",\"pod_namespace\":\"shop\"";

    private final Parser parser = new Parser(Limits.DEFAULT, null);
    private final RecordKeys keys = new RecordKeys();

    private PolicyRecord record(String direction, String src, String dest) {
        byte[] line =
                ("{\"connection\":{\"src_ip\":\"1.2.3.4\",\"dest_ip\":\"5.6.7.8\",\"protocol\":\"tcp\",\"direction\":\""
                                + direction + "\"},\"disposition\":\"deny\",\"src\":{" + src + "},\"dest\":{" + dest
                                + "},\"count\":1,\"timestamp\":\"2024-08-20T14:02:57Z\"}")
                        .getBytes(UTF_8);
        return assertInstanceOf(PolicyRecord.class, parser.parse(line, 0, line.length));
    }

    private String key(String direction, String src, String dest) {
        return new String(keys.of(record(direction, src, dest)), UTF_8);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            "pod_name":"p","workload_kind":"ReplicaSet","workload_name":"web-7b78d7c957","namespace":"shop" | shop/web
            "pod_name":"p","workload_kind":"Job","workload_name":"backup-28112233","namespace":"shop"       | shop/backup
            "pod_name":"p","workload_kind":"StatefulSet","workload_name":"db-7b78d7c957","namespace":"shop" | shop/db-7b78d7c957
            "pod_name":"web-7b78d7c957-zkn54","pod_namespace":"shop"                                        | shop/web-7b78d7c957-zkn54
            "node_name":"gke-1","workload_kind":"Node"                                                      | gke-1
            "instance":"198.51.100.7"                                                                       | 198.51.100.7
            "pod_name":"caf\\u00e9","namespace":"shop"                                                      | shop/café
            """)
    void isTheWorkloadOfTheEnforcedSideOrWhatIsKnownOfIt(String workload, String key) {
        assertEquals(key, key("ingress", POD, workload));
        assertEquals(key, key("egress", workload, POD));
    }

    @Test
    void isTheAddressWhenNothingElseIsKnown() {
        assertEquals("5.6.7.8", key("ingress", POD, ""));
        assertEquals("1.2.3.4", key("egress", "", POD));
    }

    @Test
    void theSameWorkloadGetsTheSameArrayAndNamesAreNotMixedUp() {
        byte[] first = keys.of(record("egress", POD, ""));
        assertSame(first, keys.of(record("egress", POD, "")));
        for (int i = 0; i < 10_000; i++) {
            assertEquals("n/p-" + i, key("egress", "\"pod_name\":\"p-" + i + "\",\"namespace\":\"n\"", ""));
        }
        assertEquals(
                "n/" + "p".repeat(2000),
                key("egress", "\"pod_name\":\"" + "p".repeat(2000) + "\",\"namespace\":\"n\"", ""));
    }
}
