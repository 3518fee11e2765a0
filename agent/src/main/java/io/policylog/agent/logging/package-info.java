/** The program's own log: on the standard error, harmless to a terminal, and never in anybody's way. */
@NullMarked
package io.policylog.agent.logging;

import org.jspecify.annotations.NullMarked;
