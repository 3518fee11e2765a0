/** The sink that writes records to the standard output. */
@NullMarked
package io.policylog.sinks.stdout;

import org.jspecify.annotations.NullMarked;
