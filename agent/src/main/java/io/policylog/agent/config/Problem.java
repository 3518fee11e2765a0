package io.policylog.agent.config;

/**
 * Something wrong with the configuration.
 *
 * @param place {@code file:line:column}, or the file alone, or {@code --set}
 * @param key the key with all keys above it, joined by dots; empty when the whole is meant
 * @param message rule, found value, and what to do; without a secret and without control characters
 */
public record Problem(String place, String key, String message) {
    /** One line, as a compiler would write it. */
    @Override
    public String toString() {
        return place + ": " + (key.isEmpty() ? "" : key + ": ") + message;
    }
}
