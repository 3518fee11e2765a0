package io.policylog.sinks.prometheus;

import io.policylog.parser.MalformedLine;
import io.policylog.parser.PolicyRecord;
import io.policylog.sinks.Batch;
import io.policylog.sinks.CommitPolicy;
import io.policylog.sinks.LineVisitor;
import io.policylog.sinks.Position;
import io.policylog.sinks.Sink;
import io.policylog.sinks.SinkException;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;

/**
 * Counts records. The counters live in memory; a commit writes them and the position as one file and then lets scrapes
 * see them. Confined to the pipeline's thread but for what {@link CommittedCounters} says.
 */
final class PrometheusSink implements Sink {
    /** Read at leisure: nobody sees a line before a scrape, which wakes the pipeline. */
    private static final CommitPolicy COMMIT_POLICY =
            new CommitPolicy(CommitPolicy.Pacing.CONTINUOUS, Duration.ofSeconds(30), Duration.ofMillis(250));

    private final CounterSettings settings;
    private final SeriesMeters meters;
    private final CounterFile file;
    private final CommittedCounters committed;
    private final Clock clock;
    private Counters counters;

    PrometheusSink(
            CounterSettings settings, SeriesMeters meters, CounterFile file, CommittedCounters committed, Clock clock) {
        this.settings = settings;
        this.meters = meters;
        this.file = file;
        this.committed = committed;
        this.clock = clock;
        this.counters = new Counters(settings, meters);
    }

    @Override
    public Optional<Position> open() throws SinkException {
        counters = new Counters(settings, meters);
        Optional<Position> position = file.read(counters, nowSecond());
        committed.publish(counters);
        return position;
    }

    @Override
    public CommitPolicy commitPolicy() {
        return COMMIT_POLICY;
    }

    @Override
    public void write(Batch batch) throws SinkException {
        Counters into = counters;
        into.now(nowSecond());
        batch.forEach(new LineVisitor() {
            @Override
            public void record(PolicyRecord record, long offset) {
                into.add(record);
            }

            @Override
            public void malformed(MalformedLine line, long offset) {
                // The pipeline counts malformed lines by reason, for every sink.
            }
        });
    }

    @Override
    public void commit(Position position) throws SinkException {
        file.write(position, counters);
        // Only now: a sample that was served is never taken back, whenever the process dies.
        committed.publish(counters);
    }

    @Override
    public void close() {
        counters = new Counters(settings, meters);
    }

    private long nowSecond() {
        return clock.instant().getEpochSecond();
    }
}
