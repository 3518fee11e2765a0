package io.policylog.sinks.kafka;

import io.policylog.sinks.Sink;
import io.policylog.sinks.testing.KafkaBroker;
import io.policylog.sinks.testing.TestSegment;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A sink in a process of its own, to be killed. Says what it did, line by line, on its standard output. */
final class KafkaSinkProcess {
    private KafkaSinkProcess() {}

    /** Starts one, named as the topic, on the segment in a file; it resumes where the broker says. */
    static Process start(KafkaBroker broker, String topic, Path segment, int linesPerCommit) throws IOException {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx64m",
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                        KafkaSinkProcess.class.getName(),
                        broker.bootstrapServers(),
                        topic,
                        segment.toString(),
                        Integer.toString(linesPerCommit))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    /** Writes batches of 100 lines, a commit after so many lines, and ends at the end of the segment. */
    public static void main(String[] args) throws Exception {
        TestSegment segment = TestSegment.of(Files.readAllBytes(Path.of(args[2])));
        int linesPerCommit = Integer.parseInt(args[3]);
        Map<String, Object> options = new HashMap<>(Map.of("bootstrapServers", args[0], "topic", args[1]));
        try (Sink sink = TestSinks.sink(args[1], options)) {
            long offset = sink.open().map(p -> p.offset()).orElse(0L);
            System.out.println("opened at " + offset);
            for (int lines = 100; offset < segment.length(); lines += 100) {
                var batch = segment.batch(offset, 100);
                sink.write(batch);
                offset = batch.position().offset();
                System.out.println("written " + offset);
                if (lines >= linesPerCommit || (offset == segment.length() && linesPerCommit < Integer.MAX_VALUE)) {
                    sink.commit(batch.position());
                    System.out.println("committed " + offset);
                    lines = 0;
                }
            }
            System.out.println(List.of("end", offset));
            Thread.sleep(600_000); // Until it is killed.
        }
    }
}
