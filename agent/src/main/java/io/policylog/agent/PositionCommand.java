package io.policylog.agent;

import io.policylog.agent.config.Configuration;
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
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.ParameterException;

/** {@code policylog position}: looks at positions and moves them. */
final class PositionCommand implements Runnable {
    private final CommandSpec spec = CommandSpec.wrapWithoutInspection(this)
            .name("position")
            .addSubcommand("list", new ListCommand().spec)
            .addSubcommand("set", new SetCommand().spec)
            .addSubcommand("export", new ExportCommand().spec)
            .addSubcommand("import", new ImportCommand().spec());

    PositionCommand() {
        spec.usageMessage()
                .description("Looks at the sinks' positions and moves them, while no agent holds the state.")
                .synopsisSubcommandLabel("COMMAND")
                .footer(
                        "",
                        "A sink that keeps its position in Kafka is asked there, which ends the session of an agent that"
                                + " uses it; that agent goes on by itself.",
                        "",
                        "Examples:",
                        "  policylog position list --config policylog.yaml",
                        "  policylog position set kafka beginning --config policylog.yaml",
                        "  policylog position set kafka 2026-01-31T12:00:00Z --config policylog.yaml");
    }

    /** As the command line has it. */
    CommandSpec spec() {
        return spec;
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "policylog position needs a command");
    }

    private static PositionalParamSpec sinkParameter() {
        return PositionalParamSpec.builder()
                .index("0")
                .required(true)
                .paramLabel("SINK")
                .type(String.class)
                .description("The sink's name.")
                .build();
    }

    private static CommandSpec command(Callable<Integer> command, String name, String description) {
        CommandSpec spec = CommandSpec.wrapWithoutInspection(command).name(name);
        spec.usageMessage().description(description);
        return spec;
    }

    private static final class ListCommand implements Callable<Integer> {
        private final ConfigurationOptions options = new ConfigurationOptions();
        private final CommandSpec spec =
                command(this, "list", "Shows where each sink stands, and how much of the log is after that.");

        ListCommand() {
            options.addTo(spec);
        }

        @Override
        public Integer call() throws ConfigurationException, IOException {
            PrintWriter out = spec.commandLine().getOut();
            int exitCode = ExitCode.OK;
            Configuration configuration = options.load();
            try (Positions positions = Positions.look(configuration)) {
                Positions.missingState(configuration)
                        .ifPresent(directory -> spec.commandLine()
                                .getErr()
                                .println("policylog: there is no state in " + directory + " yet"));
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

    private static final class SetCommand implements Callable<Integer> {
        private final ConfigurationOptions options = new ConfigurationOptions();
        private final PositionalParamSpec sink = sinkParameter();
        private final PositionalParamSpec place = PositionalParamSpec.builder()
                .index("1")
                .required(true)
                .paramLabel("beginning|end|TIME")
                .type(String.class)
                .description("The oldest line that is there, the newest, or the first record not older than a time,"
                        + " such as 2026-01-31T12:00:00Z.")
                .build();
        private final CommandSpec spec =
                command(this, "set", "Moves a sink's position. What lies after it is sent, perhaps again.");

        SetCommand() {
            options.addTo(spec);
            spec.addPositional(sink).addPositional(place);
        }

        @Override
        public Integer call() throws ConfigurationException, IOException, SinkException {
            String typed = place.getValue();
            Optional<Instant> time = time(typed);
            try (Positions positions = Positions.open(options.load())) {
                SinkConfiguration configured = positions.sink(sink.getValue());
                Optional<Position> found = time.isPresent()
                        ? positions.places().at(time.get())
                        : typed.equals("end")
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

        private Optional<Instant> time(String place) {
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

    private static final class ExportCommand implements Callable<Integer> {
        private final ConfigurationOptions options = new ConfigurationOptions();
        private final PositionalParamSpec sink = sinkParameter();
        private final CommandSpec spec = command(this, "export", "Prints a sink's position as it is stored.");

        ExportCommand() {
            options.addTo(spec);
            spec.addPositional(sink);
        }

        @Override
        public Integer call() throws ConfigurationException, IOException, SinkException {
            try (Positions positions = Positions.look(options.load())) {
                Optional<Position> position = positions.read(positions.sink(sink.getValue()));
                if (position.isEmpty()) {
                    throw new IOException("sink " + sink.<String>getValue() + " has no position");
                }
                spec.commandLine().getOut().println(position.get().toText());
            }
            return ExitCode.OK;
        }
    }

    static final class ImportCommand implements Callable<Integer> {
        private static final int MAX_BYTES = Position.MAX_TEXT_BYTES + 1;

        private final ConfigurationOptions options = new ConfigurationOptions();
        private final PositionalParamSpec sink = sinkParameter();
        private final CommandSpec spec =
                command(this, "import", "Moves a sink to the position that the standard input holds.");
        private final InputStream in;

        ImportCommand() {
            this(System.in);
        }

        ImportCommand(InputStream in) {
            this.in = in;
            options.addTo(spec);
            spec.addPositional(sink);
        }

        CommandSpec spec() {
            return spec;
        }

        @Override
        public Integer call() throws ConfigurationException, IOException, SinkException {
            String text = new String(in.readNBytes(MAX_BYTES), StandardCharsets.US_ASCII).strip();
            if (text.isEmpty()) {
                throw new IOException("the standard input is empty; give it what 'policylog position export' printed");
            }
            Position position = Position.parse(text);
            try (Positions positions = Positions.open(options.load())) {
                positions.write(positions.sink(sink.getValue()), position);
            }
            return ExitCode.OK;
        }
    }
}
