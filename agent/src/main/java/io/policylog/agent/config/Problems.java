package io.policylog.agent.config;

import io.policylog.parser.Printable;
import java.util.ArrayList;
import java.util.List;

/** Collects what is wrong, up to a bound. */
final class Problems {
    /** So many are told; a file with more is not meant as a configuration. */
    static final int MAX = 100;

    /** So many characters of a value are quoted. */
    private static final int MAX_QUOTED = 100;

    private final List<Problem> found = new ArrayList<>();
    private int count;

    void add(Place place, String key, String message) {
        count++;
        if (count <= MAX) {
            found.add(new Problem(Printable.of(place.toString()), Printable.of(key), Printable.of(message)));
        }
    }

    int count() {
        return count;
    }

    void throwIfAny() throws ConfigurationException {
        if (count > MAX) {
            found.add(new Problem(
                    found.getFirst().place().replaceFirst("(:[0-9]+){2}$", ""),
                    "",
                    "has " + (count - MAX) + " more problems; mend those above first"));
            count = found.size();
        }
        if (!found.isEmpty()) {
            throw new ConfigurationException(found);
        }
    }

    /** The value in double quotes, shortened, and harmless to a terminal. */
    static String quote(String value) {
        boolean isLong = value.codePointCount(0, value.length()) > MAX_QUOTED;
        String shown = isLong ? value.substring(0, value.offsetByCodePoints(0, MAX_QUOTED)) : value;
        return '"' + Printable.of(shown) + (isLong ? "…" : "") + '"';
    }
}
