package io.policylog.bench.drain;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Runs a command and asks the operating system what it cost. Time comes from bash's {@code time} (getrusage, to the
 * millisecond), memory from {@code /usr/bin/time}: a process that is started by a large one, as a JVM is, would report its
 * parent's size, and {@code time} is small.
 */
final class ProcessMeter {
    private static final String SCRIPT = """
            out=$1 rss=$2; shift 2
            TIMEFORMAT='%3R %3U %3S'
            time /usr/bin/time --quiet -f %M -o "$rss" "$@" > "$out"
            """;

    private final Path directory;

    /** @param directory where the command's output goes */
    ProcessMeter(Path directory) {
        this.directory = directory;
    }

    /** Runs the scenario to its end; its standard error is shown when it fails. */
    Measurement run(Scenario scenario, DataSet data) throws IOException, InterruptedException {
        Path out = directory.resolve("out");
        Path err = directory.resolve("err");
        Path rss = directory.resolve("rss");
        boolean kept = switch (scenario.proof()) {
            case EXIT_CODE -> false;
            case LINE_COUNT -> true;
        };
        List<String> command = new ArrayList<>(
                List.of("bash", "-c", SCRIPT, "bash", kept ? out.toString() : "/dev/null", rss.toString()));
        command.addAll(scenario.command().apply(data));
        double busyBefore = Machine.awaitQuiet();
        Process process = new ProcessBuilder(command)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(err.toFile())
                .start();
        int exitCode = process.waitFor();
        List<String> said = Files.readAllLines(err);
        if (exitCode != 0) {
            throw new IOException(scenario.name() + " ended with " + exitCode + ": " + String.join("\n", said));
        }
        if (kept) {
            checkLineCount(scenario, Files.readAllLines(out), data.lines());
        }
        String[] times = said.getLast().split(" ", -1);
        return new Measurement(
                Double.parseDouble(times[0]),
                Double.parseDouble(times[1]) + Double.parseDouble(times[2]),
                Long.parseLong(Files.readAllLines(rss).getLast()),
                busyBefore);
    }

    private static void checkLineCount(Scenario scenario, List<String> output, long lines) throws IOException {
        String last = output.isEmpty() ? "" : output.getLast().strip();
        if (!last.split(" ", -1)[0].equals(Long.toString(lines))) {
            throw new IOException(scenario.name() + " counted '" + last + "' where there are " + lines + " lines");
        }
    }
}
