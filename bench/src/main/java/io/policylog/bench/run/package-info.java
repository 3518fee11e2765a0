/** Commands that read a log once, measured from outside by the operating system. */
@NullMarked
package io.policylog.bench.run;

import org.jspecify.annotations.NullMarked;
