/** The configuration: read, checked as a whole, and handed on as records. */
@NullMarked
package io.policylog.agent.config;

import org.jspecify.annotations.NullMarked;
