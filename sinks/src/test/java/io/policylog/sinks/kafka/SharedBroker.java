package io.policylog.sinks.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.fail;

import io.policylog.sinks.testing.KafkaBroker;
import io.policylog.sinks.testing.TestSegment;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;

/** One plain broker for all tests that leave it as it is; it ends with this process. */
final class SharedBroker {
    static final KafkaBroker BROKER = KafkaBroker.start();

    private SharedBroker() {}

    /** The least options of a sink. */
    static Map<String, Object> options(String topic) {
        return options(BROKER, topic);
    }

    static Map<String, Object> options(KafkaBroker broker, String topic) {
        return new HashMap<>(Map.of("bootstrapServers", broker.bootstrapServers(), "topic", topic));
    }

    /** The ids of all committed records. */
    static List<String> ids(String topic) {
        return ids(BROKER, topic);
    }

    static List<String> ids(KafkaBroker broker, String topic) {
        return broker.readCommitted(topic).stream().map(r -> header(r, "id")).toList();
    }

    /** Every line of the segment is committed in the topic once, and in order. */
    static void assertExact(KafkaBroker broker, TestSegment segment, String topic, String context) {
        List<String> wanted = segment.recordIds();
        List<String> found = ids(broker, topic);
        if (!wanted.equals(found)) {
            Set<String> distinct = new HashSet<>(found);
            long missing = wanted.stream().filter(id -> !distinct.contains(id)).count();
            int first = 0;
            while (first < Math.min(wanted.size(), found.size())
                    && wanted.get(first).equals(found.get(first))) {
                first++;
            }
            fail(String.format(
                    Locale.ROOT,
                    "%s: %d lines, %d records, %d missing, %d twice; the first difference is at %d",
                    context,
                    wanted.size(),
                    found.size(),
                    missing,
                    found.size() - distinct.size(),
                    first));
        }
    }

    /** The text of a header; empty if there is none. */
    static String header(ConsumerRecord<byte[], byte[]> record, String key) {
        Header header = record.headers().lastHeader(key);
        return header == null ? "" : new String(header.value(), UTF_8);
    }
}
