@NullMarked
package io.policylog.bench.run;

import org.jspecify.annotations.NullMarked;
