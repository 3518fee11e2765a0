package io.policylog.sinks.kafka;

import io.policylog.sinks.Batch;
import io.policylog.sinks.CommitPolicy;
import io.policylog.sinks.CommitPolicy.Pacing;
import io.policylog.sinks.Position;
import io.policylog.sinks.Sink;
import io.policylog.sinks.SinkContext;
import io.policylog.sinks.SinkException;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Delivers to Kafka; see {@code docs/delivery.md} for what that promises. Confined to the pipeline's thread. */
final class KafkaSink implements Sink {
    private final KafkaSettings settings;
    private final SinkContext context;
    private final RefusedIds refusedRecords = new RefusedIds();
    private final MalformedLines malformedLines;
    private final Throttle throttle;
    private @Nullable KafkaSession session;

    KafkaSink(KafkaSettings settings, SinkContext context) {
        this.settings = settings;
        this.context = context;
        this.malformedLines = new MalformedLines(context.meterRegistry(), context.name());
        this.throttle = new Throttle(settings.maxBytesPerSecond());
    }

    @Override
    public Optional<Position> open() throws SinkException {
        close();
        refusedRecords.reopened();
        malformedLines.reopened();
        KafkaSession opened = new KafkaSession(settings, context, refusedRecords, malformedLines);
        session = opened;
        return opened.resume();
    }

    @Override
    public CommitPolicy commitPolicy() {
        return switch (settings.guarantee()) {
            case EXACTLY_ONCE -> new CommitPolicy(Pacing.HOLD_INPUT, interval());
            case AT_LEAST_ONCE -> new CommitPolicy(Pacing.CONTINUOUS, interval());
        };
    }

    /**
     * While the broker refuses records each read is committed: what a drain writes in an interval can be more than the
     * refused ones that are remembered, and would be refused for ever.
     */
    private Duration interval() {
        boolean refusing =
                !refusedRecords.isEmpty() || !malformedLines.refused().isEmpty();
        return refusing ? Duration.ZERO : settings.commitInterval();
    }

    @Override
    public void write(Batch batch) throws SinkException {
        throttle.await();
        throttle.sent(opened().write(batch));
    }

    @Override
    public void commit(Position position) throws SinkException {
        opened().commit(position);
    }

    @Override
    public void close() {
        KafkaSession open = session;
        session = null;
        if (open != null) {
            open.close();
        }
    }

    private KafkaSession opened() {
        if (session == null) {
            throw new IllegalStateException("the sink is not open");
        }
        return session;
    }
}
