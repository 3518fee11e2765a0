/** Commands that read a log once, measured from outside by the operating system. */
@NullMarked
package io.policylog.bench.drain;

import org.jspecify.annotations.NullMarked;
