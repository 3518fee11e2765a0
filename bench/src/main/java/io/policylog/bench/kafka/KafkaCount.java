package io.policylog.bench.kafka;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** Reads what is committed of a topic, and says how many records, different ids, and connections these are. */
public final class KafkaCount {
    private static final Pattern COUNT = Pattern.compile("\"count\":([0-9]+)");

    private KafkaCount() {}

    /**
     * Reads to the end.
     *
     * @param args the brokers, and the topic
     */
    public static void main(String[] args) {
        Map<String, Object> settings = Map.of("bootstrap.servers", args[0], "isolation.level", "read_committed");
        long records = 0;
        long connections = 0;
        Set<String> ids = new HashSet<>();
        try (KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            List<TopicPartition> partitions = consumer.partitionsFor(args[1]).stream()
                    .map(p -> new TopicPartition(p.topic(), p.partition()))
                    .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            while (partitions.stream().anyMatch(p -> consumer.position(p) < ends.getOrDefault(p, 0L))) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(200))) {
                    records++;
                    ids.add(new String(record.headers().lastHeader("id").value(), StandardCharsets.UTF_8));
                    Matcher count = COUNT.matcher(new String(record.value(), StandardCharsets.UTF_8));
                    connections += count.find() ? Long.parseLong(count.group(1)) : 0;
                }
            }
        }
        System.out.println(records + " " + ids.size() + " " + connections);
    }
}
