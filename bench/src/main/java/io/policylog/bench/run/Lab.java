package io.policylog.bench.run;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.policylog.sinks.testing.KafkaBroker;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/** What scenarios are measured with: data, a broker, places, programs. Belongs to one thread. */
final class Lab implements AutoCloseable {
    private final Settings settings;
    private @Nullable KafkaBroker broker;
    private int topics;

    /**
     * What the command line says.
     *
     * @param home the root of the repository
     * @param dataRoot where logs are kept, and places are made; one file system
     * @param lines of the log that is drained
     * @param seconds that a steady load lasts
     * @param agent the program that is measured
     */
    record Settings(Path home, Path dataRoot, long seed, long lines, int seconds, Duration patience, String agent) {}

    Lab(Settings settings) {
        this.settings = settings;
    }

    Path home() {
        return settings.home();
    }

    String agent() {
        return settings.agent();
    }

    int seconds() {
        return settings.seconds();
    }

    long lines() {
        return settings.lines();
    }

    /** The other shipper, where there is one. */
    String fluentBit() {
        return System.getenv().getOrDefault("FLUENT_BIT", "fluent-bit");
    }

    DataSet data() throws IOException {
        return data(settings.lines());
    }

    DataSet data(long lines) throws IOException {
        return DataSet.cached(settings.dataRoot(), settings.seed(), lines);
    }

    Place place() throws IOException {
        return Place.in(settings.dataRoot());
    }

    /** Waits for a quiet machine. */
    void quiet() throws IOException, InterruptedException {
        Machine.awaitQuiet(settings.patience());
    }

    /** The broker, on this machine, whose own topics exist and whose code is compiled. */
    KafkaBroker broker() throws Exception {
        KafkaBroker running = broker;
        if (running == null) {
            running = KafkaBroker.start(KafkaBroker.Options.COMPILED);
            broker = running;
            warm(running);
        }
        return running;
    }

    /** A new topic, kept small: the page cache is to stay the log's. */
    String topic(int partitions) throws Exception {
        String name = "bench-" + topics++;
        broker().createTopic(name, partitions, Map.of("retention.bytes", "2000000000", "segment.bytes", "100000000"));
        return name;
    }

    private static void warm(KafkaBroker broker) throws Exception {
        broker.createTopic("warm", 1, Map.of("retention.bytes", "100000000"));
        Map<String, Object> settings = Map.of(
                "bootstrap.servers", broker.bootstrapServers(), "transactional.id", "warm", "compression.type", "lz4");
        try (KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer())) {
            producer.initTransactions();
            for (int transaction = 0; transaction < 100; transaction++) {
                producer.beginTransaction();
                for (int i = 0; i < 5_000; i++) {
                    var _ = producer.send(new ProducerRecord<>(
                            "warm", ("{\"warm\":" + i + "}").repeat(40).getBytes(UTF_8)));
                }
                producer.commitTransaction();
            }
        }
    }

    /** The command for a class of this module in a JVM of its own. */
    static List<String> java(List<String> flags, Class<?> program, String... arguments) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("-XX:+UseSerialGC");
        command.add("--enable-native-access=ALL-UNNAMED");
        command.addAll(flags);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), program.getName()));
        command.addAll(List.of(arguments));
        return command;
    }

    /** The JVM's flags of what is measured; none when it is not laid out as the image is. */
    List<String> agentFlags() throws IOException {
        Path file = agentHome().resolve("options");
        return Files.exists(file)
                ? Files.readAllLines(file).stream()
                        .filter(line ->
                                line.startsWith("-") && !line.startsWith("-cp ") && !line.startsWith("-XX:AOTCache="))
                        .toList()
                : List.of();
    }

    /** The least that produces, in the agent's JVM with the agent's flags and a cache made for it: {@code java … -cp …}. */
    List<String> probe(String... flags) throws IOException {
        Path libraries = settings.home().resolve("bench/target/lib");
        List<Path> jars = new ArrayList<>();
        try (DirectoryStream<Path> found =
                Files.newDirectoryStream(libraries, "{kafka-clients,lz4-java,zstd-jni,snappy-java,slf4j-api}-*.jar")) {
            found.forEach(jars::add);
        }
        try (DirectoryStream<Path> found =
                Files.newDirectoryStream(settings.home().resolve("bench/target"), "policylog-bench-*.jar")) {
            found.forEach(jars::add);
        }
        List<String> command = new ArrayList<>();
        command.add(agentHome().resolve("java/bin/java").toString());
        command.addAll(agentFlags());
        command.addAll(List.of(flags));
        command.add("-cp");
        command.add(jars.stream().sorted().map(Path::toString).collect(Collectors.joining(":")));
        return command;
    }

    private Path agentHome() {
        return Path.of(settings.agent()).resolveSibling("../lib/policylog").normalize();
    }

    static boolean installed(String program) {
        for (String directory : System.getenv().getOrDefault("PATH", "").split(":", -1)) {
            if (Files.isExecutable(Path.of(directory.isEmpty() ? "." : directory, program))) {
                return true;
            }
        }
        return Files.isExecutable(Path.of("/usr/sbin", program));
    }

    @Override
    public void close() {
        if (broker != null) {
            broker.close();
        }
    }
}
