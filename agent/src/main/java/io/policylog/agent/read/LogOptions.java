package io.policylog.agent.read;

import io.policylog.agent.config.Units;
import io.policylog.parser.ResourceLabels;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** What is read: the options of every command that reads the log; used with {@code @Mixin}. */
final class LogOptions {
    @Spec(Spec.Target.MIXEE)
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Option(
            names = "--log",
            paramLabel = "PATH",
            description =
                    "A file, a directory with the log's files (policy_action*), or - for the standard input; plain,"
                            + " .gz or .zst; lines of the log, or log entries that were exported as JSON. May stand more than"
                            + " once. Default: /var/log/network.")
    private List<String> paths = List.of();

    @Option(
            names = "--freshness",
            paramLabel = "DURATION",
            description = "Only records that are no older, such as 10m, 1h, 2d.")
    private @Nullable String freshness;

    @Option(
            names = "--since",
            paramLabel = "TIME",
            description =
                    "Only records from then on: 2026-01-31T12:00:00Z, 2026-01-31 (midnight, UTC), or so long ago: 1h.")
    private @Nullable String since;

    @Option(names = "--until", paramLabel = "TIME", description = "Only records before then, written as for --since.")
    private @Nullable String until;

    @Option(
            names = "--node",
            paramLabel = "NAME",
            description = "The node that records without node_name are from. Default: NODE_NAME of the environment.")
    private @Nullable String node;

    List<String> paths() {
        if (paths.contains("")) {
            throw new ParameterException(commandLine(), "--log must be a file, a directory or -; found nothing in it");
        }
        return List.copyOf(paths);
    }

    /** The time asked for, counted from now. */
    Window window(Shell shell) {
        Instant now = shell.time().instant();
        if (freshness != null && since != null) {
            throw new ParameterException(commandLine(), "--freshness and --since say the same; give one of them");
        }
        Optional<Instant> from =
                freshness != null ? Optional.of(now.minus(age(freshness))) : time("--since", since, now);
        Window window = new Window(from, time("--until", until, now));
        if (window.since().isPresent()
                && window.until().isPresent()
                && !window.since().get().isBefore(window.until().get())) {
            throw new ParameterException(commandLine(), "--until must be after --since; no record can be in between");
        }
        return window;
    }

    private Duration age(String text) {
        try {
            return Units.duration(text);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(commandLine(), "--freshness " + e.getMessage() + "; found '" + text + "'", e);
        }
    }

    private Optional<Instant> time(String option, @Nullable String text, Instant now) {
        try {
            return Optional.ofNullable(text).map(t -> Window.time(t, now));
        } catch (IllegalArgumentException e) {
            throw new ParameterException(commandLine(), option + ": " + e.getMessage(), e);
        }
    }

    /** What is known of records that say nothing themselves. */
    ResourceLabels labels(Shell shell) {
        String name = node == null ? shell.variable("NODE_NAME") : node;
        return new ResourceLabels(null, null, null, name.isEmpty() ? null : name);
    }

    boolean hasUntil() {
        return until != null;
    }

    private CommandLine commandLine() {
        return spec.commandLine();
    }
}
