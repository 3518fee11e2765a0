/**
 * The node's writer, simulated: a seeded cluster whose connections are logged as a GKE Dataplane V2 node logs them, in
 * the same shapes, with the same folding, limits and rotation. For trying things out, for tests and for benchmarks.
 *
 * <p>{@link io.policylog.agent.simulate.TrafficGenerator} makes lines, {@link io.policylog.agent.simulate.LogWriter}
 * keeps files; either is of use alone.
 */
@NullMarked
package io.policylog.agent.simulate;

import org.jspecify.annotations.NullMarked;
