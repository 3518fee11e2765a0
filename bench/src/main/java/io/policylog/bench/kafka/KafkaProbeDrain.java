package io.policylog.bench.kafka;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * The bare minimum: reads, finds the lines and produces them as they are, in transactions of an interval, with the
 * producer settings of the sink. No parsing, key, header or position.
 */
public final class KafkaProbeDrain {
    private KafkaProbeDrain() {}

    /**
     * Runs one drain, and prints the number of lines.
     *
     * @param args address, topic, {@code compression.type}, commit interval in milliseconds, and the files
     */
    public static void main(String[] args) throws Exception {
        Map<String, Object> properties = Map.ofEntries(
                Map.entry("bootstrap.servers", args[0]),
                Map.entry("compression.type", args[2]),
                Map.entry("transactional.id", "probe-" + ProcessHandle.current().pid()),
                Map.entry("batch.size", 1 << 18),
                Map.entry("linger.ms", 20),
                Map.entry("buffer.memory", 4 << 20),
                Map.entry("retry.backoff.ms", 5),
                Map.entry("metric.reporters", ""),
                Map.entry("enable.metrics.push", false));
        long intervalNanos = Long.parseLong(args[3]) * 1_000_000;
        long[] count = {0};
        try (KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer())) {
            producer.initTransactions();
            producer.beginTransaction();
            long[] begun = {System.nanoTime()};
            LogChunks.read(Arrays.stream(args).skip(4).map(Path::of).toList(), (file, offset, array, end) -> {
                for (int start = 0, i = 0; i < end; i++) {
                    if (array[i] == '\n') {
                        var _ = producer.send(
                                new ProducerRecord<>(args[1], 0, null, Arrays.copyOfRange(array, start, i)));
                        start = i + 1;
                        count[0]++;
                    }
                }
                if (System.nanoTime() - begun[0] >= intervalNanos) {
                    producer.commitTransaction();
                    producer.beginTransaction();
                    begun[0] = System.nanoTime();
                }
            });
            producer.commitTransaction();
        }
        System.out.println(count[0]);
    }
}
