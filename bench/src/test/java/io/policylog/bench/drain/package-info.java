@NullMarked
package io.policylog.bench.drain;

import org.jspecify.annotations.NullMarked;
