/** The sink that counts records, and the exposition of all metrics. */
@NullMarked
package io.policylog.sinks.prometheus;

import org.jspecify.annotations.NullMarked;
