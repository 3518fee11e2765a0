package io.policylog.agent;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;

import io.micrometer.core.instrument.MeterRegistry;
import io.policylog.agent.config.Configuration;
import io.policylog.agent.config.SinkConfiguration;
import io.policylog.agent.pipeline.Places;
import io.policylog.agent.segments.Retention;
import io.policylog.agent.segments.SegmentHold;
import io.policylog.agent.segments.SegmentStore;
import io.policylog.agent.segments.StateDirectory;
import io.policylog.sinks.Exposition;
import io.policylog.sinks.Position;
import io.policylog.sinks.Sink;
import io.policylog.sinks.SinkContext;
import io.policylog.sinks.SinkException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The positions of a configuration's sinks, looked at and moved from the command line while no agent holds the state.
 * Each is read and written by its sink, which alone knows where it is: in a file, in Kafka, beside its counters.
 */
final class Positions implements AutoCloseable {
    private final Configuration configuration;
    private final Optional<StateDirectory> state;
    private final SegmentStore store;

    private Positions(Configuration configuration, Optional<StateDirectory> state) throws IOException {
        this.configuration = configuration;
        this.state = state;
        this.store = new SegmentStore(
                configuration.log().directory(),
                configuration.log().files(),
                state,
                new Retention(Long.MAX_VALUE, Integer.MAX_VALUE, 0), // A look releases nothing.
                System::nanoTime,
                InstantSource.system());
        store.addHold(() -> SegmentHold.ALL);
        store.scan();
    }

    /** Takes the state, and makes it if it is missing; throws, with a message for the user, when an agent holds it. */
    static Positions open(Configuration configuration) throws IOException {
        Optional<Path> directory = configuration.state().directory();
        return new Positions(configuration, directory.isEmpty() ? Optional.empty() : openState(directory.get()));
    }

    /** The same for who only looks: a missing state stays so, and no sink has a position in it. */
    static Positions look(Configuration configuration) throws IOException {
        Optional<Path> missing = missingState(configuration);
        if (missing.isEmpty()) {
            return open(configuration);
        }
        @Nullable Path parent = missing.get().toAbsolutePath().getParent();
        if (parent != null && Files.notExists(parent)) {
            throw new IOException("there is no directory " + parent + ", so there is no state in it");
        }
        return new Positions(configuration, Optional.empty());
    }

    /** The state directory, if there is none yet. */
    static Optional<Path> missingState(Configuration configuration) {
        return configuration.state().directory().filter(directory -> Files.notExists(directory, NOFOLLOW_LINKS));
    }

    private static Optional<StateDirectory> openState(Path directory) throws IOException {
        try {
            return Optional.of(StateDirectory.open(directory));
        } catch (StateDirectory.HeldException e) {
            throw new IOException("an agent holds the state in " + directory + "; stop it first", e);
        }
    }

    SegmentStore store() {
        return store;
    }

    Places places() {
        return new Places(store, configuration.log().maxLineBytes());
    }

    List<SinkConfiguration> sinks() {
        return configuration.sinks();
    }

    /** The sink with a name; throws when there is none. */
    SinkConfiguration sink(String name) throws IOException {
        return sinks().stream()
                .filter(s -> s.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IOException("there is no sink " + name + "; the configuration has "
                        + sinks().stream().map(SinkConfiguration::name).collect(Collectors.joining(", "))));
    }

    /** The names of sinks that left a position here, but are not in the configuration. */
    List<String> leftOver() throws IOException {
        return state.isEmpty() ? List.of() : leftOver(configuration, state.get());
    }

    static List<String> leftOver(Configuration configuration, StateDirectory state) throws IOException {
        List<String> names =
                configuration.sinks().stream().map(SinkConfiguration::name).toList();
        return state.positions().stream()
                .filter(n -> !names.contains(n))
                .sorted()
                .toList();
    }

    /** Where a sink stands; empty when it never committed. */
    Optional<Position> read(SinkConfiguration configured) throws SinkException {
        if (state.isEmpty() && configured.factory().needsStateDirectory(configured.options())) {
            return Optional.empty();
        }
        try (Sink sink = create(configured)) {
            return sink.open();
        }
    }

    /** Makes a position the sink's own. A file that holds an unusable one is removed, and with it what else it holds. */
    void write(SinkConfiguration configured, Position position) throws SinkException, IOException {
        try {
            commit(configured, position);
        } catch (SinkException e) {
            if (e.kind() != SinkException.Kind.POSITION || !removeFile(configured)) {
                throw e;
            }
            commit(configured, position);
        }
    }

    private void commit(SinkConfiguration configured, Position position) throws SinkException {
        try (Sink sink = create(configured)) {
            sink.open();
            sink.commit(position);
        }
    }

    private boolean removeFile(SinkConfiguration configured) throws IOException {
        return state.isPresent() && Files.deleteIfExists(state.get().positionFile(configured.name()));
    }

    private Sink create(SinkConfiguration configured) {
        MeterRegistry registry =
                ServiceLoader.load(Exposition.class).findFirst().orElseThrow().meterRegistry();
        return configured
                .factory()
                .create(
                        configured.options(),
                        new SinkContext(
                                configured.name(),
                                configuration.identity(),
                                state.map(s -> s.positionFile(configured.name())),
                                registry,
                                Clock.systemUTC(),
                                maxWait -> false));
    }

    @Override
    public void close() throws IOException {
        store.close();
    }
}
