/** The program: its command line, and how its parts are put together. */
@NullMarked
package io.policylog.agent;

import org.jspecify.annotations.NullMarked;
