package io.policylog.bench.run;

import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A program that follows a log and delivers it.
 *
 * @param name in the names of scenarios
 * @param command the program and its arguments; {@code ${config}} and the other variables are replaced
 * @param config the text of its configuration, with variables
 * @param environment added to that of this process
 */
record Contender(String name, List<String> command, String config, Map<String, String> environment) {
    /**
     * Starts it, to resume where an earlier one with the same place ended.
     *
     * @param place where its log, state and output are
     * @param variables what more its configuration names
     * @param output where its standard output goes; null for a pipe
     */
    Watched start(Place place, Map<String, String> variables, @Nullable Path output) throws IOException {
        Path file = place.directory().resolve("config");
        Files.writeString(file, filled(config, place, file, variables));
        List<String> filled = new ArrayList<>();
        for (String word : command) {
            filled.add(filled(word, place, file, variables));
        }
        ProcessBuilder builder = new ProcessBuilder(filled)
                .redirectError(Redirect.appendTo(place.messages().toFile()))
                .redirectOutput(output == null ? Redirect.PIPE : Redirect.appendTo(output.toFile()));
        builder.environment().putAll(environment);
        return new Watched(builder.start());
    }

    /** policylog with these sinks, one line of YAML each. */
    static Contender policylog(Lab lab, String... sinks) {
        return policylog(lab, Map.of(), sinks);
    }

    static Contender policylog(Lab lab, Map<String, String> environment, String... sinks) {
        String config = """
                node: ${node}
                cluster: {name: bench}
                log: {directory: ${log}}
                state: {retain: {minFreeDisk: 0%%, maxBytes: 64GiB}}
                http: {listen: "127.0.0.1:%d"}
                sinks:
                  - %s
                """.formatted(Place.HTTP_PORT, String.join("\n  - ", sinks));
        return new Contender("policylog", List.of(lab.agent(), "run", "--config", "${config}"), config, environment);
    }

    static String kafkaSink(String delivery, String compression, String commitInterval) {
        return "{type: kafka, bootstrapServers: \"${brokers}\", topic: ${topic}, malformedTopic: none, delivery: "
                + delivery + ", commitInterval: " + commitInterval + ", properties: {compression.type: " + compression
                + "}}";
    }

    /** rsyslog with a configuration of {@code bench/peers}. */
    static Contender rsyslog(Lab lab, String config) throws IOException {
        return new Contender(
                "rsyslog",
                List.of("rsyslogd", "-n", "-i", "${work}/pid", "-f", "${config}"),
                peer(lab, "rsyslog-" + config + ".conf"),
                Map.of());
    }

    /** Fluent Bit with a configuration of {@code bench/peers}. */
    static Contender fluentBit(Lab lab, String config) throws IOException {
        return new Contender(
                "fluent-bit",
                List.of(lab.fluentBit(), "-q", "-c", "${config}"),
                peer(lab, "fluent-bit-" + config + ".conf"),
                Map.of());
    }

    private static String peer(Lab lab, String file) throws IOException {
        Path peers = lab.home().resolve("bench/peers");
        return Files.readString(peers.resolve(file)).replace("${peers}", peers.toString());
    }

    private static String filled(String text, Place place, Path config, Map<String, String> variables) {
        String filled = text.replace("${config}", config.toString())
                // Each place is a node of its own, whose position in Kafka no other has.
                .replace("${node}", place.directory().getFileName().toString())
                .replace("${log}", place.log().toString())
                .replace("${work}", place.directory().toString())
                .replace("${output}", place.output().toString());
        for (Map.Entry<String, String> variable : variables.entrySet()) {
            filled = filled.replace("${" + variable.getKey() + "}", variable.getValue());
        }
        return filled;
    }
}
