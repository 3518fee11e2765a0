package io.policylog.sinks.kafka;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.policylog.sinks.testing.TestSegment;
import java.util.Arrays;
import java.util.List;
import java.util.stream.StreamSupport;
import org.apache.kafka.common.header.Header;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LineHeadersTest {
    private static final Header NODE = new ByteHeader("node", "node-1".getBytes(US_ASCII));

    @ParameterizedTest
    @ValueSource(
            longs = {
                0,
                9,
                10,
                99,
                100,
                1_234_567,
                999_999_999,
                1_000_000_000,
                4_294_967_295L,
                4_294_967_296L,
                42_949_672_959L,
                Long.MAX_VALUE
            })
    void idsAreThoseOfTheBatch(long offset) {
        TestSegment segment = TestSegment.ofRecords("ids", 1);
        LineHeaders headers = new LineHeaders(new Header[0], (segment.id() + ':').getBytes(US_ASCII), offset);
        assertEquals(segment.batch(0).recordId(offset), headers.idText());
        assertEquals(segment.batch(0).recordId(offset), new String(headers.id(), US_ASCII));
    }

    @Test
    void areTheSharedOnesAndTheId() {
        LineHeaders headers = new LineHeaders(new Header[] {NODE}, "abc:".getBytes(US_ASCII), 17);
        assertEquals(
                List.of("node", "id"),
                Arrays.stream(headers.toArray()).map(Header::key).toList());
        assertEquals(
                List.of("node-1", "abc:17"),
                StreamSupport.stream(headers.spliterator(), false)
                        .map(header -> new String(header.value(), US_ASCII))
                        .toList());
        assertEquals(NODE, headers.lastHeader("node"));
        assertNull(headers.lastHeader("other"));
        assertEquals(List.of(NODE), headers.headers("node"));
    }
}
