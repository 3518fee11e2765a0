package io.policylog.agent.process;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** A Prometheus or an Alertmanager as a process, asked over HTTP. Needs the Debian packages of these names. */
final class Server implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final int port;
    private final Process process;
    private final HttpClient client =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build();

    private Server(Path directory, int port, String... command) throws IOException {
        this.port = port;
        List<String> all = new ArrayList<>(List.of(command));
        all.add("--web.listen-address=127.0.0.1:" + port);
        all.add("--log.level=warn");
        process = new ProcessBuilder(all)
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve(command[0] + ".out").toFile())
                .start();
    }

    /** Scrapes an agent twice a second as the job {@code policylog} of the cluster {@code test}. */
    static Server prometheus(Path directory, AgentProcess agent, String rules, int alertmanagerPort)
            throws IOException {
        Files.writeString(directory.resolve("rules.yaml"), rules);
        Files.writeString(directory.resolve("prometheus.yaml"), """
                global: {scrape_interval: 500ms, scrape_timeout: 500ms, evaluation_interval: 500ms}
                rule_files: [rules.yaml]
                scrape_configs:
                  - job_name: policylog
                    static_configs: [{targets: ["127.0.0.1:%d"], labels: {cluster: test}}]
                alerting:
                  alertmanagers: [{static_configs: [{targets: ["127.0.0.1:%d"]}]}]
                """.formatted(agent.port(), alertmanagerPort));
        return new Server(
                directory,
                AgentProcess.freePort(),
                "prometheus",
                "--config.file=" + directory.resolve("prometheus.yaml"),
                "--storage.tsdb.path=" + directory.resolve("prometheus"),
                "--rules.alert.resend-delay=1s");
    }

    static Server alertmanager(Path directory) throws IOException {
        Files.writeString(
                directory.resolve("alertmanager.yaml"), "{route: {receiver: nobody}, receivers: [{name: nobody}]}");
        return new Server(
                directory,
                AgentProcess.freePort(),
                "prometheus-alertmanager",
                "--config.file=" + directory.resolve("alertmanager.yaml"),
                "--storage.path=" + directory.resolve("alertmanager"),
                "--cluster.listen-address=");
    }

    int port() {
        return port;
    }

    /** What the server answers; nothing while it does not. */
    JsonNode get(String path, Map<String, String> parameters) {
        String query = parameters.entrySet().stream()
                .map(p -> p.getKey() + '=' + URLEncoder.encode(p.getValue(), StandardCharsets.UTF_8))
                .collect(Collectors.joining("&"));
        HttpRequest request = HttpRequest.newBuilder(
                        URI.create("http://127.0.0.1:" + port + path + (query.isEmpty() ? "" : '?' + query)))
                .timeout(Duration.ofSeconds(10))
                .build();
        try {
            return JSON.readTree(
                    client.send(request, HttpResponse.BodyHandlers.ofString()).body());
        } catch (IOException e) {
            return JSON.createObjectNode();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return JSON.createObjectNode();
        }
    }

    /** The samples that an expression gives now, or at a time in seconds. */
    JsonNode query(String expression, String... time) {
        JsonNode answer = get(
                "/api/v1/query",
                time.length == 0 ? Map.of("query", expression) : Map.of("query", expression, "time", time[0]));
        if (answer.path("status").asText().equals("error")) {
            throw new AssertionError(expression + ": " + answer.path("error").asText());
        }
        return answer.path("data").path("result");
    }

    /** The one number that an expression gives; NaN when it gives nothing. */
    double number(String expression, String... time) {
        return query(expression, time).path(0).path("value").path(1).asDouble(Double.NaN);
    }

    @Override
    public void close() {
        process.destroyForcibly().onExit().join();
        client.close();
    }
}
