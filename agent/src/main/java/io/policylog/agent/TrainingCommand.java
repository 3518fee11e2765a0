package io.policylog.agent;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Parameters;

/** {@code policylog training}: does what people do most, so that the JVM can note what that takes (JEP 514). */
@Command(
        name = "training",
        hidden = true,
        description = "Writes a log into a directory and reads it in every way, for the JVM's AOT cache.",
        footer = {"", "Example:", "  java -XX:AOTCacheOutput=policylog.aot ... policylog training DIR"})
final class TrainingCommand implements Callable<Integer> {
    private static final String LINES = "60000";
    private static final String QUERY =
            "jsonPayload.disposition=\"deny\" src.workload_name=~\"^rogue\" dest.pod_name:redis"
                    + " connection.dest_port=6379 timestamp>=\"2026-01-01T00:00:00Z\"";

    @Parameters(paramLabel = "DIR", description = "An empty directory.")
    private Path directory = Path.of("");

    @Override
    public Integer call() {
        String log = directory.resolve("log").toString();
        run("simulate", "--directory", log, "--rate", "max", "--max-log-rate", "1000000", "--lines", LINES);
        for (int i = 0; i < 3; i++) {
            run("read", QUERY, "--log", log);
        }
        run("read", "--log", log, "--limit", "1000", "--format", "json");
        run("read", "--log", log, "--limit", "100", "--order", "desc", "--format", "logentry");
        run("read", "--log", log, "--count-by", "disposition,dest.workload_name");
        run("explain", "default/rogue", "redis-cart:6379", "--log", log);
        run("validate");
        return ExitCode.OK;
    }

    private static void run(String... arguments) {
        int _ = Main.commandLine(arguments).execute(arguments);
    }
}
