/** Benchmarks. */
@NullMarked
package io.policylog.bench;

import org.jspecify.annotations.NullMarked;
