/** Reading the log from a shell. */
@NullMarked
package io.policylog.agent.read;

import org.jspecify.annotations.NullMarked;
