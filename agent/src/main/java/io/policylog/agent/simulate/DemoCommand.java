package io.policylog.agent.simulate;

import io.policylog.agent.logging.IoFailure;
import java.io.Closeable;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code policylog demo}: simulates a busy node in a temporary directory and runs the agent on it. */
@Command(
        name = "demo",
        description = "Simulates a busy node in a temporary directory and runs the agent on it.",
        sortOptions = false,
        showDefaultValues = true,
        footer = {"", "Example:", "  policylog demo"})
public final class DemoCommand implements Callable<Integer> {
    /** Small, so that files rotate within a minute. */
    private static final int MAX_FILE_BYTES = 1 << 20;

    private static final int MAX_PORT = 65_535;

    /** Few enough that the rogue stands out. */
    private static final double DENY_SHARE = 0.04;

    /** The agent, as the demo needs it. */
    @FunctionalInterface
    public interface Agent {
        /**
         * Starts to follow the log in {@code logDirectory} on threads of its own: denied connections go to stdout, metrics
         * and status page are served at {@code http}.
         *
         * @param http port 0 leaves the choice to the system
         */
        Running start(Path logDirectory, InetSocketAddress http) throws IOException;
    }

    /**
     * An agent that runs.
     *
     * @param http where metrics and status page are
     * @param stop stops it, with everything committed, in bounded time
     */
    public record Running(InetSocketAddress http, Closeable stop) implements Closeable {
        @Override
        public void close() throws IOException {
            stop.close();
        }
    }

    private final Agent agent;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(
            names = "--rate",
            converter = Converters.ToRate.class,
            paramLabel = "N",
            defaultValue = "100",
            description = "Connection attempts a second.")
    private double rate;

    @Option(
            names = "--seed",
            paramLabel = "S",
            defaultValue = "1",
            description = "Decides the cluster and its traffic.")
    private long seed;

    @Option(
            names = "--for",
            converter = Converters.ToDuration.class,
            paramLabel = "DURATION",
            description = "Ends after this time, such as 30s, 1m.")
    private @Nullable Duration duration;

    @Option(
            names = "--http-port",
            paramLabel = "PORT",
            defaultValue = "9464",
            description = "Where metrics and status page are served, on localhost; 0 for any that is free.")
    private int httpPort;

    public DemoCommand(Agent agent) {
        this.agent = agent;
    }

    @Override
    public Integer call() throws Exception {
        if (!Double.isFinite(rate)) {
            throw new ParameterException(spec.commandLine(), "--rate max is not for the demo: give a number");
        }
        if (httpPort < 0 || httpPort > MAX_PORT) {
            throw new ParameterException(
                    spec.commandLine(), "--http-port must be from 0 to " + MAX_PORT + ", found " + httpPort);
        }
        Stop stop = new Stop();
        return stop.onTermination(() -> demo(stop));
    }

    private int demo(Stop stop) {
        PrintWriter err = spec.commandLine().getErr();
        try {
            Path directory = Files.createTempDirectory("policylog-demo-");
            try {
                run(directory, stop, err);
            } finally {
                remove(directory);
            }
            err.println("demo: ended, " + directory + " removed");
            return 0;
        } catch (IOException e) {
            err.println("demo: " + IoFailure.describe(e));
            return 1;
        } finally {
            err.flush();
        }
    }

    private void run(Path directory, Stop stop, PrintWriter err) throws IOException {
        TrafficOptions options = TrafficOptions.seeded(seed)
                .withStart(Instant.now())
                .withAttemptsPerSecond(rate)
                .withDenyShare(DENY_SHARE);
        InetSocketAddress http = new InetSocketAddress(InetAddress.getLoopbackAddress(), httpPort);
        try (LogWriter log = new LogWriter(directory, LogWriterOptions.DEFAULT.withMaxFileBytes(MAX_FILE_BYTES));
                Running running = agent.start(directory, http)) {
            introduce(directory, running.http().getPort(), err);
            new Simulation(
                            new TrafficGenerator(options),
                            log,
                            options.start(),
                            true,
                            Long.MAX_VALUE,
                            duration == null ? Simulation.FOREVER : duration,
                            0)
                    .run(stop);
        }
    }

    private void introduce(Path directory, int port, PrintWriter err) {
        err.println("demo: a simulated node logs to " + directory + "/policy_action.log, and the agent follows it");
        err.println("demo: denied connections come below, 6 s after their first attempt: the node folds them");
        err.println("demo: look at the rest with");
        err.println("demo:     curl localhost:" + port + "/metrics");
        err.println("demo:     curl localhost:" + port + "/statusz");
        err.println("demo: Ctrl-C ends it");
        err.flush();
    }

    private static void remove(Path directory) throws IOException {
        Files.walkFileTree(directory, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.delete(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path visited, @Nullable IOException failure) throws IOException {
                if (failure != null) {
                    throw failure;
                }
                Files.delete(visited);
                return FileVisitResult.CONTINUE;
            }
        });
    }
}
