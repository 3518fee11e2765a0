package io.policylog.sinks.stdout;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.policylog.sinks.CommitPolicy;
import io.policylog.sinks.NodeIdentity;
import io.policylog.sinks.Position;
import io.policylog.sinks.Sink;
import io.policylog.sinks.SinkContext;
import io.policylog.sinks.SinkException;
import io.policylog.sinks.SinkFactory;
import io.policylog.sinks.SinkOptions;
import io.policylog.sinks.testing.Line;
import io.policylog.sinks.testing.Line.Peer;
import io.policylog.sinks.testing.TestSegment;
import java.io.ByteArrayOutputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StdoutSinkTest {
    private static final Instant NOW = Instant.parse("2024-08-20T14:02:57Z");

    @TempDir
    private Path state;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private final MeterRegistry registry = new SimpleMeterRegistry();

    private Sink sink(OutputStream to, String format, boolean terminal, Optional<Path> file) {
        return new StdoutSinkFactory(to, state.resolve("stdout"), err, terminal, true)
                .create(
                        new SinkOptions(Map.of("format", format)),
                        new SinkContext(
                                "out",
                                new NodeIdentity("node-1", Optional.of("p"), Optional.of("l"), Optional.of("c")),
                                file,
                                registry,
                                Clock.fixed(NOW, ZoneOffset.UTC),
                                maxWait -> false));
    }

    private Sink openSink(OutputStream to) throws SinkException {
        Sink sink = sink(to, "json", false, Optional.of(state.resolve("out")));
        sink.open();
        return sink;
    }

    private static Line line(int port) {
        return Line.denied(
                Peer.pod("Deployment", "frontend", "shop"), Peer.pod("Deployment", "redis", "shop"), port, 1);
    }

    private static TestSegment segment(int lines) {
        return TestSegment.of(IntStream.rangeClosed(1, lines)
                .mapToObj(port -> line(port).json())
                .toList());
    }

    /** What a process left that was killed while it wrote; glued to it, the first record could not be read. */
    @Test
    void beginsALineOfItsOwnInAFileThatEndsInMidLine() throws Exception {
        Path file = state.resolve("stdout");
        for (String left : List.of("", "{\"whole\":1}\n", "{\"hal")) {
            Files.writeString(file, left);
            try (OutputStream to = Files.newOutputStream(file, StandardOpenOption.APPEND)) {
                openSink(to).write(segment(1).batch(0));
            }
            String between = left.isEmpty() || left.endsWith("\n") ? "" : "\n";
            assertEquals(left + between + new String(segment(1).bytes(), UTF_8), Files.readString(file));
        }
    }

    @Test
    void isFound() {
        assertTrue(ServiceLoader.load(SinkFactory.class).stream()
                .anyMatch(provider -> provider.type() == StdoutSinkFactory.class));
    }

    @Test
    void writesEveryRecordOnALineOfItsOwn() throws Exception {
        TestSegment segment = segment(3_000);
        openSink(out).write(segment.batch(0));
        assertEquals(new String(segment.bytes(), UTF_8), out.toString(UTF_8));
        assertEquals("", err.toString(UTF_8));
    }

    @Test
    void aRecordLongerThanTheBufferIsWritten() throws Exception {
        String padding = "\"x" + "y".repeat(100_000) + "\":1}";
        String json = line(1).json();
        TestSegment segment = TestSegment.of(List.of(json, json.substring(0, json.length() - 1) + "," + padding, json));
        openSink(out).write(segment.batch(0));
        assertEquals(new String(segment.bytes(), UTF_8), out.toString(UTF_8));
    }

    @Test
    void writesEachFormat() throws Exception {
        TestSegment segment = TestSegment.of(List.of(line(6379).json().replace("shop", "sh\u202eop")));
        String record = new String(segment.bytes(), UTF_8);
        sink(out, "raw", false, Optional.empty()).write(segment.batch(0));
        assertEquals(record, out.toString(UTF_8));
        out.reset();
        sink(out, "raw", true, Optional.empty()).write(segment.batch(0));
        assertEquals(record.replace("\u202e", "\\u{202e}"), out.toString(UTF_8));
        out.reset();
        sink(out, "logentry", false, Optional.empty()).write(segment.batch(0));
        assertTrue(out.toString(UTF_8).startsWith("{\"insertId\":\"" + segment.id() + ":0\","), out.toString(UTF_8));
        assertTrue(out.toString(UTF_8).contains("\"receiveTimestamp\":\"" + NOW + "\""), out.toString(UTF_8));
        assertTrue(out.toString(UTF_8).contains("\"project_id\":\"p\""), out.toString(UTF_8));
        out.reset();
        sink(out, "table", false, Optional.empty()).write(segment.batch(0));
        assertTrue(out.toString(UTF_8).contains("6379"), out.toString(UTF_8));
        assertFalse(out.toString(UTF_8).contains("\u001b"), out.toString(UTF_8));
        out.reset();
        sink(out, "table", true, Optional.empty()).write(segment.batch(0));
        assertTrue(out.toString(UTF_8).contains("\u001b["), out.toString(UTF_8));
    }

    @Test
    void resumesFromTheCommittedPosition() throws Exception {
        TestSegment segment = segment(3);
        Sink sink = sink(out, "json", false, Optional.of(state.resolve("out")));
        assertEquals(Optional.empty(), sink.open());
        TestSegment.Lines two = segment.batch(0, 2);
        sink.write(two);
        sink.commit(two.position());
        sink.write(segment.batch(two.position().offset()));
        sink.close();
        sink.close();
        assertEquals(Optional.of(two.position()), sink.open());
        assertEquals(Optional.of(two.position()), openSinkAgain());
    }

    private Optional<Position> openSinkAgain() throws SinkException {
        return sink(out, "json", false, Optional.of(state.resolve("out"))).open();
    }

    @Test
    void withoutAStateDirectoryOnlyThisProcessKnowsThePosition() throws Exception {
        Sink sink = sink(out, "json", false, Optional.empty());
        assertEquals(Optional.empty(), sink.open());
        TestSegment.Lines all = segment(1).batch(0);
        sink.commit(all.position());
        sink.close();
        assertEquals(Optional.of(all.position()), sink.open());
        assertEquals(
                Optional.empty(), sink(out, "json", false, Optional.empty()).open());
    }

    @Test
    void commitsContinuouslyEvery5Seconds() throws Exception {
        assertEquals(
                new CommitPolicy(CommitPolicy.Pacing.CONTINUOUS, Duration.ofSeconds(5)),
                openSink(out).commitPolicy());
    }

    @Test
    void malformedLinesGoToTheStandardErrorQuoted() throws Exception {
        TestSegment segment = TestSegment.of(List.of(line(1).json(), "\u001b]0;evil\u0007", "x".repeat(300)));
        openSink(out).write(segment.batch(0));
        assertEquals(line(1).json() + "\n", out.toString(UTF_8));
        List<String> ids = segment.recordIds();
        assertEquals(
                "out: malformed line (not-json, 9 bytes) at " + ids.get(1) + ": \"\\x1b]0;evil\\x07\"\n"
                        + "out: malformed line (not-json, 300 bytes) at " + ids.get(2) + ": \"" + "x".repeat(200)
                        + "\"…\n",
                err.toString(UTF_8));
    }

    @Test
    void malformedLinesAreShownAtABoundedRateAndCounted() throws Exception {
        List<String> lines = new ArrayList<>();
        for (int i = 0; i < 1_000; i++) {
            lines.add("{");
        }
        openSink(out).write(TestSegment.of(lines).batch(0));
        assertEquals(MalformedLines.MAX_PER_SECOND, err.toString(UTF_8).lines().count());
        assertEquals(
                1_000.0 - MalformedLines.MAX_PER_SECOND,
                registry.get("policylog.stdout.suppressed.lines")
                        .tag("pipeline", "out")
                        .counter()
                        .count());
    }

    @Test
    void aBrokenPipeIsAFailureThatTryingAgainDoesNotMend() throws Exception {
        Process reader = new ProcessBuilder("sh", "-c", "exec <&-; echo closed; exec sleep 600").start();
        SinkException broken;
        try {
            assertEquals('c', reader.getInputStream().read());
            Sink sink = openSink(reader.getOutputStream());
            broken = assertThrows(
                    SinkException.class, () -> sink.write(segment(100).batch(0)));
        } finally {
            reader.destroyForcibly();
        }
        assertEquals(SinkException.Kind.IO, broken.kind());
        assertFalse(broken.retriable());
        assertEquals("can't write to the standard output: Broken pipe; whoever read it has gone", broken.getMessage());
    }

    @Test
    void aFullDiskIsAFailureThatTryingAgainCanMend() throws Exception {
        try (OutputStream full = new FileOutputStream("/dev/full")) {
            Sink sink = openSink(full);
            SinkException failed = assertThrows(
                    SinkException.class, () -> sink.write(segment(1).batch(0)));
            assertEquals(SinkException.Kind.IO, failed.kind());
            assertTrue(failed.retriable());
        }
    }

    @Test
    void aHalfLineIsEndedBeforeTheNextRecord() throws Exception {
        boolean[] failing = {true};
        OutputStream halfway = new OutputStream() {
            @Override
            public void write(int b) {
                out.write(b);
            }

            @Override
            public void write(byte[] bytes, int offset, int length) throws IOException {
                out.write(bytes, offset, failing[0] ? length / 2 : length);
                if (failing[0]) {
                    throw new IOException("No space left on device");
                }
            }
        };
        TestSegment segment = segment(1);
        Sink sink = openSink(halfway);
        assertThrows(SinkException.class, () -> sink.write(segment.batch(0)));
        sink.close();
        failing[0] = false;
        sink.open();
        sink.write(segment.batch(0));
        String record = new String(segment.bytes(), UTF_8);
        assertEquals(record.substring(0, record.length() / 2) + "\n" + record, out.toString(UTF_8));
    }
}
