package io.policylog.sinks;

import java.io.Console;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Whether somebody looks at the standard output, or error. On Linux that is a look at {@code /proc}, which costs nothing. */
public final class Terminal {
    private Terminal() {}

    /** Whether the standard output is a terminal, which obeys escape sequences. */
    public static boolean isStandardOutput() {
        return isTerminal(1);
    }

    /** Whether the standard error is a terminal. */
    public static boolean isStandardError() {
        return isTerminal(2);
    }

    private static boolean isTerminal(int descriptor) {
        Path link = Path.of("/proc/self/fd/" + descriptor);
        try {
            if (Files.exists(link)) {
                String target = Files.readSymbolicLink(link).toString();
                return target.startsWith("/dev/pts/") || target.startsWith("/dev/tty") || target.equals("/dev/console");
            }
        } catch (IOException e) {
            return false;
        }
        return Optional.ofNullable(System.console()).map(Console::isTerminal).orElse(false);
    }
}
