package io.policylog.bench.run;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** A process that goes on by itself, and what {@code /proc} says of it. */
final class Watched implements AutoCloseable {
    /** What a tick of {@code /proc/PID/stat} is on every Linux. */
    private static final double TICKS_PER_SECOND = 100;

    private final Process process;

    Watched(Process process) {
        this.process = process;
    }

    /** What it writes, when that goes to nowhere else. */
    InputStream output() {
        return process.getInputStream();
    }

    boolean alive() {
        return process.isAlive();
    }

    /** The resident set, MiB. */
    double residentMebibytes() throws IOException {
        return number(status(proc("status")), "VmRSS:") / 1024.0;
    }

    /** The largest resident set so far, MiB. */
    double peakMebibytes() throws IOException {
        return number(status(proc("status")), "VmHWM:") / 1024.0;
    }

    /** User and system time so far. */
    double cpuSeconds() throws IOException {
        return cpuSeconds(process.pid());
    }

    static double cpuSeconds(long pid) throws IOException {
        String stat = Files.readString(Path.of("/proc", Long.toString(pid), "stat"));
        String[] words = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
        return (Long.parseLong(words[11]) + Long.parseLong(words[12])) / TICKS_PER_SECOND;
    }

    /** How often its threads went to sleep so far; each time they were woken. */
    long wakeUps() throws IOException {
        long sum = 0;
        try (Stream<Path> tasks = Files.list(proc("task"))) {
            for (Path task : tasks.toList()) {
                sum += number(status(task.resolve("status")), "voluntary_ctxt_switches:");
            }
        }
        return sum;
    }

    /** {@code kill -9}. */
    void kill() {
        process.destroyForcibly().onExit().join();
    }

    @Override
    public void close() {
        process.destroy();
        process.onExit().join();
    }

    private Path proc(String file) {
        return Path.of("/proc", Long.toString(process.pid()), file);
    }

    private static List<String> status(Path file) throws IOException {
        return Files.readAllLines(file);
    }

    private static long number(List<String> status, String key) throws IOException {
        return status.stream()
                .filter(line -> line.startsWith(key))
                .map(line -> line.replaceAll("[^0-9]", ""))
                .mapToLong(Long::parseLong)
                .findFirst()
                .orElseThrow(() -> new IOException("no " + key + " in /proc"));
    }
}
