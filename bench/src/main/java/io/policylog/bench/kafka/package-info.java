/** Drains of a log to a Kafka broker on the same machine. */
@NullMarked
package io.policylog.bench.kafka;

import org.jspecify.annotations.NullMarked;
