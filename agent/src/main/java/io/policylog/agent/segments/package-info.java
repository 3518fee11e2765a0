/**
 * The log's segments: found, identified by content, ordered once, pinned against unlinking, and released when every
 * pipeline is past them. Knows nothing of records and sinks.
 */
@NullMarked
package io.policylog.agent.segments;

import org.jspecify.annotations.NullMarked;
