/** The sink that delivers to Kafka, exactly once or at least once. */
@NullMarked
package io.policylog.sinks.kafka;

import org.jspecify.annotations.NullMarked;
