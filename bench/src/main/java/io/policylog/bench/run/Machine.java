package io.policylog.bench.run;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The machine the figures are of, from /proc. */
final class Machine {
    private static final double QUIET = 0.15;
    private static final long SAMPLE_MILLIS = 300;

    private Machine() {}

    /** Waits until others use little of the processors, or for so long; returns the share they use, 0 to 1. */
    static double awaitQuiet(Duration patience) throws IOException, InterruptedException {
        long startNanos = System.nanoTime();
        double busy;
        do {
            long[] before = ticks();
            Thread.sleep(SAMPLE_MILLIS);
            long[] after = ticks();
            long total = after[1] - before[1];
            busy = total == 0 ? 0 : 1 - (after[0] - before[0]) / (double) total;
        } while (busy > QUIET && System.nanoTime() - startNanos < patience.toNanos());
        return busy;
    }

    /** What figures depend on. */
    static Map<String, Object> describe() throws IOException {
        Map<String, Object> machine = new LinkedHashMap<>();
        machine.put("cpu", field(Path.of("/proc/cpuinfo"), "model name"));
        machine.put("processors", Runtime.getRuntime().availableProcessors());
        machine.put("memory", field(Path.of("/proc/meminfo"), "MemTotal"));
        machine.put("kernel", System.getProperty("os.name") + " " + System.getProperty("os.version"));
        return machine;
    }

    /** Of the programs that take part; "unknown" for one that does not say. */
    static Map<String, Object> versions() throws IOException, InterruptedException {
        Map<String, Object> versions = new LinkedHashMap<>();
        versions.put("java", System.getProperty("java.vm.name") + " " + System.getProperty("java.vm.version"));
        versions.put("commit", says("git", "describe", "--always", "--dirty"));
        versions.put("coreutils", says("cat", "--version"));
        versions.put("jq", says("jq", "--version"));
        versions.put("rsyslog", says("rsyslogd", "-v"));
        versions.put("fluent-bit", says(System.getenv().getOrDefault("FLUENT_BIT", "fluent-bit"), "--version"));
        return versions;
    }

    /** The first line a program prints. */
    private static String says(String... command) throws InterruptedException {
        try {
            Process process = new ProcessBuilder(command)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return process.waitFor() == 0 ? said.lines().findFirst().orElse("unknown") : "unknown";
        } catch (IOException e) {
            return "unknown";
        }
    }

    /** Idle and all ticks of all processors since boot (proc_stat(5): idle and iowait are the fourth and fifth). */
    private static long[] ticks() throws IOException {
        String[] cpu = Files.readAllLines(Path.of("/proc/stat")).getFirst().split(" +", -1);
        long idle = Long.parseLong(cpu[4]) + Long.parseLong(cpu[5]);
        long all = 0;
        for (int i = 1; i <= 8; i++) {
            all += Long.parseLong(cpu[i]);
        }
        return new long[] {idle, all};
    }

    private static String field(Path file, String name) throws IOException {
        List<String> lines = Files.readAllLines(file);
        return lines.stream()
                .filter(line -> line.startsWith(name))
                .map(line -> line.substring(line.indexOf(':') + 1).strip())
                .findFirst()
                .orElse("unknown");
    }
}
