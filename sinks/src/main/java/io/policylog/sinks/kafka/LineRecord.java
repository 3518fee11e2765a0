package io.policylog.sinks.kafka;

import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Headers;
import org.jspecify.annotations.Nullable;

/** The record of one line: a producer's record copies its headers, which for each line is as much work as the rest of it. */
final class LineRecord extends ProducerRecord<byte[], Slice> {
    private final LineHeaders headers;

    LineRecord(
            String topic,
            @Nullable Integer partition,
            @Nullable Long timestamp,
            byte @Nullable [] key,
            Slice value,
            LineHeaders headers) {
        super(topic, partition, timestamp, key, value);
        this.headers = headers;
    }

    @Override
    public Headers headers() {
        return headers;
    }
}
