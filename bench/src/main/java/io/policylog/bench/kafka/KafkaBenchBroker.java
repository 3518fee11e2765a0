package io.policylog.bench.kafka;

import io.policylog.sinks.testing.KafkaBroker;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** A broker for the drains: says its address in a file, and runs until its standard input ends. */
public final class KafkaBenchBroker {
    static final String TOPIC = "drain";

    private KafkaBenchBroker() {}

    /**
     * Runs until its standard input ends.
     *
     * @param args the file that gets the address
     */
    public static void main(String[] args) throws Exception {
        try (KafkaBroker broker = KafkaBroker.start(KafkaBroker.Options.COMPILED)) {
            // Enough for one run: the page cache is to stay the log's.
            broker.createTopic(TOPIC, 1, Map.of("retention.bytes", "300000000", "segment.bytes", "100000000"));
            // As where agents have run before: what creates it would be in the AOT cache that image/train makes.
            broker.createTopic("policylog.positions", 1, Map.of());
            Files.writeString(Path.of(args[0]), broker.bootstrapServers());
            while (System.in.read() >= 0) {}
        }
    }
}
