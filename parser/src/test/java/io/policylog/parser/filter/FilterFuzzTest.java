package io.policylog.parser.filter;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.policylog.parser.EntryMetadata;
import io.policylog.parser.Limits;
import io.policylog.parser.MalformedLine;
import io.policylog.parser.ParsedLine;
import io.policylog.parser.Parser;
import io.policylog.parser.PolicyRecord;
import io.policylog.parser.ResourceLabels;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;

/**
 * Whatever text is given as a query either compiles or is refused, and whatever compiles answers for every record.
 * The input is a query, and after its first NUL a line. Without further settings this runs the stored inputs; with the
 * environment variable {@code JAZZER_FUZZ=1} it searches for new ones.
 */
final class FilterFuzzTest {
    private static final FilterContext CONTEXT =
            FilterContext.forReading(ResourceLabels.UNKNOWN, InstantSource.fixed(Instant.EPOCH));
    private static final PolicyRecord RECORD = Records.of("{\"connection\":{\"src_ip\":\"::ffff:10.0.0.1\",\"dest_ip\":"
            + "\"fe80::1\",\"src_port\":1,\"protocol\":\"tcp\",\"direction\":\"egress\"},\"disposition\":\"d\\u0065ny\","
            + "\"policies\":[{\"name\":\"a\",\"labels\":[\"é\"]},{}],\"src\":{},\"dest\":{\"x\":[[{\"y\":null}],1e999,-0]},"
            + "\"timestamp\":\"2024-08-20T14:02:57Z\"}");

    @FuzzTest
    void compilesOrRefusesAndAnswers(byte[] input) {
        int nul = 0;
        while (nul < input.length && input[nul] != 0) {
            nul++;
        }
        Filter filter;
        try {
            filter = Filter.compile(new String(input, 0, nul, StandardCharsets.UTF_8), CONTEXT);
        } catch (FilterException e) {
            return;
        }
        filter.test(RECORD, new Records.Metadata("id", Instant.EPOCH));
        byte[] line = nul == input.length ? input : Arrays.copyOfRange(input, nul + 1, input.length);
        ParsedLine parsed = new Parser(Limits.DEFAULT, "node").parse(line, 0, line.length);
        switch (parsed) {
            case PolicyRecord record -> filter.test(record, EntryMetadata.UNKNOWN);
            case MalformedLine _ -> {}
        }
    }
}
