/**
 * A pipeline: one sink with its reader, parser and filter, on a thread and at a position of its own.
 */
@NullMarked
package io.policylog.agent.pipeline;

import org.jspecify.annotations.NullMarked;
