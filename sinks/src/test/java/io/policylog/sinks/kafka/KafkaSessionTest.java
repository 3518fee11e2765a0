package io.policylog.sinks.kafka;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.common.KafkaException;
import org.junit.jupiter.api.Test;

final class KafkaSessionTest {
    @Test
    void aProducerThatFailsToCloseLeavesNoConsumerOpen() {
        MockProducer<byte[], byte[]> producer = new MockProducer<>();
        producer.closeException = new KafkaException("made up by the test");
        MockConsumer<byte[], byte[]> consumer = new MockConsumer<>("earliest");
        assertThrows(KafkaException.class, () -> KafkaSession.close(producer, consumer));
        assertTrue(consumer.closed());
    }
}
