/**
 * From the bytes of the policy log to normalized records: the streaming parser, the normalizer, the compiled filter and
 * the output formats. Nothing here touches files, threads, clocks or sinks.
 */
@NullMarked
package io.policylog.parser;

import org.jspecify.annotations.NullMarked;
