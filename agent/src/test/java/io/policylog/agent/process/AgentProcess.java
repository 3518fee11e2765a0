package io.policylog.agent.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;

import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * {@code policylog run} as a process of its own, that can be killed and started again on the same directory. Standard
 * output and error are appended to files.
 */
final class AgentProcess implements AutoCloseable {
    private final Path directory;
    private final Path configuration;
    private final Path log;
    private final int port;
    private final HttpClient client =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build();
    private @Nullable Process process;

    /**
     * @param directory for the log ({@code log}), the configuration and the outputs
     * @param sinks the configuration's list of sinks, YAML
     */
    AgentProcess(Path directory, String sinks) throws IOException {
        this.directory = directory;
        this.configuration = directory.resolve("policylog.yaml");
        this.log = directory.resolve("log");
        this.port = freePort();
        Files.createDirectories(log);
        Files.writeString(configuration, """
                node: node-1
                cluster: {name: test}
                log: {directory: %s}
                state: {retain: {minFreeDisk: 0%%}}
                http: {listen: "127.0.0.1:%d"}
                sinks:
                %s
                """.formatted(log, port, sinks.indent(2)));
    }

    /** Another agent with the same configuration, but an address and outputs of its own. */
    AgentProcess(AgentProcess other, String name) throws IOException {
        this.directory = Files.createDirectory(other.directory.resolve(name));
        this.configuration = directory.resolve("policylog.yaml");
        this.log = other.log;
        this.port = freePort();
        Files.writeString(
                configuration,
                Files.readString(other.configuration).replace("127.0.0.1:" + other.port, "127.0.0.1:" + port));
    }

    static int freePort() throws IOException {
        try (ServerSocket free = new ServerSocket(0)) {
            return free.getLocalPort();
        }
    }

    int port() {
        return port;
    }

    Path log() {
        return log;
    }

    Path stdout() {
        return directory.resolve("stdout");
    }

    Path stderr() {
        return directory.resolve("stderr");
    }

    AgentProcess start() throws IOException {
        return start(List.of());
    }

    /**
     * @param wrapper a command that runs the command which follows it
     * @param settings {@code key=value}, more than what the configuration says
     */
    AgentProcess start(List<String> wrapper, String... settings) throws IOException {
        List<String> command = new ArrayList<>(wrapper);
        command.addAll(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-Xmx128m",
                "-XX:+ExitOnOutOfMemoryError",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                "io.policylog.agent.Main",
                "run",
                "--config",
                configuration.toString()));
        for (String setting : settings) {
            command.addAll(List.of("--set", setting));
        }
        process = new ProcessBuilder(command)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(stdout().toFile()))
                .redirectError(ProcessBuilder.Redirect.appendTo(stderr().toFile()))
                .start();
        return this;
    }

    private Process running() {
        if (process == null) {
            throw new IllegalStateException("not started");
        }
        return process;
    }

    long pid() {
        return running().pid();
    }

    boolean alive() {
        return running().isAlive();
    }

    /** Ends the process as an out-of-memory killer does. */
    AgentProcess kill9() throws InterruptedException {
        running().descendants().forEach(ProcessHandle::destroyForcibly);
        running().destroyForcibly().waitFor();
        return this;
    }

    /** Asks the process to end (SIGTERM), which it does in order, and gives the milliseconds that it took. */
    long terminate() throws InterruptedException {
        long before = System.nanoTime();
        running().destroy();
        assertEquals(0, running().waitFor());
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - before);
    }

    /** Waits until it ends by itself. */
    int exitCode() throws InterruptedException {
        return running().waitFor();
    }

    HttpResponse<String> get(String path) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                .timeout(Duration.ofSeconds(10))
                .build();
        return client.send(request, HttpResponse.BodyHandlers.ofString());
    }

    /** The sum of all samples of a metric whose lines contain a text; -1 while the agent does not answer. */
    double metric(String name, String containing) {
        try {
            double sum = 0;
            for (String line : get("/metrics").body().lines().toList()) {
                if ((line.startsWith(name + " ") || line.startsWith(name + "{")) && line.contains(containing)) {
                    sum += Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1));
                }
            }
            return sum;
        } catch (IOException e) {
            return -1;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return -1;
        }
    }

    /** A condition that may not be decidable for a moment. */
    interface Condition {
        boolean holds() throws Exception;
    }

    /** Waits until a condition holds, and says what the agent said when it does not. */
    void await(String what, Condition condition) throws Exception {
        long deadline = System.nanoTime() + TimeUnit.MINUTES.toNanos(3);
        while (!condition.holds()) {
            if (System.nanoTime() > deadline) {
                String said = Files.readString(stderr());
                fail("not within three minutes: " + what + "\n" + said.substring(Math.max(0, said.length() - 4000)));
            }
            TimeUnit.MILLISECONDS.sleep(100);
        }
    }

    @Override
    public void close() {
        if (process != null) {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly().onExit().join();
        }
        client.close();
    }
}
