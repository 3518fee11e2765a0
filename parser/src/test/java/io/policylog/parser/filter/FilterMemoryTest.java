package io.policylog.parser.filter;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import io.policylog.parser.EntryMetadata;
import io.policylog.parser.JsonText;
import io.policylog.parser.PolicyRecord;
import io.policylog.parser.ResourceLabels;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class FilterMemoryTest {
    private static final PolicyRecord RECORD = Records.of(
            "{\"connection\":{\"src_ip\":\"10.84.1.7\",\"dest_ip\":\"2001:db8::7\",\"dest_port\":8080,\"protocol\":\"tcp\",\"direction\":\"egress\"},"
                    + "\"disposition\":\"deny\",\"policies\":[{\"name\":\"np\"}],\"src\":{\"pod_name\":\"client-allow-7b78d7c957-zkn54\"},"
                    + "\"count\":1,\"timestamp\":\"2024-08-20T14:02:57Z\",\"zone\":{\"a\":[1,{\"b\":\"x\"}]}}");

    /** As {@code OR}s with a last one that decides, so that everything is evaluated. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "disposition=allow OR disposition!=deny OR src.pod_name:\"nothing\" OR disposition<\"a\"",
                "connection.dest_port=443 OR count>5 OR policies.name=other OR src.workload_name:*",
                "src.pod_name=~\"^web-[0-9]+$\" OR timestamp<\"2024-01-01\" OR zone.a.b=\"y\" OR zone.a=2",
                "ip_in_net(connection.src_ip, \"192.168.0.0/16\") OR ip_in_net(connection.dest_ip, \"fe80::/10\")",
                "\"no such text\" OR resource.labels.cluster_name=other OR sample(src.pod_name, 0)"
            })
    void ordinaryComparisonsAllocateNothing(String query) throws FilterException {
        Filter filter = Filter.compile(
                query,
                FilterContext.forReading(new ResourceLabels("p", "l", "c", "n"), InstantSource.fixed(Instant.EPOCH)));
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long least = Long.MAX_VALUE;
        for (int round = 0; round < 20; round++) {
            long before = threads.getCurrentThreadAllocatedBytes();
            for (int i = 0; i < 1000; i++) {
                if (filter.test(RECORD, EntryMetadata.UNKNOWN) != Verdict.FALSE) {
                    throw new AssertionError(query);
                }
            }
            least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
        }
        assertEquals(0, least);
    }

    @Test
    void rememberedResultsStayRightWhenTheirPlacesRunOut() {
        CountingTest test = new CountingTest();
        ValueCache cache = new ValueCache(16);
        for (int round = 0; round < 3; round++) {
            for (int i = 0; i < 1_000; i++) {
                byte[] text = ("name-" + i).getBytes(StandardCharsets.UTF_8);
                assertEquals(i % 2 == 0, cache.test(text, 0, text.length, test), "name-" + i);
            }
        }
        assertTrue(test.runs > 2_900, "sixteen places remembered " + (3_000 - test.runs) + " results");
    }

    @Test
    void aRepeatedTextIsTestedOnce() {
        CountingTest test = new CountingTest();
        ValueCache cache = new ValueCache(16);
        byte[] text = "xname-4name-5".getBytes(StandardCharsets.UTF_8);
        for (int i = 0; i < 100; i++) {
            assertTrue(cache.test(text, 1, 6, test));
            assertFalse(cache.test(text, 7, 6, test));
        }
        assertEquals(2, test.runs);
    }

    @Test
    void aLongTextIsNotKept() {
        CountingTest test = new CountingTest();
        ValueCache cache = new ValueCache(16);
        byte[] text = "2".repeat(ValueCache.MAX_TEXT_BYTES + 1).getBytes(StandardCharsets.UTF_8);
        cache.test(text, 0, text.length, test);
        cache.test(text, 0, text.length, test);
        assertEquals(2, test.runs);
        cache.test(text, 0, text.length - 1, test);
        cache.test(text, 0, text.length - 1, test);
        assertEquals(3, test.runs);
    }

    /** Whether the last digit is even. */
    private static final class CountingTest implements TextTest {
        private int runs;

        @Override
        public boolean test(byte[] json, int offset, int length) {
            return test(JsonText.decode(json, offset, offset + length));
        }

        @Override
        public boolean test(String text) {
            runs++;
            return (text.charAt(text.length() - 1) - '0') % 2 == 0;
        }
    }
}
