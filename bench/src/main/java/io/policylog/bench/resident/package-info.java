/** What the agent costs its node: memory, processor time, and the time to its first record. */
@NullMarked
package io.policylog.bench.resident;

import org.jspecify.annotations.NullMarked;
