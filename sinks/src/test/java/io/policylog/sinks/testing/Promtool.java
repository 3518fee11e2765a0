package io.policylog.sinks.testing;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** Prometheus' own promtool (Debian package {@code prometheus}). */
public final class Promtool {
    private Promtool() {}

    /** What it says to a file on its standard input; when it fails, also how. */
    public static String run(Path input, String... command) throws IOException, InterruptedException {
        Process process;
        try {
            process = new ProcessBuilder(command)
                    .redirectInput(input.toFile())
                    .redirectErrorStream(true)
                    .start();
        } catch (IOException e) {
            throw new AssertionError("promtool is missing: install the Debian package prometheus", e);
        }
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        int status = process.waitFor();
        return status == 0 ? said : said + "exit status " + status;
    }
}
