package io.policylog.sinks.kafka;

import io.policylog.sinks.Sink;
import io.policylog.sinks.testing.KafkaBroker;
import io.policylog.sinks.testing.TestSegment;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * A sink in a process of its own, to be killed. It says what it did, line by line, on its standard output; whoever waits
 * for a line that does not come gets a failure with what it said instead.
 */
final class KafkaSinkProcess implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofMinutes(4);

    private final Process process;
    private final BufferedReader output;
    private final Path errors;
    private final List<String> steps = new ArrayList<>();

    private KafkaSinkProcess(Process process, Path errors) {
        this.process = process;
        this.output = process.inputReader();
        this.errors = errors;
        // Reading from a process that hangs can't be interrupted, but ends with the process.
        CompletableFuture.delayedExecutor(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)
                .execute(process::destroyForcibly);
    }

    /** Starts one, named as the topic, on the segment in a file; it resumes where the broker says. */
    static KafkaSinkProcess start(KafkaBroker broker, String topic, Path segment, int linesPerCommit)
            throws IOException {
        Path errors = segment.resolveSibling(topic + ".stderr");
        Process process = new ProcessBuilder(
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
                .redirectError(ProcessBuilder.Redirect.appendTo(errors.toFile()))
                .start();
        return new KafkaSinkProcess(process, errors);
    }

    /** Waits for the next thing that it does. */
    String step() throws IOException {
        String step = output.readLine();
        if (step == null) {
            throw new AssertionError("the process ended, or hung and was killed, after " + steps + " and said:\n"
                    + Files.readString(errors));
        }
        steps.add(step);
        return step;
    }

    /** Waits until it has written the whole segment. */
    void awaitEnd() throws IOException {
        while (!step().startsWith("[end")) {}
    }

    /** Waits until it has committed. */
    void awaitCommit() throws IOException {
        while (!step().startsWith("committed")) {}
    }

    long pid() {
        return process.pid();
    }

    /** Waits until it ends by itself, but not longer. */
    void awaitExit(Duration atMost) throws InterruptedException {
        process.waitFor(atMost);
    }

    /** Ends it as an out-of-memory killer does. */
    @Override
    public void close() throws IOException {
        process.destroyForcibly().onExit().orTimeout(30, TimeUnit.SECONDS).join();
        output.close();
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
