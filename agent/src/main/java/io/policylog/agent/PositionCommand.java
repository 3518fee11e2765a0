package io.policylog.agent;

import io.policylog.agent.config.ConfigurationException;
import io.policylog.agent.config.SinkConfiguration;
import io.policylog.sinks.Position;
import io.policylog.sinks.SinkException;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code policylog position}: looks at positions and moves them. */
@Command(
        name = "position",
        description = "Looks at the sinks' positions and moves them, while no agent holds the state.",
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            PositionCommand.ListCommand.class, //
            PositionCommand.SetCommand.class, //
            PositionCommand.ExportCommand.class, //
            PositionCommand.ImportCommand.class, //
        },
        footer = {
            "",
            "A sink that keeps its position in Kafka is asked there, which ends the session of an agent that uses it;"
                    + " that agent goes on by itself.",
            "",
            "Examples:",
            "  policylog position list --config policylog.yaml",
            "  policylog position set kafka beginning --config policylog.yaml",
            "  policylog position set kafka 2026-01-31T12:00:00Z --config policylog.yaml",
        })
final class PositionCommand implements Runnable {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "policylog position needs a command");
    }

    /** Which sink. */
    private static final class SinkParameter {
        @Parameters(index = "0", paramLabel = "SINK", description = "The sink's name.")
        private String name = "";
    }

    @Command(name = "list", description = "Shows where each sink stands, and how much of the log is after that.")
    static final class ListCommand implements Callable<Integer> {
        @Spec
        @SuppressWarnings("NullAway.Init") // picocli sets it
        private CommandSpec spec;

        @Mixin
        private ConfigurationOptions options = new ConfigurationOptions();

        @Override
        public Integer call() throws ConfigurationException, IOException {
            PrintWriter out = spec.commandLine().getOut();
            int exitCode = ExitCode.OK;
            try (Positions positions = new Positions(options.load())) {
                for (SinkConfiguration sink : positions.sinks()) {
                    try {
                        out.println(sink.name() + ": "
                                + positions
                                        .read(sink)
                                        .map(p -> describe(positions, p))
                                        .orElse("no position; a start begins at the "
                                                + sink.startAt().name().toLowerCase(java.util.Locale.ROOT)));
                    } catch (SinkException e) {
                        exitCode = ExitCode.SOFTWARE;
                        out.println(sink.name() + ": " + e.getMessage());
                    }
                }
                for (String name : positions.leftOver()) {
                    out.println(name + ": left by a sink that is not configured");
                }
            }
            return exitCode;
        }

        private static String describe(Positions positions, Position position) {
            String place = position.segmentId() + ":" + position.offset();
            boolean known = positions.store().storeId().equals(position.store());
            String after = known
                    ? positions.store().bytesAfter(position.sequence(), position.offset()) + " bytes to go"
                    : "of another state directory";
            return place + ", " + after
                    + (position.throughEpochSecond() == 0
                            ? ""
                            : ", records up to " + Instant.ofEpochSecond(position.throughEpochSecond()));
        }
    }

    @Command(name = "set", description = "Moves a sink's position. What lies after it is sent, perhaps again.")
    static final class SetCommand implements Callable<Integer> {
        @Spec
        @SuppressWarnings("NullAway.Init") // picocli sets it
        private CommandSpec spec;

        @Mixin
        private ConfigurationOptions options = new ConfigurationOptions();

        @Mixin
        private SinkParameter sink = new SinkParameter();

        @Parameters(
                index = "1",
                paramLabel = "beginning|end|TIME",
                description = "The oldest line that is there, the newest, or the first record not older than a time,"
                        + " such as 2026-01-31T12:00:00Z.")
        private String place = "";

        @Override
        public Integer call() throws ConfigurationException, IOException, SinkException {
            Optional<Instant> time = time();
            try (Positions positions = new Positions(options.load())) {
                SinkConfiguration configured = positions.sink(sink.name);
                Optional<Position> found = time.isPresent()
                        ? positions.places().at(time.get())
                        : place.equals("end")
                                ? positions.places().end()
                                : positions.places().beginning();
                if (found.isEmpty()) {
                    throw new IOException("the log has no complete line yet, so there is no place in it");
                }
                positions.write(configured, found.get());
                spec.commandLine()
                        .getOut()
                        .println(configured.name() + ": now at " + found.get().segmentId() + ":"
                                + found.get().offset());
            }
            return ExitCode.OK;
        }

        private Optional<Instant> time() {
            if (place.equals("beginning") || place.equals("end")) {
                return Optional.empty();
            }
            try {
                return Optional.of(Instant.parse(place));
            } catch (DateTimeException e) {
                throw new ParameterException(
                        spec.commandLine(),
                        "the place must be beginning, end, or a time such as 2026-01-31T12:00:00Z; found \"" + place
                                + "\"",
                        e);
            }
        }
    }

    @Command(name = "export", description = "Prints a sink's position as it is stored.")
    static final class ExportCommand implements Callable<Integer> {
        @Spec
        @SuppressWarnings("NullAway.Init") // picocli sets it
        private CommandSpec spec;

        @Mixin
        private ConfigurationOptions options = new ConfigurationOptions();

        @Mixin
        private SinkParameter sink = new SinkParameter();

        @Override
        public Integer call() throws ConfigurationException, IOException, SinkException {
            try (Positions positions = new Positions(options.load())) {
                Optional<Position> position = positions.read(positions.sink(sink.name));
                if (position.isEmpty()) {
                    throw new IOException("sink " + sink.name + " has no position");
                }
                spec.commandLine().getOut().println(position.get().toText());
            }
            return ExitCode.OK;
        }
    }

    @Command(name = "import", description = "Moves a sink to the position that the standard input holds.")
    static final class ImportCommand implements Callable<Integer> {
        private static final int MAX_BYTES = Position.MAX_TEXT_BYTES + 1;

        @Mixin
        private ConfigurationOptions options = new ConfigurationOptions();

        @Mixin
        private SinkParameter sink = new SinkParameter();

        private final InputStream in;

        ImportCommand() {
            this(System.in);
        }

        ImportCommand(InputStream in) {
            this.in = in;
        }

        @Override
        public Integer call() throws ConfigurationException, IOException, SinkException {
            String text = new String(in.readNBytes(MAX_BYTES), StandardCharsets.US_ASCII).strip();
            if (text.isEmpty()) {
                throw new IOException("the standard input is empty; give it what 'policylog position export' printed");
            }
            Position position = Position.parse(text);
            try (Positions positions = new Positions(options.load())) {
                positions.write(positions.sink(sink.name), position);
            }
            return ExitCode.OK;
        }
    }
}
