/** How a record is shown: the output formats behind {@link io.policylog.parser.format.RecordFormat}. */
@NullMarked
package io.policylog.parser.format;

import org.jspecify.annotations.NullMarked;
