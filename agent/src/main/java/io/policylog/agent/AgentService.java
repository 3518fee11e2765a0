package io.policylog.agent;

import io.micrometer.core.instrument.FunctionTimer;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.policylog.agent.config.Configuration;
import io.policylog.agent.http.HttpService;
import io.policylog.agent.logging.ProgramLog;
import io.policylog.sinks.Exposition;
import java.io.Closeable;
import java.io.IOException;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Objects;
import java.util.Properties;
import java.util.ServiceLoader;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** An agent, its HTTP service and its log, on threads of their own. Started and closed by one thread. */
final class AgentService implements Closeable {
    private static final Duration FLUSH = Duration.ofMillis(200);

    /** With what the log may take after it, less than the five seconds that a shutdown may take. */
    private static final long STOP_MILLIS = 4_800 - FLUSH.toMillis();

    private final Agent agent;
    private final HttpService http;
    private final CompletableFuture<Void> ended = new CompletableFuture<>();

    private AgentService(Agent agent, HttpService http) {
        this.agent = agent;
        this.http = http;
    }

    /** Starts everything; throws, with a message for the user, when the address can't be listened on. */
    static AgentService start(Configuration configuration) throws IOException {
        double startSeconds = System.currentTimeMillis() / 1e3;
        ProgramLog.configure(
                configuration.logging().level(), configuration.logging().format());
        Logger log = LoggerFactory.getLogger(AgentService.class);
        FilterWarnings.of(configuration).forEach(log::warn);
        Exposition exposition = ServiceLoader.load(Exposition.class).findFirst().orElseThrow();
        MeterRegistry registry = exposition.meterRegistry();
        ProgramLog.register(registry);
        Properties build = VersionCommand.build();
        Gauge.builder("policylog.build.info", () -> 1)
                .description("The version that runs")
                .tag("version", build.getProperty("version"))
                .tag("commit", build.getProperty("commit"))
                .register(registry);
        // By Prometheus' own name; micrometer's binder asks JMX for it.
        Gauge.builder("process.start.time", () -> startSeconds)
                .baseUnit("seconds")
                .description("When the agent started, in seconds since 1970")
                .register(registry);
        new JvmMemoryMetrics().bindTo(registry);
        new JvmThreadMetrics().bindTo(registry);
        measureCollections(registry);
        Agent agent = new Agent(configuration, registry);
        HttpService http = HttpService.start(
                configuration.http().host(),
                configuration.http().port(),
                new RunningStatus(configuration, agent),
                exposition);
        AgentService service = new AgentService(agent, http);
        Thread.ofPlatform().name("agent").start(service::follow);
        return service;
    }

    /** As micrometer names it; its own binder listens to each collection, which costs a thread and much of JMX. */
    private static void measureCollections(MeterRegistry registry) {
        for (GarbageCollectorMXBean collector : ManagementFactory.getGarbageCollectorMXBeans()) {
            FunctionTimer.builder(
                            "jvm.gc.pause",
                            collector,
                            GarbageCollectorMXBean::getCollectionCount,
                            GarbageCollectorMXBean::getCollectionTime,
                            TimeUnit.MILLISECONDS)
                    .description("Time spent in GC pause")
                    .tag("gc", collector.getName())
                    .register(registry);
        }
    }

    private void follow() {
        try {
            agent.run();
            ended.complete(null);
        } catch (Throwable e) {
            // Errors too, such as that of a missing class: the process would go on without an agent, and look healthy.
            ended.completeExceptionally(e);
        }
    }

    /** Where HTTP is served. */
    InetSocketAddress http() {
        return http.address();
    }

    /** Waits until the agent has ended, and throws what it ended with, if not because it was asked to. */
    void await() throws IOException, InterruptedException {
        try {
            ended.get();
        } catch (ExecutionException e) {
            switch (Objects.requireNonNull(e.getCause())) {
                case IOException failure -> throw failure;
                case InterruptedException interrupted -> throw interrupted;
                case RuntimeException defect -> throw defect;
                default -> throw new IllegalStateException("the agent's thread has ended", e.getCause());
            }
        }
    }

    /** Ends everything, with what was written committed. */
    @Override
    public void close() throws IOException {
        agent.stop();
        try {
            agent.awaitEnd(STOP_MILLIS);
            http.close();
            boolean _ = ProgramLog.flush(FLUSH);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
