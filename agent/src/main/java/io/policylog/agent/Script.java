package io.policylog.agent;

import java.util.Arrays;

/**
 * The command line as the interpreter of a file, {@code #!java @options}: a command without a shell. The system puts the
 * file's own path before the arguments.
 */
final class Script {
    private Script() {}

    /** Runs one command. */
    public static void main(String[] args) {
        Main.main(Arrays.copyOfRange(args, 1, args.length));
    }
}
