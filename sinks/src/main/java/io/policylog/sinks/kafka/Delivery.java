package io.policylog.sinks.kafka;

import io.policylog.sinks.Position;
import io.policylog.sinks.SinkException;
import java.util.Optional;

/** What makes records and position durable together. Confined to the pipeline's thread. */
sealed interface Delivery permits ExactlyOnce, AtLeastOnce {
    /** Where to resume. */
    Optional<Position> open() throws SinkException;

    /** The first record since a commit follows, or a commit without records. */
    void begin() throws SinkException;

    /** Everything sent so far is durable, together with the position. */
    void commit(Position position) throws SinkException;
}
