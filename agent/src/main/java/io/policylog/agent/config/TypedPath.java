package io.policylog.agent.config;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.stream.Stream;

/** A path as somebody wrote it. */
public final class TypedPath {
    private TypedPath() {}

    /**
     * The path. The JVM takes the encoding of names from the locale at its start, and has no other way to a file.
     *
     * @throws IllegalArgumentException with the rule, and the locale if another would do
     */
    public static Path of(String text) {
        try {
            return Path.of(text);
        } catch (InvalidPathException e) {
            throw new IllegalArgumentException(
                    "must be a path; found " + Problems.quote(text) + (isLocaleToBlame(text) ? hint() : ""), e);
        }
    }

    private static boolean isLocaleToBlame(String text) {
        return text.indexOf('\0') < 0 && !"UTF-8".equals(System.getProperty("sun.jnu.encoding"));
    }

    private static String hint() {
        String locale = Stream.of("LC_ALL", "LC_CTYPE", "LANG")
                .map(name -> System.getenv().getOrDefault(name, ""))
                .filter(value -> !value.isEmpty())
                .findFirst()
                .orElse("C");
        return ", which has characters that are none in the locale " + locale + "; set LC_ALL=C.UTF-8";
    }
}
