/** The contract between the pipelines and their destinations, and what every sink needs to keep it. */
@NullMarked
package io.policylog.sinks;

import org.jspecify.annotations.NullMarked;
