package io.policylog.sinks.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.errors.BrokerIdNotRegisteredException;

/**
 * A real Kafka broker (KRaft, broker and controller in one; alone, or one of a cluster) as a process of its own, on the loopback
 * interface, with its data in a temporary folder. It can be stopped, killed, frozen and started again on the same ports
 * and data. Dies with this process.
 */
public final class KafkaBroker implements AutoCloseable {
    private static final Duration START_TIMEOUT = Duration.ofSeconds(90);

    /**
     * How a broker differs from the plain one.
     *
     * @param broker broker properties; {@code {port}}, {@code {controllerPort}} and {@code {otherPort}} stand for the ports
     * @param client what this class's own clients need to get in
     * @param format further arguments of {@code kafka-storage.sh format}
     * @param jvm further arguments of the JVM
     */
    public record Options(
            Map<String, String> broker, Map<String, String> client, List<String> format, List<String> jvm) {
        public static final Options PLAIN = new Options(Map.of(), Map.of(), List.of(), List.of());

        /** For measurements: slower to start than the plain one, and compiled as a real one is. */
        public static final Options COMPILED = new Options(
                Map.of("num.io.threads", "4"), Map.of(), List.of(), List.of("-Xmx512m", "-XX:TieredStopAtLevel=4"));

        public static Options broker(Map<String, String> properties) {
            return new Options(properties, Map.of(), List.of(), List.of());
        }
    }

    private final Options options;
    private final int id;
    private final Path folder;
    private final boolean alone;
    private final int port;
    private final int controllerPort;
    private final int otherPort;
    private final Thread cleanup;
    private volatile Process process;

    /** Starts a broker, and returns when it answers. */
    public static KafkaBroker start() {
        return start(Options.PLAIN);
    }

    /** Starts a broker that differs, and returns when it answers. */
    public static KafkaBroker start(Options options) {
        return cluster(1, options).getFirst();
    }

    /** Starts brokers with the ids 1, 2, 3 … that are one cluster, and returns when all of them answer. */
    public static List<KafkaBroker> cluster(int size, Options options) {
        List<int[]> ports = IntStream.range(0, size).mapToObj(i -> freePorts()).toList();
        List<KafkaBroker> brokers = IntStream.range(0, size)
                .mapToObj(i -> new KafkaBroker(options, i + 1, ports))
                .toList();
        brokers.forEach(KafkaBroker::awaitReady);
        return brokers;
    }

