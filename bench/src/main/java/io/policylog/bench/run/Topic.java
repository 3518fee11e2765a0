package io.policylog.bench.run;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.StreamSupport;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** What a {@code read_committed} consumer sees of a topic. Belongs to one thread. */
final class Topic implements AutoCloseable {
    private static final Pattern TIMESTAMP = Pattern.compile("\"timestamp\":\"([^\"]*)\"");

    private final KafkaConsumer<byte[], byte[]> consumer;
    private final List<TopicPartition> partitions;

    Topic(String brokers, String name) {
        Map<String, Object> settings =
                Map.of("bootstrap.servers", brokers, "isolation.level", "read_committed", "check.crcs", false);
        consumer = new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer());
        partitions = consumer.partitionsFor(name).stream()
                .map(partition -> new TopicPartition(partition.topic(), partition.partition()))
                .toList();
        consumer.assign(partitions);
    }

    /** What is committed: records, and a marker for each transaction in each of its partitions. */
    long end() {
        return consumer.endOffsets(partitions).values().stream()
                .mapToLong(Long::longValue)
                .sum();
    }

    /** From now on {@link #poll} gives what comes. */
    void seekToEnd() {
        consumer.seekToEnd(partitions);
        partitions.forEach(consumer::position);
    }

    /** The values that came, after at most so long. */
    List<byte[]> poll(Duration patience) {
        return StreamSupport.stream(consumer.poll(patience).spliterator(), false)
                .map(ConsumerRecord::value)
                .toList();
    }

    /** How often each timestamp is there now, from the beginning to the end. */
    Map<String, Integer> timestamps() {
        Map<String, Integer> counts = new HashMap<>();
        Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
        consumer.seekToBeginning(partitions);
        while (partitions.stream().anyMatch(p -> consumer.position(p) < ends.getOrDefault(p, 0L))) {
            for (byte[] value : poll(Duration.ofMillis(200))) {
                counts.merge(timestamp(value), 1, Integer::sum);
            }
        }
        return counts;
    }

    /** The time in a record, as it is written; empty for what has none. */
    static String timestamp(byte[] value) {
        return timestamp(value, 0, value.length);
    }

    static String timestamp(byte[] buffer, int offset, int length) {
        Matcher matcher = TIMESTAMP.matcher(new String(buffer, offset, length, StandardCharsets.ISO_8859_1));
        return matcher.find() ? matcher.group(1) : "";
    }

    @Override
    public void close() {
        consumer.close();
    }
}
