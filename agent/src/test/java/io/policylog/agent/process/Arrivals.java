package io.policylog.agent.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.policylog.sinks.testing.CommittedReader;
import io.policylog.sinks.testing.KafkaBroker;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** What is committed in a topic of one partition, compared with what was written while it is read. */
final class Arrivals implements AutoCloseable {
    private final CommittedReader reader;
    private final List<String> expected;
    private final Set<String> ids = new HashSet<>();
    private int count;

    Arrivals(KafkaBroker broker, String topic, List<String> expected) {
        this.reader = broker.committedReader(topic);
        this.expected = expected;
    }

    /** Reads on to the end, and gives how many arrived by now: all as expected, each id once. */
    int read() {
        reader.read(this::check);
        return count;
    }

    private void check(ConsumerRecord<byte[], byte[]> record) {
        String id = new String(record.headers().lastHeader("id").value(), StandardCharsets.UTF_8);
        assertTrue(count < expected.size(), () -> "more than were written: " + id);
        assertEquals(
                expected.get(count), new String(record.value(), StandardCharsets.UTF_8), () -> id + ", at " + count);
        assertTrue(ids.add(id), () -> "for two records: " + id);
        count++;
    }

    @Override
    public void close() {
        reader.close();
    }
}
