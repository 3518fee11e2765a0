package io.policylog.agent.http;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import io.policylog.parser.Printable;
import io.policylog.sinks.Exposition;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Answers one request; called by several threads at once. */
final class RequestHandler implements HttpHandler {
    private static final Logger LOG = LoggerFactory.getLogger(RequestHandler.class);
    private static final JsonFactory JSON = new JsonFactory();
    private static final String TEXT = "text/plain; charset=utf-8";
    private static final int GZIP_BUFFER_BYTES = 8 << 10;

    private final AgentStatus status;
    private final Exposition exposition;

    RequestHandler(AgentStatus status, Exposition exposition) {
        this.status = status;
        this.exposition = exposition;
    }

    /**
     * Answers. Whatever is thrown makes the server close the connection, so that a response that was cut is not taken
     * for a whole one: ending the exchange here would end the response properly.
     */
    @Override
    public void handle(HttpExchange exchange) throws IOException {
        exchange.getResponseHeaders().set("Connection", "close");
        try {
            route(exchange);
        } catch (RuntimeException e) {
            LOG.error("a request for {} failed", exchange.getRequestURI().getPath(), e);
            if (exchange.getResponseCode() != -1) {
                throw e;
            }
            text(exchange, 500, "internal error; see the log of the agent");
        }
    }

    private void route(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getPath();
        List<String> paths = List.of("/metrics", "/livez", "/readyz", "/statusz");
        if (!paths.contains(path)) {
            text(exchange, 404, "there is no such page; there are: " + String.join(", ", paths));
        } else if (!isGet(exchange) && !isHead(exchange)) {
            exchange.getResponseHeaders().set("Allow", "GET, HEAD");
            text(exchange, 405, "only GET and HEAD are answered");
        } else {
            switch (path) {
                case "/metrics" -> metrics(exchange);
                case "/livez" -> probe(exchange, status.deadReasons());
                case "/readyz" -> probe(exchange, status.notReadyReasons());
                default -> status(exchange);
            }
        }
    }

    private void metrics(HttpExchange exchange) throws IOException {
        @Nullable String accept = exchange.getRequestHeaders().getFirst("Accept");
        exchange.getResponseHeaders().set("Content-Type", exposition.contentType(accept));
        if (isHead(exchange)) {
            exchange.sendResponseHeaders(200, -1);
            return;
        }
        boolean zip = acceptsGzip(exchange);
        if (zip) {
            exchange.getResponseHeaders().set("Content-Encoding", "gzip");
        }
        // Of unknown length: sent in chunks as it is written.
        exchange.sendResponseHeaders(200, 0);
        OutputStream body = exchange.getResponseBody();
        OutputStream out = zip ? new GZIPOutputStream(body, GZIP_BUFFER_BYTES) : body;
        exposition.write(accept, out);
        out.close();
    }

    private static boolean acceptsGzip(HttpExchange exchange) {
        @Nullable String accepted = exchange.getRequestHeaders().getFirst("Accept-Encoding");
        return accepted != null
                && Stream.of(accepted.toLowerCase(Locale.ROOT).split(","))
                        .map(coding -> coding.replace(" ", ""))
                        .anyMatch(coding -> coding.equals("gzip") || coding.matches("gzip;q=(1|0\\.[0-9]*[1-9]).*"));
    }

    private static void probe(HttpExchange exchange, List<String> reasons) throws IOException {
        String answer =
                reasons.isEmpty() ? "ok" : reasons.stream().map(Printable::of).collect(Collectors.joining("\n"));
        text(exchange, reasons.isEmpty() ? 200 : 503, answer);
    }

    private void status(HttpExchange exchange) throws IOException {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        try (JsonGenerator json = JSON.createGenerator(body).useDefaultPrettyPrinter()) {
            status.writeStatus(json);
            json.writeRaw('\n');
        }
        send(exchange, 200, "application/json", body.toByteArray());
    }

    private static void text(HttpExchange exchange, int code, String text) throws IOException {
        send(exchange, code, TEXT, (text + "\n").getBytes(StandardCharsets.UTF_8));
    }

    private static void send(HttpExchange exchange, int code, String type, byte[] body) throws IOException {
        exchange.getResponseHeaders().set("Content-Type", type);
        if (isHead(exchange)) {
            exchange.sendResponseHeaders(code, -1);
            return;
        }
        exchange.sendResponseHeaders(code, body.length);
        try (OutputStream out = exchange.getResponseBody()) {
            out.write(body);
        }
    }

    private static boolean isGet(HttpExchange exchange) {
        return exchange.getRequestMethod().equals("GET");
    }

    private static boolean isHead(HttpExchange exchange) {
        return exchange.getRequestMethod().equals("HEAD");
    }
}
