package io.policylog.bench.resident;

import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A process of the program, and what the operating system says about it. Linux only. */
final class AgentRun implements AutoCloseable {
    /** What a tick of {@code /proc/PID/stat} is on every Linux. */
    private static final double TICKS_PER_SECOND = 100;

    private static final Duration PATIENCE = Duration.ofMinutes(10);

    private final Process process;
    private final HttpClient client = HttpClient.newHttpClient();

    /** Starts {@code command arguments…}; what it says is appended to a file. */
    AgentRun(List<String> command, List<String> arguments, File output) throws IOException {
        List<String> all = new ArrayList<>(command);
        all.addAll(arguments);
        process = new ProcessBuilder(all)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(output))
                .start();
    }

    /** The resident set, MiB. */
    double residentMiB() throws IOException {
        return status("VmRSS:");
    }

    /** The largest resident set so far, MiB. */
    double peakMiB() throws IOException {
        return status("VmHWM:");
    }

    private double status(String key) throws IOException {
        for (String line : Files.readAllLines(proc("status"))) {
            if (line.startsWith(key)) {
                return Long.parseLong(line.replaceAll("[^0-9]", "")) / 1024.0;
            }
        }
        throw new IOException("no " + key + " in /proc");
    }

    /** User and system time so far. */
    double cpuSeconds() throws IOException {
        String stat = Files.readString(proc("stat"));
        String[] words = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
        return (Long.parseLong(words[11]) + Long.parseLong(words[12])) / TICKS_PER_SECOND;
    }

    private Path proc(String file) {
        return Path.of("/proc", Long.toString(process.pid()), file);
    }

    /** The sum of the samples of a metric whose lines contain a text; 0 while nothing answers. */
    double metric(String name, String containing) throws InterruptedException {
        try {
            HttpRequest request = HttpRequest.newBuilder(
                            URI.create("http://127.0.0.1:" + ResidentBench.PORT + "/metrics"))
                    .build();
            return client.send(request, HttpResponse.BodyHandlers.ofString())
                    .body()
                    .lines()
                    .filter(l -> l.startsWith(name) && l.contains(containing))
                    .mapToDouble(l -> Double.parseDouble(l.substring(l.lastIndexOf(' ') + 1)))
                    .sum();
        } catch (IOException e) {
            return 0;
        }
    }

    /** Waits until both sinks have so many records of this process behind them. */
    void awaitRecords(long count) throws InterruptedException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (metric("policylog_records_total", "kafka") < count
                || metric("policylog_records_total", "prometheus") < count) {
            if (!process.isAlive() || System.nanoTime() > deadline) {
                throw new IllegalStateException("the agent ended, or did not read " + count + " records");
            }
            TimeUnit.MILLISECONDS.sleep(500);
        }
    }

    void awaitEnd() throws InterruptedException {
        if (process.waitFor() != 0) {
            throw new IllegalStateException("ended with " + process.exitValue());
        }
    }

    @Override
    public void close() {
        process.destroy();
        process.onExit().join();
        client.close();
    }
}
