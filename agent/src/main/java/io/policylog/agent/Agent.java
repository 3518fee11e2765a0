package io.policylog.agent;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.policylog.agent.config.Configuration;
import io.policylog.agent.config.SinkConfiguration;
import io.policylog.agent.pipeline.CommitRequests;
import io.policylog.agent.pipeline.LineFilter;
import io.policylog.agent.pipeline.Pipeline;
import io.policylog.agent.pipeline.QueryFilter;
import io.policylog.agent.pipeline.ReadLimits;
import io.policylog.agent.segments.Retention;
import io.policylog.agent.segments.SegmentScanner;
import io.policylog.agent.segments.SegmentStore;
import io.policylog.agent.segments.StateDirectory;
import io.policylog.parser.Limits;
import io.policylog.parser.Parser;
import io.policylog.sinks.Sink;
import io.policylog.sinks.SinkContext;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Puts the parts together and runs them: the segment store on one thread, each pipeline on another. {@link #run} belongs
 * to the thread that calls it; everything else may be called by any.
 */
final class Agent {
    /** What pipelines have at most to commit and close; the whole shutdown takes less than five seconds. */
    private static final long STOP_NANOS = TimeUnit.MILLISECONDS.toNanos(3_900);

    /** For a sink that was renamed or left out by mistake. */
    private static final Duration LEFT_OVER_KEPT = Duration.ofDays(7);

    private static final long INTERRUPTED_MILLIS = 400;
    private static final long WAIT_MILLIS = 500;
    private static final Optional<String> STARTING = Optional.of("the agent is starting");

    private final Logger log = LoggerFactory.getLogger(Agent.class);
    private final Configuration configuration;
    private final MeterRegistry registry;
    private final CountDownLatch stopRequested = new CountDownLatch(1);
    private final CountDownLatch ended = new CountDownLatch(1);

    private volatile Optional<Running> running = Optional.empty();
    /** What keeps the agent from following the log, though it should. */
    private volatile Optional<String> waitingFor = STARTING;

    /** The parts that exist once the state is ours. */
    record Running(SegmentStore store, SegmentScanner scanner, List<Pipeline> pipelines) {}

    Agent(Configuration configuration, MeterRegistry registry) {
        this.configuration = configuration;
        this.registry = registry;
        Gauge.builder(
                        "policylog.log.present",
                        this,
                        a -> a.running.map(r -> r.store().logPresent()).orElse(false) ? 1 : 0)
                .description("Whether there is a file of the log, in its directory")
                .register(registry);
        gauge(
                "policylog.retained.bytes",
                "Bytes of the log that only pins hold",
                r -> r.store().retainedBytes());
        gauge(
                "policylog.segments",
                "Segments known",
                r -> r.store().segments().list().size());
        gauge(
                "policylog.unreadable.files",
                "Entries of the log directory with a matching name that can't be read",
                r -> r.store().unreadableFiles());
        gauge(
                "policylog.descriptor.pins",
                "Whether open descriptors, which do not survive a restart, hold what is not yet read",
                r -> r.store().linking() ? 0 : 1);
    }

    private void gauge(String name, String description, java.util.function.ToDoubleFunction<Running> value) {
        Gauge.builder(name, this, a -> a.running.map(value::applyAsDouble).orElse(0.0))
                .description(description)
                .register(registry);
    }

    /** The parts, once the state is ours. */
    Optional<Running> running() {
        return running;
    }

    /** What keeps the agent from following the log; an absent log does not, it is waited for. */
    Optional<String> waitingFor() {
        return waitingFor;
    }

    /** Asks {@link #run} to end. */
    void stop() {
        stopRequested.countDown();
    }

    /** Waits until {@link #run} has ended. */
    void awaitEnd(long millis) throws InterruptedException {
        if (!ended.await(millis, TimeUnit.MILLISECONDS)) {
            log.warn("not everything was closed within {} ms; it is resumed from the last commit", millis);
        }
    }

    /** Follows the log until {@link #stop} is called. Throws when it can't start, with a message for the user. */
    void run() throws IOException, InterruptedException {
        try {
            Optional<StateDirectory> state = Optional.empty();
            if (configuration.state().directory().isPresent()) {
                state = takeState(configuration.state().directory().get());
                if (state.isEmpty()) {
                    return;
                }
            }
            if (state.isPresent()) {
                forgetLeftOver(state.get());
            }
            follow(state);
        } finally {
            ended.countDown();
        }
    }

    /** Waits for the log's mount and for the state to be free; empty when asked to stop meanwhile. */
    private Optional<StateDirectory> takeState(Path directory) throws IOException, InterruptedException {
        Path parent = directory.toAbsolutePath().getParent();
        String said = "";
        while (true) {
            String wait;
            if (parent != null && !Files.isDirectory(parent)) {
                waitingFor = Optional.empty();
                wait = Files.exists(parent)
                        ? parent + " is no directory but a file; waiting until it is one"
                        : "there is no directory " + parent + " yet; waiting for it";
            } else {
                try {
                    StateDirectory state = StateDirectory.open(directory);
                    waitingFor = STARTING;
                    return Optional.of(state);
                } catch (StateDirectory.HeldException e) {
                    wait = String.valueOf(e.getMessage());
                    waitingFor = Optional.of(wait);
                }
            }
            if (!wait.equals(said)) {
                said = wait;
                log.warn("{}", wait);
            }
            if (stopRequested.await(WAIT_MILLIS, TimeUnit.MILLISECONDS)) {
                return Optional.empty();
            }
        }
    }

    /** A position whose sink is not configured any more holds nothing, and goes after a while. */
    private void forgetLeftOver(StateDirectory state) throws IOException {
        Instant oldest = Instant.now().minus(LEFT_OVER_KEPT);
        for (String name : Positions.leftOver(configuration, state)) {
            Path file = state.positionFile(name);
            if (Files.getLastModifiedTime(file).toInstant().isBefore(oldest)) {
                Files.deleteIfExists(file);
                log.warn("removed the position of sink {}, which is not configured any more", name);
            } else {
                log.warn(
                        "there is a position of sink {}, which is not configured; it holds nothing, and is removed {}"
                                + " days after it was written",
                        name,
                        LEFT_OVER_KEPT.toDays());
            }
        }
    }

    private void follow(Optional<StateDirectory> state) throws IOException, InterruptedException {
        Configuration.Log logs = configuration.log();
        Configuration.Retain retain = configuration.state().retain();
        try (SegmentStore store = new SegmentStore(
                logs.directory(),
                logs.files(),
                state,
                new Retention(retain.maxBytes(), retain.maxFiles(), retain.minFreeDisk()),
                System::nanoTime,
                InstantSource.system())) {
            SegmentScanner scanner = new SegmentScanner(store, logs.directory(), System::nanoTime);
            List<Pipeline> pipelines = new ArrayList<>();
            for (SinkConfiguration sink : configuration.sinks()) {
                Pipeline pipeline = pipeline(sink, state, store, scanner);
                store.addHold(pipeline);
                scanner.addWake(pipeline::wake);
                pipelines.add(pipeline);
            }
            List<Thread> threads = new ArrayList<>();
            for (Pipeline pipeline : pipelines) {
                threads.add(start("pipeline-" + pipeline.name(), pipeline));
            }
            store.scan();
            pipelines.forEach(Pipeline::logScanned);
            running = Optional.of(new Running(store, scanner, List.copyOf(pipelines)));
            waitingFor = Optional.empty();
            Thread scanning = start("segments", scanner);
            stopRequested.await();
            pipelines.forEach(Pipeline::stop);
            end(threads);
            scanner.stop();
            scanning.join();
        }
    }

    private static Thread start(String name, Runnable work) {
        return Thread.ofPlatform().name(name).daemon().start(work);
    }

    private void end(List<Thread> threads) throws InterruptedException {
        long deadline = System.nanoTime() + STOP_NANOS;
        for (Thread thread : threads) {
            thread.join(Math.max(1, TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime())));
        }
        for (Thread thread : threads) {
            if (thread.isAlive()) {
                log.warn("{} did not end by itself; what it has not committed is read again", thread.getName());
                thread.interrupt();
                thread.join(INTERRUPTED_MILLIS);
            }
        }
    }

    private Pipeline pipeline(
            SinkConfiguration sink, Optional<StateDirectory> state, SegmentStore store, SegmentScanner scanner) {
        CommitRequests commits = new CommitRequests();
        Sink created = sink.factory()
                .create(
                        sink.options(),
                        new SinkContext(
                                sink.name(),
                                configuration.identity(),
                                state.map(s -> s.positionFile(sink.name())),
                                registry,
                                Clock.systemUTC(),
                                commits));
        int maxLineBytes = configuration.log().maxLineBytes();
        Limits limits = new Limits(maxLineBytes, Limits.DEFAULT.maxDepth(), Limits.DEFAULT.maxPolicies());
        @Nullable
        String fill = configuration.fillNodeName() ? configuration.identity().node() : null;
        return new Pipeline(
                sink.name(),
                created,
                sink.startAt(),
                commits,
                new Parser(limits, fill),
                sink.filter()
                        .<LineFilter>map(filter -> new QueryFilter(filter, InstantSource.system()))
                        .orElse(LineFilter.ALL),
                new ReadLimits(maxLineBytes, ReadLimits.DEFAULT_BUFFER_BYTES),
                store,
                scanner,
                registry,
                System::nanoTime);
    }
}
