package io.policylog.sinks.kafka;

import static io.policylog.sinks.kafka.SharedBroker.options;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.policylog.sinks.Sink;
import io.policylog.sinks.testing.KafkaBroker;
import io.policylog.sinks.testing.TestSegment;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a consumer sees that shares no code with us: kcat, which is librdkafka. Needs the Debian package of that name. */
class KcatTest {
    private static final KafkaBroker broker = SharedBroker.BROKER;

    @TempDir
    private Path folder;

    @BeforeAll
    static void needsKcat() {
        assumeTrue(
                Stream.of(System.getenv("PATH").split(File.pathSeparator, -1))
                        .anyMatch(directory -> Files.isExecutable(Path.of(directory, "kcat"))),
                "there is no kcat; install the package kcat");
    }

    /** The records of a topic, each as the format says and a line end. */
    private List<String> kcat(String topic, String isolation, String format) throws Exception {
        Path out = folder.resolve("out");
        Process process = new ProcessBuilder(
                        "kcat",
                        "-C",
                        "-q",
                        "-e",
                        "-b",
                        broker.bootstrapServers(),
                        "-t",
                        topic,
                        "-o",
                        "beginning",
                        "-X",
                        "isolation.level=" + isolation,
                        "-f",
                        format + "\n")
                .redirectOutput(out.toFile())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        assertTrue(process.waitFor(2, TimeUnit.MINUTES), "kcat does not end");
        assertEquals(0, process.exitValue());
        return Files.readAllLines(out);
    }

    @ParameterizedTest
    @ValueSource(strings = {"zstd", "lz4", "gzip", "snappy", "none"})
    void readsEachLineOnceWithKeyHeadersTimeAndValue(String compression) throws Exception {
        String topic = "kcat-" + compression;
        broker.createTopic(topic, 1, Map.of());
        TestSegment segment = TestSegment.ofRecords(topic, 1_000);
        Map<String, Object> options = options(topic);
        options.put("properties", Map.of("compression.type", compression));
        try (Sink sink = TestSinks.sink(topic, options)) {
            sink.open();
            TestSinks.drain(sink, segment, 0, 300);
        }
        List<String> ids = segment.recordIds();
        assertEquals(
                IntStream.range(0, 1_000)
                        .mapToObj(i -> "default/shop-" + i % 7 + "|node=node-1,cluster=prod-1,schema=policylog.v1,id="
                                + ids.get(i) + "|" + (1_724_162_520_000L + i) + "|"
                                + TestSegment.record(topic, i))
                        .toList(),
                kcat(topic, "read_committed", "%k|%h|%T|%s"));
    }

    @Test
    void doesNotSeeWhatAKilledProcessLeftOpen() throws Exception {
        broker.createTopic("kcat-killed", 1, Map.of());
        TestSegment segment = TestSegment.ofRecords("kcat-killed", 2_000);
        Path file = Files.write(folder.resolve("segment"), segment.bytes());
        try (KafkaSinkProcess process = KafkaSinkProcess.start(broker, "kcat-killed", file, Integer.MAX_VALUE)) {
            process.awaitEnd();
            KafkaBroker.await(
                    "some of its records to arrive",
                    () -> !kcat("kcat-killed", "read_uncommitted", "%o").isEmpty());
        }
        assertEquals(List.of(), kcat("kcat-killed", "read_committed", "%o"));
        try (Sink sink = TestSinks.sink("kcat-killed", options("kcat-killed"))) {
            sink.open();
            TestSinks.drain(sink, segment, 0, 700);
        }
        broker.readCommitted("kcat-killed"); // Waits for the last transaction's marker.
        assertEquals(
                IntStream.range(0, 2_000)
                        .mapToObj(i -> TestSegment.record("kcat-killed", i))
                        .toList(),
                kcat("kcat-killed", "read_committed", "%s"));
        assertTrue(kcat("kcat-killed", "read_uncommitted", "%o").size() > 2_000, "nothing was aborted");
    }
}
