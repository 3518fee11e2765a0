package io.policylog.agent.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonGenerator;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.policylog.sinks.Exposition;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class HttpServiceTest {
    /** How long anything may take that must happen at all. */
    private static final int PATIENCE_MILLIS = 30_000;

    private final FakeStatus status = new FakeStatus();
    private final FakeExposition exposition = new FakeExposition();
    private final HttpClient client = HttpClient.newHttpClient();
    private final List<Socket> sockets = new ArrayList<>();

    @SuppressWarnings("NullAway.Init") // see start()
    private HttpService service;

    @BeforeEach
    void start() throws IOException {
        service = HttpService.start("127.0.0.1", 0, status, exposition);
    }

    @AfterEach
    void close() throws IOException {
        for (Socket socket : sockets) {
            socket.close();
        }
        service.close();
        client.close();
    }

    @Test
    void probesAnswerWithTheirReasons() throws Exception {
        assertEquals("ok\n", get("/livez", 200).body());
        assertEquals("ok\n", get("/readyz", 200).body());
        status.dead = List.of("pipeline kafka passed no step for 200 s", "a\u001b[2Jb\n");
        status.notReady = List.of("sink kafka was not opened yet");
        assertEquals(
                "pipeline kafka passed no step for 200 s\na\\x1b[2Jb\\x0a\n",
                get("/livez", 503).body());
        assertEquals("sink kafka was not opened yet\n", get("/readyz", 503).body());
    }

    @Test
    void statusIsJson() throws Exception {
        HttpResponse<String> response = get("/statusz", 200);
        assertEquals("{\n  \"pipelines\" : 3\n}\n", response.body());
        assertEquals(
                "application/json",
                response.headers().firstValue("Content-Type").orElseThrow());
    }

    @Test
    void metricsAreNegotiated() throws Exception {
        assertEquals("accept=null\n", get("/metrics", 200).body());
        HttpResponse<String> response = send(request("/metrics").header("Accept", "application/openmetrics-text"), 200);
        assertEquals("accept=application/openmetrics-text\n", response.body());
        assertEquals(
                "type of application/openmetrics-text",
                response.headers().firstValue("Content-Type").orElseThrow());
    }

    @Test
    void metricsAreZippedForWhoAsks() throws Exception {
        for (String accepted : List.of("gzip", "deflate, GZIP;q=0.5")) {
            HttpResponse<byte[]> response = client.send(
                    request("/metrics").header("Accept-Encoding", accepted).build(), BodyHandlers.ofByteArray());
            assertEquals(
                    "gzip", response.headers().firstValue("Content-Encoding").orElseThrow());
            try (InputStream in = new GZIPInputStream(new ByteArrayInputStream(response.body()))) {
                assertEquals("accept=null\n", new String(in.readAllBytes(), StandardCharsets.UTF_8));
            }
        }
        assertEquals(
                "accept=null\n",
                send(request("/metrics").header("Accept-Encoding", "deflate, gzip;q=0"), 200)
                        .body());
    }

    @Test
    void headAnswersWithoutBody() throws Exception {
        for (String path : List.of("/metrics", "/livez", "/readyz", "/statusz")) {
            assertEquals(
                    "",
                    send(request(path).method("HEAD", BodyPublishers.noBody()), 200)
                            .body());
        }
    }

    @Test
    void otherMethodsAreRefused() throws Exception {
        for (String method : List.of("POST", "PUT", "DELETE", "OPTIONS", "TRACE")) {
            HttpResponse<String> response =
                    send(request("/metrics").method(method, BodyPublishers.ofString("x".repeat(10_000))), 405);
            assertEquals("GET, HEAD", response.headers().firstValue("Allow").orElseThrow());
        }
    }

    @Test
    void otherPagesAreNotThere() throws Exception {
        for (String path : List.of("/", "/metrics/", "/metricsx", "/livez/x", "/favicon.ico", "/%2e%2e/metrics")) {
            get(path, 404);
        }
    }

    @Test
    void aDefectIsAnAnswer() throws Exception {
        status.defect = true;
        assertEquals(
                "internal error; see the log of the agent\n", get("/livez", 500).body());
        status.defect = false;
        get("/livez", 200);
    }

    @Test
    void metricsCutByAnErrorAreNotTakenForWhole() {
        exposition.fails = true;
        assertThrows(IOException.class, () -> get("/metrics", 200));
    }

    @Test
    void aPortInUseIsSaid() {
        int port = service.address().getPort();
        IOException e = assertThrows(IOException.class, () -> HttpService.start("127.0.0.1", port, status, exposition));
        assertEquals(
                "http.listen: can't listen on 127.0.0.1:" + port
                        + ": Address already in use; end the process that has the port, or set another",
                e.getMessage());
    }

    @Test
    void anAddressOfAnotherMachineIsSaid() {
        IOException e = assertThrows(IOException.class, () -> HttpService.start("192.0.2.1", 9464, status, exposition));
        assertTrue(
                String.valueOf(e.getMessage()).startsWith("http.listen: can't listen on 192.0.2.1:9464: "),
                e::toString);
    }

    @Test
    void afterCloseNobodyListens() {
        InetSocketAddress address = service.address();
        service.close();
        assertThrows(IOException.class, () -> new Socket(address.getAddress(), address.getPort()).close());
    }

    /** Two thirds of the connections are slow, each in another way; probes are answered while all of them hang. */
    @Test
    void slowClientsDoNotStarveProbes() throws Exception {
        exposition.isEndless = true;
        for (int i = 0; i < 4; i++) {
            raw("");
            raw("GET /livez HT");
            raw("GET /metrics HTTP/1.1\r\n\r\n");
        }
        raw("POST /livez HTTP/1.1\r\nContent-Length: 1000000\r\n\r\n");
        exposition.awaitWriters(4);
        for (int i = 0; i < 10; i++) {
            assertEquals("ok\n", get("/livez", 200).body());
        }
    }

    @Test
    void everySlowClientIsCutOff() throws Exception {
        exposition.isEndless = true;
        Socket sipping = raw("GET /metrics HTTP/1.1\r\n\r\n");
        exposition.awaitWriters(1);
        List<Socket> slow = List.of(
                raw(""),
                raw("GET /livez HTTP/1.1\r\nX: "),
                raw("POST /livez HTTP/1.1\r\nContent-Length: 1000000\r\n\r\nx"),
                raw("GET /metrics HTTP/1.1\r\n\r\n"));
        // One drips its request, and one sips its response; neither gets more time for it.
        Socket dripping = raw("GET /livez HTTP/1.1\r\n");
        long deadline = System.nanoTime() + PATIENCE_MILLIS * 1_000_000L;
        boolean drips = true;
        // What the kernel holds already, the sipping client still gets.
        while ((drips || exposition.writers.get() > 0) && System.nanoTime() < deadline) {
            drips = drips && drip(dripping);
            sip(sipping);
            Thread.sleep(50); // the drips' pace
        }
        assertFalse(drips);
        exposition.awaitWriters(0);
        for (Socket socket : slow) {
            assertTrue(endsWithin(socket), socket::toString);
        }
    }

    @Test
    void silentConnectionsGiveTheirPlacesBack() throws Exception {
        for (int i = 0; i < 2 * HttpLimits.MAX_CONNECTIONS; i++) {
            raw("");
        }
        long deadline = System.nanoTime() + PATIENCE_MILLIS * 1_000_000L;
        while (!isAnswered("/livez")) {
            assertTrue(System.nanoTime() < deadline, "no probe was answered");
            Thread.sleep(100); // a probe's pace
        }
    }

    @Test
    void aHugeRequestIsCutOff() throws Exception {
        for (String start : List.of("", "GET /livez HTTP/1.1\r\nX: ")) {
            Socket socket = raw(start);
            byte[] chunk = new byte[64 << 10];
            Arrays.fill(chunk, (byte) 'x');
            assertThrows(SocketException.class, () -> {
                for (int i = 0; i < 10_000; i++) {
                    socket.getOutputStream().write(chunk);
                }
            });
        }
        get("/livez", 200);
    }

    @Test
    void nonsenseIsSurvived() throws Exception {
        for (String nonsense : List.of(
                "\r\n\r\n",
                "\u0000\u0001\r\n",
                "GET\r\n\r\n",
                "GET  HTTP/1.1\r\n\r\n",
                "GET http:x HTTP/1.1\r\n\r\n",
                "GET /livez HTTP/9.9\r\nContent-Length: -5\r\n\r\n",
                "\u0016\u0003\u0001\u0002\u0000")) {
            Socket socket = raw(nonsense);
            socket.shutdownOutput();
            assertTrue(endsWithin(socket), nonsense);
        }
        get("/livez", 200);
    }

    private Socket raw(String start) throws IOException {
        Socket socket = new Socket();
        socket.setReceiveBufferSize(4096);
        socket.connect(service.address());
        socket.getOutputStream().write(start.getBytes(StandardCharsets.ISO_8859_1));
        sockets.add(socket);
        return socket;
    }

    private static boolean drip(Socket socket) {
        try {
            socket.getOutputStream().write('x');
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    private static void sip(Socket socket) throws IOException {
        try {
            socket.getInputStream().read();
        } catch (SocketException e) {
            // Cut off.
        }
    }

    private static boolean endsWithin(Socket socket) throws IOException {
        socket.setSoTimeout(PATIENCE_MILLIS);
        try {
            while (socket.getInputStream().skip(1 << 20) > 0
                    || socket.getInputStream().read() >= 0) {
                // Answers, and what was under way, are taken.
            }
            return true;
        } catch (SocketException e) {
            return true;
        } catch (SocketTimeoutException e) {
            return false;
        }
    }

    private boolean isAnswered(String path) throws InterruptedException {
        try {
            return client.send(request(path).build(), BodyHandlers.discarding()).statusCode() == 200;
        } catch (IOException e) {
            return false;
        }
    }

    private HttpResponse<String> get(String path, int code) throws Exception {
        return send(request(path), code);
    }

    private HttpResponse<String> send(HttpRequest.Builder request, int code) throws Exception {
        HttpResponse<String> response = client.send(request.build(), BodyHandlers.ofString());
        assertEquals(code, response.statusCode());
        return response;
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(
                        URI.create("http://127.0.0.1:" + service.address().getPort() + path))
                .timeout(Duration.ofMillis(PATIENCE_MILLIS));
    }

    private static final class FakeStatus implements AgentStatus {
        volatile List<String> dead = List.of();
        volatile List<String> notReady = List.of();
        volatile boolean defect;

        @Override
        public List<String> deadReasons() {
            if (defect) {
                throw new IllegalStateException("made up by the test");
            }
            return dead;
        }

        @Override
        public List<String> notReadyReasons() {
            return notReady;
        }

        @Override
        public void writeStatus(JsonGenerator json) throws IOException {
            json.writeStartObject();
            json.writeNumberField("pipelines", 3);
            json.writeEndObject();
        }
    }

    private static final class FakeExposition implements Exposition {
        volatile boolean isEndless;
        volatile boolean fails;
        private final AtomicInteger writers = new AtomicInteger();

        @Override
        public MeterRegistry meterRegistry() {
            return new SimpleMeterRegistry();
        }

        @Override
        public String contentType(@Nullable String accept) {
            return "type of " + accept;
        }

        @Override
        public void write(@Nullable String accept, OutputStream out) throws IOException {
            writers.incrementAndGet();
            try {
                byte[] line = ("accept=" + accept + "\n").getBytes(StandardCharsets.UTF_8);
                out.write(line);
                if (fails) {
                    throw new IOException("made up by the test");
                }
                while (isEndless) {
                    out.write(line);
                }
            } finally {
                writers.decrementAndGet();
            }
        }

        void awaitWriters(int count) throws InterruptedException {
            long deadline = System.nanoTime() + PATIENCE_MILLIS * 1_000_000L;
            while (writers.get() != count) {
                assertTrue(System.nanoTime() < deadline, "writers=" + writers.get());
                Thread.sleep(10);
            }
        }
    }
}
