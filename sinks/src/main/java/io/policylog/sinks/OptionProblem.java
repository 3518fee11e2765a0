package io.policylog.sinks;

/**
 * Something wrong with an option.
 *
 * @param key the option's key; for an entry of a map, {@code key.entry}
 * @param message rule, found value, and what to do; without a secret
 */
public record OptionProblem(String key, String message) {}
