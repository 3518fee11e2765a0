/** Real parts that the tests of several modules use. */
@NullMarked
package io.policylog.sinks.testing;

import org.jspecify.annotations.NullMarked;
