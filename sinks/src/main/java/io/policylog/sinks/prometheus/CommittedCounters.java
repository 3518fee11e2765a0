package io.policylog.sinks.prometheus;

import io.policylog.sinks.CommitRequest;
import io.prometheus.metrics.model.registry.MetricType;
import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.MetricFamilyDescriptor;
import io.prometheus.metrics.model.snapshots.MetricMetadata;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What a scrape sees of a sink's counters: the values of the last commit, never newer ones, so that no sample is ever
 * taken back by a crash. A scrape first asks the pipeline to commit, and serves what is there if that takes too long or
 * the pipeline is down.
 *
 * <p>The pipeline's thread publishes, any thread collects; between them goes one volatile reference to immutable lists.
 */
final class CommittedCounters implements MultiCollector {
    /** How long a scrape waits for a commit. */
    static final Duration MAX_WAIT = Duration.ofSeconds(1);

    private final MetricMetadata connections;
    private final Optional<MetricMetadata> matches;
    private final CommitRequest commits;
    private volatile Committed committed = new Committed(List.of(), List.of());

    private record Committed(List<CounterDataPointSnapshot> connections, List<CounterDataPointSnapshot> matches) {}

    CommittedCounters(CounterSettings settings, CommitRequest commits) {
        this.connections =
                counter(settings.metric(), "Connections and connection attempts that the network policy log tells of.");
        this.matches = settings.matchesMetric()
                .map(name -> counter(name, "Allowed connections of each policy that allowed them."));
        this.commits = commits;
    }

    /** @throws IllegalArgumentException when no metric can have this name */
    static MetricMetadata counter(String name, String help) {
        return MetricFamilyDescriptor.counter(name).help(help).build().getMetadata();
    }

    /** Makes the present values those that are served. Called by the pipeline's thread, when they are durable. */
    void publish(Counters counters) {
        committed = new Committed(points(counters.connections()), points(counters.matches()));
    }

    /** How many series are served. */
    int series() {
        Committed last = committed;
        return last.connections.size() + last.matches.size();
    }

    @Override
    public MetricSnapshots collect() {
        try {
            commits.commit(MAX_WAIT);
        } catch (InterruptedException e) {
            // What was committed before is as true.
            Thread.currentThread().interrupt();
        }
        Committed last = committed;
        List<MetricSnapshot> snapshots = new ArrayList<>(2);
        snapshots.add(new CounterSnapshot(connections, last.connections));
        matches.ifPresent(metadata -> snapshots.add(new CounterSnapshot(metadata, last.matches)));
        return new MetricSnapshots(snapshots);
    }

    /**
     * For the registry to refuse a name that is taken. It would let two collectors of one name with different labels
     * coexist; two sinks that count into one metric would be a mistake, so no labels are told.
     */
    @Override
    public List<MetricFamilyDescriptor> getMetricFamilyDescriptors() {
        List<MetricFamilyDescriptor> descriptors = new ArrayList<>(2);
        descriptors.add(MetricFamilyDescriptor.of(MetricType.COUNTER, connections));
        matches.ifPresent(metadata -> descriptors.add(MetricFamilyDescriptor.of(MetricType.COUNTER, metadata)));
        return descriptors;
    }

    private static List<CounterDataPointSnapshot> points(SeriesTable table) {
        return table.all().stream().map(Series::point).toList();
    }
}
