/**
 * Reading the log from a shell: {@code read} and {@code explain}. Only looks: it needs permission to read and nothing
 * else, and knows nothing of pins and positions.
 */
@NullMarked
package io.policylog.agent.read;

import org.jspecify.annotations.NullMarked;
