package io.policylog.bench.drain;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/** What can be measured. */
final class Scenarios {
    private Scenarios() {}

    /** Limits first: what no program that does more can beat. */
    static List<Scenario> all() {
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

    /** The program, its arguments, and the data's files. */
    private static List<String> command(DataSet data, String... program) {
        return Stream.concat(Arrays.stream(program), data.paths().stream()).toList();
    }

    /** The Java that runs this. */
    private static String java() {
        return Path.of(System.getProperty("java.home"), "bin", "java").toString();
    }
}