    private KafkaBroker(Options options, int id, List<int[]> clusterPorts) {
        this.options = options;
        this.id = id;
        try {
            this.folder = Files.createTempDirectory("policylog-kafka-");
            this.alone = clusterPorts.size() == 1;
            this.port = clusterPorts.get(id - 1)[0];
            this.controllerPort = clusterPorts.get(id - 1)[1];
            this.otherPort = clusterPorts.get(id - 1)[2];
            writeProperties(clusterPorts);
            this.process = launch("broker.properties");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        this.cleanup = new Thread(this::destroy, "kafka-broker-cleanup");
        Runtime.getRuntime().addShutdownHook(cleanup);
    }

    /** Its {@code node.id}. */
    public int id() {
        return id;
    }

    /** Of the broker's process. */
    public long pid() {
        return process.pid();
    }

    /** What a client needs as {@code bootstrap.servers}. */
    public String bootstrapServers() {
        return "127.0.0.1:" + port;
    }

    /** The same of the listener that the options put on {@code {otherPort}}. */
    public String otherBootstrapServers() {
        return "127.0.0.1:" + otherPort;
    }

    /** Ends the broker as a power cut does. */
    public void kill9() {
        process.destroyForcibly();
        awaitExit();
    }

    /** Ends the broker in an orderly way. */
    public void stop() {
        process.destroy();
        awaitExit();
    }

    /** Whether its process runs. */
    public boolean alive() {
        return process.isAlive();
    }

    /** Starts a broker that was stopped or killed again, on the same ports and data; returns when it answers. */
    public void restart() {
        if (process.isAlive()) {
            throw new IllegalStateException("the broker is running");
        }
        try {
            if (alone) {
                fence();
            }
            process = launch("broker.properties");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        awaitReady();
    }

    /**
     * Lets the controller know that the broker is gone, as that of a cluster does by itself. A broker that comes back with its
     * controller takes itself for the leader until that notices, and then drops the ends of transactions that it has to write,
     * since it takes partitions without a leader for deleted ones: those transactions never end.
     */
    private void fence() throws IOException {
        process = launch("controller.properties");
        await("the controller to fence the broker", () -> {
            try (Admin admin = Admin.create(Map.of("bootstrap.controllers", "127.0.0.1:" + controllerPort))) {
                admin.unregisterBroker(id).all().get(5, TimeUnit.SECONDS);
                return true;
            } catch (ExecutionException e) {
                // An earlier try was carried out, and its answer came too late.
                if (e.getCause() instanceof BrokerIdNotRegisteredException) {
                    return true;
                }
                throw e;
            }
        });
        stop();
    }

    /** Stops the broker's process from running; its connections stay open. */
    public void freeze() {
        signal(process.pid(), "STOP");
    }

    /** Lets a frozen broker run again. */
    public void thaw() {
        signal(process.pid(), "CONT");
    }

    /** Sends a signal to a process. */
    public static void signal(long pid, String name) {
        try {
            int code = new ProcessBuilder("kill", "-" + name, Long.toString(pid))
                    .inheritIO()
                    .start()
                    .waitFor();
            if (code != 0) {
                throw new IllegalStateException("kill -" + name + " " + pid + " gave " + code);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Creates a topic, and returns when every partition has a leader. */
    public void createTopic(String name, int partitions, Map<String, String> configs) {
        try (Admin admin = admin()) {
            admin.createTopics(List.of(new NewTopic(name, Optional.of(partitions), Optional.empty()).configs(configs)))
                    .all()
                    .get(30, TimeUnit.SECONDS);
        } catch (Exception e) {
            throw new IllegalStateException("can't create the topic " + name, e);
        }
        await("the topic " + name + " to be ready", () -> {
            try (Admin admin = admin()) {
                return admin.describeTopics(List.of(name)).allTopicNames().get(10, TimeUnit.SECONDS).values().stream()
                        .flatMap(topic -> topic.partitions().stream())
                        .allMatch(p -> p.leader() != null && p.leader().id() >= 0);
            }
        });
    }

    /** Deletes a topic, and returns when it is gone. */
    public void deleteTopic(String name) {
        try (Admin admin = admin()) {
            admin.deleteTopics(List.of(name)).all().get(30, TimeUnit.SECONDS);
        } catch (Exception e) {
            throw new IllegalStateException("can't delete the topic " + name, e);
        }
        await("the topic " + name + " to be gone", () -> {
            try (Admin admin = admin()) {
                return !admin.listTopics().names().get(10, TimeUnit.SECONDS).contains(name);
            }
        });
    }

    /** An admin client, to be closed by the caller. */
    public Admin admin() {
        return Admin.create(clientProperties());
    }

    /** All committed records of a topic, partition by partition; waits as {@link CommittedReader#read} does. */
    public List<ConsumerRecord<byte[], byte[]>> readCommitted(String topic) {
        List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
        try (CommittedReader reader = committedReader(topic)) {
            reader.read(records::add);
        }
        records.sort(Comparator.comparingInt((ConsumerRecord<byte[], byte[]> r) -> r.partition())
                .thenComparingLong(ConsumerRecord::offset));
        return records;
    }

    /** A reader at the beginning of a topic, to be closed by the caller. */
    public CommittedReader committedReader(String topic) {
        return new CommittedReader(this, topic, clientProperties());
    }

    /** Ends the broker and removes its data. */
    @Override
    public void close() {
        try {
            Runtime.getRuntime().removeShutdownHook(cleanup);
        } catch (IllegalStateException alreadyShuttingDown) {
            return;
        }
        destroy();
    }

    private Map<String, Object> clientProperties() {
        Map<String, Object> properties = new HashMap<>(options.client());
        properties.put("bootstrap.servers", bootstrapServers());
        return properties;
    }

    private void writeProperties(List<int[]> clusterPorts) throws IOException {
        int[] ports = clusterPorts.get(id - 1);
        String replicas = Integer.toString(Math.min(clusterPorts.size(), 3));
        String minInSync = clusterPorts.size() < 3 ? "1" : "2";
        String voters = IntStream.range(0, clusterPorts.size())
                .mapToObj(i -> (i + 1) + "@127.0.0.1:" + clusterPorts.get(i)[1])
                .collect(Collectors.joining(","));
        Map<String, String> values = new TreeMap<>(Map.ofEntries(
                Map.entry("process.roles", "broker,controller"),
                Map.entry("node.id", Integer.toString(id)),
                Map.entry("controller.quorum.voters", voters),
                Map.entry("controller.listener.names", "CONTROLLER"),
                Map.entry("listeners", "PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controllerPort}"),
                Map.entry("log.dirs", folder.resolve("data").toString()),
                Map.entry("auto.create.topics.enable", "false"),
                Map.entry("num.partitions", "1"),
                Map.entry("offsets.topic.num.partitions", "1"),
                Map.entry("default.replication.factor", replicas),
                Map.entry("min.insync.replicas", minInSync),
                Map.entry("offsets.topic.replication.factor", replicas),
                Map.entry("transaction.state.log.num.partitions", "1"),
                Map.entry("transaction.state.log.replication.factor", replicas),
                Map.entry("transaction.state.log.min.isr", minInSync),
                // Records carry times of long ago, and half a minute after its start a broker looks for old ones.
                Map.entry("log.retention.ms", "-1"),
                Map.entry("group.initial.rebalance.delay.ms", "0"),
                Map.entry("broker.session.timeout.ms", "3000"),
                Map.entry("broker.heartbeat.interval.ms", "500"),
                Map.entry("log.cleaner.dedupe.buffer.size", "4194304"),
                Map.entry("num.network.threads", "2"),
                Map.entry("num.io.threads", "2")));
        values.putAll(options.broker());
        Properties properties = new Properties();
        values.forEach((key, value) -> properties.setProperty(
                key,
                value.replace("{port}", Integer.toString(ports[0]))
                        .replace("{otherPort}", Integer.toString(ports[2]))
                        .replace("{controllerPort}", Integer.toString(ports[1]))));
        store(properties, "broker.properties");
        properties.setProperty("process.roles", "controller");
        properties.setProperty("listeners", "CONTROLLER://127.0.0.1:" + controllerPort);
        properties.remove("advertised.listeners");
        store(properties, "controller.properties");
    }

    private void store(Properties properties, String name) throws IOException {
        try (var out = Files.newBufferedWriter(folder.resolve(name))) {
            properties.store(out, null);
        }
    }

    private Process launch(String properties) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Djava.io.tmpdir=" + folder));
        command.addAll(options.jvm());
        command.addAll(List.of(
                "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                KafkaBrokerMain.class.getName(),
                folder.resolve(properties).toString(),
                options.broker().getOrDefault("log.dirs", folder.resolve("data").toString())));
        command.addAll(options.format());
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(
                        folder.resolve("broker.log").toFile()))
                .start();
    }

    private void awaitReady() {
        await("the broker to answer", () -> {
            if (!process.isAlive()) {
                throw new IllegalStateException("the broker ended:\n" + Files.readString(folder.resolve("broker.log")));
            }
            try (Socket socket = new Socket()) {
                socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1000);
            } catch (IOException e) {
                return false;
            }
            try (Admin admin = admin()) {
                return !admin.describeCluster().nodes().get(5, TimeUnit.SECONDS).isEmpty();
            } catch (ExecutionException e) {
                return false;
            }
        });
    }

    private void awaitExit() {
        try {
            if (!process.waitFor(60, TimeUnit.SECONDS)) {
                throw new IllegalStateException("the broker does not end");
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private void destroy() {
        process.destroyForcibly();
        try {
            process.waitFor(30, TimeUnit.SECONDS);
            try (Stream<Path> files = Files.walk(folder)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.deleteIfExists(file);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static int[] freePorts() {
        try (ServerSocket first = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                ServerSocket second = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                ServerSocket third = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return new int[] {first.getLocalPort(), second.getLocalPort(), third.getLocalPort()};
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Something that is waited for. */
    @FunctionalInterface
    public interface Condition {
        boolean holds() throws Exception;
    }

    /** Waits until the condition holds, looking again every few milliseconds. */
    public static void await(String what, Condition condition) {
        long deadline = System.nanoTime() + START_TIMEOUT.toNanos();
        Exception last = null;
        while (System.nanoTime() < deadline) {
            try {
                if (condition.holds()) {
                    return;
                }
                Thread.sleep(20);
            } catch (IllegalStateException e) {
                throw e;
            } catch (InterruptedException e) {
                throw new IllegalStateException("interrupted while waiting for " + what, e);
            } catch (Exception e) {
                last = e;
            }
        }
        throw new IllegalStateException("waited in vain for " + what, last);
    }
}
