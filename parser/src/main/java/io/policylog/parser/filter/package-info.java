/**
 * The compiled filter: a query in the Logging query language, tested against parsed records without building a tree.
 *
 * <p>The way of a query: {@code Lexer} makes tokens, {@code QueryParser} an {@code Expression}, {@code FilterCompiler} a
 * {@code Condition}, which {@link io.policylog.parser.filter.Filter} asks for each record.
 */
@NullMarked
package io.policylog.parser.filter;

import org.jspecify.annotations.NullMarked;
