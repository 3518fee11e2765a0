package io.policylog.bench.resident;

import io.policylog.sinks.testing.KafkaBroker;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * What the agent costs its node, with Kafka exactly-once and counters: resident memory at rest, under load and draining,
 * processor time at two rates, and the time from its start to its first record at a consumer.
 */
public final class ResidentBench {
    static final int PORT = 19465;

    private static final String TOPIC = "resident";
    private static final int SECONDS = Integer.getInteger("resident.seconds", 30);
    private static final int BACKLOG_LINES = Integer.getInteger("resident.backlog", 400_000);
    private static final int STARTS = Integer.getInteger("resident.starts", 7);

    private final List<String> command;
    private final Path directory;
    private final File output;
    private final Path configuration;

    private ResidentBench(List<String> command, Path directory, String bootstrapServers) throws IOException {
        this.command = command;
        this.directory = directory;
        this.output = directory.resolve("output").toFile();
        this.configuration = directory.resolve("policylog.yaml");
        Files.createDirectories(log());
        Files.writeString(configuration, """
                node: node-1
                cluster: {name: bench}
                log: {directory: %s}
                state: {retain: {minFreeDisk: 0%%, maxBytes: 8GiB}}
                http: {listen: "127.0.0.1:%d"}
                sinks:
                  - type: prometheus
                  - {type: kafka, bootstrapServers: "%s", topic: %s}
                """.formatted(log(), PORT, bootstrapServers, TOPIC));
    }

    /**
     * Measures, and prints.
     *
     * @param args the command that is the program, such as {@code java @jvm.options -jar policylog-agent.jar}
     */
    public static void main(String[] args) throws Exception {
        Path directory = Files.createTempDirectory("policylog-resident-");
        KafkaBroker.Options options = new KafkaBroker.Options(
                Map.of("num.io.threads", "4"), Map.of(), List.of(), List.of("-Xmx512m", "-XX:TieredStopAtLevel=4"));
        try (KafkaBroker broker = KafkaBroker.start(options)) {
            broker.createTopic(TOPIC, 1, Map.of("retention.bytes", "300000000", "segment.bytes", "100000000"));
            ResidentBench bench = new ResidentBench(Arrays.asList(args), directory, broker.bootstrapServers());
            bench.restAndLoad();
            bench.drain();
            bench.firstRecord(broker.bootstrapServers());
        }
    }

    private Path log() {
        return directory.resolve("log");
    }

    private AgentRun agent() throws IOException {
        return new AgentRun(command, List.of("run", "--config", configuration.toString()), output);
    }

    private void simulate(String... arguments) throws Exception {
        List<String> all = new ArrayList<>(List.of("simulate", "--directory", log().toString(), "--max-backups", "0"));
        all.addAll(List.of(arguments));
        try (AgentRun writer = new AgentRun(command, all, output)) {
            writer.awaitEnd();
        }
    }

    private void restAndLoad() throws Exception {
        try (AgentRun agent = agent()) {
            simulate("--rate", "100", "--lines", "100");
            agent.awaitRecords(100);
            TimeUnit.SECONDS.sleep(SECONDS / 3);
            print("at rest", agent, 0, Double.NaN);
            underLoad(agent, 500);
            underLoad(agent, 2000);
            TimeUnit.SECONDS.sleep(SECONDS / 3);
            print("at rest again", agent, 0, Double.NaN);
        }
    }

    private void underLoad(AgentRun agent, int rate) throws Exception {
        double before = agent.cpuSeconds();
        long began = System.nanoTime();
        simulate("--rate", Integer.toString(rate), "--lines", Integer.toString(rate * SECONDS));
        print(rate + "/s", agent, agent.cpuSeconds() - before, (System.nanoTime() - began) / 1e9);
    }

    private void drain() throws Exception {
        simulate("--rate", "max", "--lines", Integer.toString(BACKLOG_LINES));
        long began = System.nanoTime();
        try (AgentRun agent = agent()) {
            agent.awaitRecords(BACKLOG_LINES);
            print("draining", agent, agent.cpuSeconds(), (System.nanoTime() - began) / 1e9);
        }
    }

    private static void print(String what, AgentRun agent, double cpuSeconds, double seconds) throws IOException {
        String cpu =
                Double.isNaN(seconds) ? "" : "%.1f %% of a core, %.1f s".formatted(100 * cpuSeconds / seconds, seconds);
        System.out.printf("%-14s %6.1f MiB, peak %6.1f  %s%n", what, agent.residentMiB(), agent.peakMiB(), cpu);
    }

    /** A line lies in the log when the agent starts; a consumer waits for it. */
    private void firstRecord(String bootstrapServers) throws Exception {
        Map<String, Object> settings = Map.of(
                "bootstrap.servers", bootstrapServers, "isolation.level", "read_committed", "fetch.max.wait.ms", "10");
        List<Double> millis = new ArrayList<>();
        try (KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            List<TopicPartition> partition = List.of(new TopicPartition(TOPIC, 0));
            consumer.assign(partition);
            for (int i = 0; i < STARTS; i++) {
                simulate("--rate", "max", "--lines", "1");
                consumer.seekToEnd(partition);
                consumer.position(partition.getFirst());
                long began = System.nanoTime();
                try (AgentRun agent = agent()) {
                    while (consumer.poll(Duration.ofMillis(10)).isEmpty()) {}
                    millis.add((System.nanoTime() - began) / 1e6);
                    agent.awaitRecords(1);
                }
            }
        }
        millis.sort(null);
        System.out.printf(
                "first record   %.0f ms after start (median of %d, %.0f to %.0f)%n",
                millis.get(STARTS / 2), STARTS, millis.getFirst(), millis.getLast());
    }
}
