/** The agent as a process, against the real things: killed, restarted, and asked what it has delivered. */
@NullMarked
package io.policylog.agent.process;

import org.jspecify.annotations.NullMarked;
