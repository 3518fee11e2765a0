package io.policylog.agent.process;

import io.policylog.agent.simulate.LogWriter;
import io.policylog.agent.simulate.LogWriterOptions;
import io.policylog.agent.simulate.TrafficGenerator;
import io.policylog.agent.simulate.TrafficOptions;
import io.policylog.parser.Limits;
import io.policylog.parser.Parser;
import io.policylog.parser.PolicyRecord;
import io.policylog.sinks.testing.KafkaBroker;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** Lines as a node writes them, each with a write call of its own, and what they are when they arrive. */
final class TestTraffic {
    /** Small files, all kept. */
    static final LogWriterOptions FILES = LogWriterOptions.DEFAULT
            .withMaxFileBytes(1 << 20)
            .withMaxBackups(1000)
            .withBatchBytes(0);

    private final Parser parser = new Parser(Limits.DEFAULT, "node-1");
    private final TrafficGenerator generator;
    private final List<String> lines = new ArrayList<>();

    TestTraffic(long seed) {
        generator = new TrafficGenerator(TrafficOptions.seeded(seed).withNodeName("node-1"));
    }

    /** Writes so many lines, and gives them normalized. */
    List<String> write(LogWriter log, int count) throws IOException {
        int before = lines.size();
        generator.generate(count, (line, offset, length) -> {
            log.write(line, offset, length);
            if (!(parser.parse(line, offset, offset + length - 1) instanceof PolicyRecord record)) {
                throw new AssertionError(new String(line, offset, length, StandardCharsets.UTF_8));
            }
            lines.add(new String(record.json(), record.jsonOffset(), record.jsonLength(), StandardCharsets.UTF_8));
        });
        return List.copyOf(lines.subList(before, lines.size()));
    }

    /** Everything written so far, normalized. */
    List<String> lines() {
        return lines;
    }

    /** How many connections a line counts. */
    static long count(String line) {
        int at = line.lastIndexOf("\"count\":") + "\"count\":".length();
        int end = at;
        while (Character.isDigit(line.charAt(end))) {
            end++;
        }
        return Long.parseLong(line.substring(at, end));
    }

    /** How many connections everything written so far counts. */
    double connections() {
        return (double) lines.stream().mapToLong(TestTraffic::count).sum();
    }

    /** The values of a topic, as a consumer sees them that reads what is committed. */
    static List<String> values(KafkaBroker broker, String topic) {
        return broker.readCommitted(topic).stream()
                .map(r -> new String(r.value(), StandardCharsets.UTF_8))
                .toList();
    }

    /** The record ids in a topic that stand for more than one record. */
    static Set<String> repeatedIds(KafkaBroker broker, String topic) {
        Set<String> ids = new HashSet<>();
        Set<String> repeated = new HashSet<>();
        for (ConsumerRecord<byte[], byte[]> record : broker.readCommitted(topic)) {
            String id = new String(record.headers().lastHeader("id").value(), StandardCharsets.UTF_8);
            if (!ids.add(id)) {
                repeated.add(id);
            }
        }
        return repeated;
    }
}
