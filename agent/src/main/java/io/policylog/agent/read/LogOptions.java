package io.policylog.agent.read;

import io.policylog.agent.config.TypedPath;
import io.policylog.agent.config.Units;
import io.policylog.parser.ResourceLabels;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;

/** What is read: the options of every command that reads the log. */
final class LogOptions {
    /** The standard input, where a path is expected. */
    static final String STDIN = "-";

    private final CommandSpec command;

    private final OptionSpec paths = OptionSpec.builder("--log")
            .paramLabel("PATH")
            .type(List.class)
            .auxiliaryTypes(String.class)
            .initialValue(List.of())
            .description("A file, a directory with the log's files (policy_action*), or - for the standard input;"
                    + " plain, .gz or .zst; lines of the log, or log entries that were exported as JSON. May stand more"
                    + " than once. Default: /var/log/network.")
            .build();

    private final OptionSpec freshness = OptionSpec.builder("--freshness")
            .paramLabel("DURATION")
            .type(String.class)
            .description("Only records that are no older, such as 10m, 1h, 2d.")
            .build();

    private final OptionSpec since = OptionSpec.builder("--since")
            .paramLabel("TIME")
            .type(String.class)
            .description("Only records from then on: 2026-01-31T12:00:00Z, 2026-01-31 (midnight, UTC), or so long ago:"
                    + " 1h.")
            .build();

    private final OptionSpec until = OptionSpec.builder("--until")
            .paramLabel("TIME")
            .type(String.class)
            .description("Only records before then, written as for --since.")
            .build();

    private final OptionSpec node = OptionSpec.builder("--node")
            .paramLabel("NAME")
            .type(String.class)
            .description("The node that records without node_name are from. Default: NODE_NAME of the environment.")
            .build();

    /** Adds them to a command. */
    LogOptions(CommandSpec command) {
        this.command = command;
        command.addOption(paths)
                .addOption(freshness)
                .addOption(since)
                .addOption(until)
                .addOption(node);
    }

    List<String> paths() {
        List<String> given = paths.getValue();
        if (given.contains("")) {
            throw new ParameterException(commandLine(), "--log must be a file, a directory or -; found nothing in it");
        }
        if (given.indexOf(STDIN) != given.lastIndexOf(STDIN)) {
            throw new ParameterException(commandLine(), "--log - can stand once: the standard input is read once");
        }
        for (String path : given) {
            try {
                TypedPath.of(path);
            } catch (IllegalArgumentException e) {
                throw new ParameterException(commandLine(), "--log " + e.getMessage(), e);
            }
        }
        return List.copyOf(given);
    }

    /** The time asked for, counted from now. */
    Window window(Shell shell) {
        Instant now = shell.time().instant();
        @Nullable String freshness = this.freshness.getValue();
        @Nullable String since = this.since.getValue();
        if (freshness != null && since != null) {
            throw new ParameterException(commandLine(), "--freshness and --since say the same; give one of them");
        }
        Optional<Instant> from =
                freshness != null ? Optional.of(now.minus(age(freshness))) : time("--since", since, now);
        Window window = new Window(from, time("--until", until.getValue(), now));
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
        @Nullable String given = node.getValue();
        String name = given == null ? shell.variable("NODE_NAME") : given;
        return new ResourceLabels(null, null, null, name.isEmpty() ? null : name);
    }

    boolean hasUntil() {
        return until.getValue() != null;
    }

    private CommandLine commandLine() {
        return command.commandLine();
    }
}
