package io.policylog.sinks;

import java.io.Console;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Whether somebody looks at the standard output. On Linux that is a look at {@code /proc}, which costs nothing. */
public final class Terminal {
    private static final Path STDOUT = Path.of("/proc/self/fd/1");

    private Terminal() {}

    /** Whether the standard output is a terminal, which obeys escape sequences. */
    public static boolean isStandardOutput() {
        try {
            if (Files.exists(STDOUT)) {
                String target = Files.readSymbolicLink(STDOUT).toString();
                return target.startsWith("/dev/pts/") || target.startsWith("/dev/tty") || target.equals("/dev/console");
            }
        } catch (IOException e) {
            return false;
        }
        return Optional.ofNullable(System.console()).map(Console::isTerminal).orElse(false);
    }
}
