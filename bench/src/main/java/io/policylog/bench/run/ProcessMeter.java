package io.policylog.bench.run;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Runs a command to its end and asks the operating system what it cost. Time comes from bash's {@code time} (getrusage, to the
 * millisecond), memory from {@code /usr/bin/time}: a process that is started by a large one, as a JVM is, would report its
 * parent's size, and {@code time} is small.
 */
final class ProcessMeter {
    private static final String SCRIPT = """
            out=$1 rss=$2; shift 2
            TIMEFORMAT='%3R %3U %3S'
            time /usr/bin/time --quiet -f %M -o "$rss" "$@" > "$out"
            """;

    /**
     * What a run cost.
     *
     * @param seconds by the wall clock
     * @param cpuSeconds user and system time of the process and its children
     * @param peakMebibytes the largest resident set
     */
    record Cost(double seconds, double cpuSeconds, double peakMebibytes) {}

    private ProcessMeter() {}

    /** Its standard output goes to a file; its standard error is shown when it fails. */
    static Cost run(List<String> command, Path output) throws IOException, InterruptedException {
        Path messages = Files.createTempFile("bench", ".messages");
        Path rss = Files.createTempFile("bench", ".rss");
        List<String> all = new ArrayList<>(List.of("bash", "-c", SCRIPT, "bash", output.toString(), rss.toString()));
        all.addAll(command);
        Process process = new ProcessBuilder(all)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(messages.toFile())
                .start();
        int exitCode = process.waitFor();
        List<String> said = Files.readAllLines(messages);
        if (exitCode != 0) {
            throw new IOException(command.getFirst() + " ended with " + exitCode + ": " + String.join("\n", said));
        }
        String[] times = said.getLast().split(" ", -1);
        Cost cost = new Cost(
                Double.parseDouble(times[0]),
                Double.parseDouble(times[1]) + Double.parseDouble(times[2]),
                Long.parseLong(Files.readAllLines(rss).getLast()) / 1024.0);
        Files.delete(messages);
        Files.delete(rss);
        return cost;
    }
}
