package io.policylog.bench.drain;

import io.policylog.bench.kafka.KafkaProbeDrain;
import io.policylog.bench.kafka.KafkaSinkDrain;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/** What can be measured. */
final class Scenarios {
    private Scenarios() {}

    /** Limits first: what no program that does more can beat. */
    static List<Scenario> all() {
        return Stream.concat(local().stream(), kafka().stream()).toList();
    }

    private static List<Scenario> local() {
        return List.of(
                new Scenario(
                        "cat",
                        "cat to the null device",
                        Scenario.ALL_LINES,
                        Scenario.Proof.EXIT_CODE,
                        data -> command(data, "cat")),
                new Scenario(
                        "wc",
                        "wc -l",
                        Scenario.ALL_LINES,
                        Scenario.Proof.LINE_COUNT,
                        data -> command(data, "wc", "-l")),
                new Scenario(
                        "newline-scan",
                        "Java: read and find the lines, SerialGC",
                        Scenario.ALL_LINES,
                        Scenario.Proof.LINE_COUNT,
                        data -> command(
                                data,
                                java(),
                                "-XX:+UseSerialGC",
                                "-cp",
                                System.getProperty("java.class.path"),
                                NewlineScan.class.getName())),
                new Scenario(
                        "jq",
                        "jq -c . to the null device, part of the data",
                        100_000,
                        Scenario.Proof.EXIT_CODE,
                        data -> command(data, "jq", "-c", ".")));
    }

    /** Drains to the broker whose address is in the environment; none without one. */
    private static List<Scenario> kafka() {
        String address = System.getenv("POLICYLOG_BENCH_KAFKA");
        if (address == null) {
            return List.of();
        }
        return List.of(
                kafka(
                        "kafka-probe",
                        "Java: read, find the lines, produce them as they are, lz4, transactions of 1 s",
                        KafkaProbeDrain.class,
                        address,
                        "lz4",
                        "1000"),
                sink("kafka", "exactly-once, lz4, commits of 1 s", address, "exactly-once", "lz4", "1000"),
                sink("kafka-100ms", "exactly-once, lz4, commits of 100 ms", address, "exactly-once", "lz4", "100"),
                sink("kafka-zstd", "exactly-once, zstd, commits of 1 s", address, "exactly-once", "zstd", "1000"),
                sink(
                        "kafka-none",
                        "exactly-once, not compressed, commits of 1 s",
                        address,
                        "exactly-once",
                        "none",
                        "1000"),
                sink(
                        "kafka-at-least-once",
                        "at-least-once, lz4, commits of 1 s",
                        address,
                        "at-least-once",
                        "lz4",
                        "1000"));
    }

    private static Scenario sink(
            String name, String about, String address, String delivery, String compression, String commitMillis) {
        return kafka(
                name,
                "parser and Kafka sink: " + about,
                KafkaSinkDrain.class,
                address,
                delivery,
                "compression.type=" + compression,
                commitMillis);
    }

    /** In a JVM with the flags of a small container. */
    private static Scenario kafka(String name, String about, Class<?> program, String... arguments) {
        List<String> command = Stream.concat(
                        Stream.of(
                                java(),
                                "-XX:+UseSerialGC",
                                "-XX:+UseCompactObjectHeaders",
                                "-Xmx48m",
                                "--enable-native-access=ALL-UNNAMED",
                                "-cp",
                                System.getProperty("java.class.path"),
                                program.getName()),
                        Arrays.stream(arguments))
                .toList();
        return new Scenario(
                name,
                about,
                Scenario.ALL_LINES,
                Scenario.Proof.LINE_COUNT,
                data -> command(data, command.toArray(String[]::new)));
    }

    /** The program, its arguments, and the data's files. */
    private static List<String> command(DataSet data, String... program) {
        return Stream.concat(Arrays.stream(program), data.paths().stream()).toList();
    }

    /** The Java that runs this. */
    private static String java() {
        return Path.of(System.getProperty("java.home"), "bin", "java").toString();
    }
}
