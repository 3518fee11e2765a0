package io.policylog.agent.config;

import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Fills {@code ${NAME}} and {@code ${NAME:-default}} (when the variable is unset or empty) into values, once: what a
 * variable holds is taken as it is. A doubled dollar before a brace stands for a plain one.
 */
final class Environment {
    private static final Pattern REFERENCE = Pattern.compile("\\$(\\$)?\\{([^}]*)(})?");
    private static final Pattern VARIABLE = Pattern.compile("([A-Za-z_][A-Za-z0-9_]*)(?::-(.*))?", Pattern.DOTALL);

    /** What Kafka's configuration providers fill in, for example {@code ${file:/etc/secret:password}}. */
    private static final Pattern PROVIDED = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*:(?!-).*", Pattern.DOTALL);

    private final Map<String, String> variables;

    Environment(Map<String, String> variables) {
        this.variables = Map.copyOf(variables);
    }

    /**
     * The text with its references filled in.
     *
     * @param keepProvided whether {@code ${provider:…}} stays as it is, for the sink
     * @throws IllegalArgumentException with what is wrong and what to do; names variables, never what they hold
     */
    String fill(String text, boolean keepProvided) {
        if (text.indexOf("${") < 0) {
            return text;
        }
        Matcher matcher = REFERENCE.matcher(text);
        StringBuilder filled = new StringBuilder();
        int end = 0;
        while (matcher.find()) {
            filled.append(text, end, matcher.start());
            if (matcher.group(1) != null) {
                filled.append(text, matcher.start() + 1, matcher.end());
            } else if (matcher.group(3) == null) {
                throw new IllegalArgumentException(
                        "a reference ${ without its closing }; write ${NAME} or ${NAME:-default}, or $${ for a plain ${");
            } else if (keepProvided && PROVIDED.matcher(matcher.group(2)).matches()) {
                filled.append(matcher.group());
            } else {
                filled.append(variable(matcher.group(2)));
            }
            end = matcher.end();
        }
        return filled.append(text, end, text.length()).toString();
    }

    private String variable(String reference) {
        Matcher matcher = VARIABLE.matcher(reference);
        if (!matcher.matches()) {
            throw new IllegalArgumentException("a reference that is neither ${NAME} nor ${NAME:-default}, NAME being"
                    + " letters, digits and _; write $${ for a plain ${");
        }
        String name = matcher.group(1);
        String fallback = matcher.group(2);
        String value = variables.getOrDefault(name, "");
        if (fallback != null && value.isEmpty()) {
            return fallback;
        }
        if (!variables.containsKey(name)) {
            throw new IllegalArgumentException(
                    "the environment variable " + name + " is not set; set it, or write ${" + name + ":-default}");
        }
        return value;
    }
}
