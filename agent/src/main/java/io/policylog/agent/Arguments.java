package io.policylog.agent;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/** The arguments as they were typed: in a locale without UTF-8 the JVM can't decode those that are not ASCII. */
final class Arguments {
    private static final Path COMMAND_LINE = Path.of("/proc/self/cmdline");

    private Arguments() {}

    /** The same arguments, decoded as UTF-8 if the JVM could not and the kernel still has them. */
    static String[] of(String[] decoded) {
        if (Arrays.stream(decoded).allMatch(argument -> argument.chars().allMatch(c -> c < 0x80))
                || "UTF-8".equalsIgnoreCase(System.getProperty("sun.jnu.encoding"))) {
            return decoded;
        }
        try {
            List<String> all = List.of(new String(Files.readAllBytes(COMMAND_LINE), UTF_8).split("\0", -1));
            // The last ones are ours, and what follows the last terminator is empty.
            int end = all.size() - 1;
            return all.subList(end - decoded.length, end).toArray(String[]::new);
        } catch (IOException e) {
            return decoded;
        }
    }
}
