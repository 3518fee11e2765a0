package io.policylog.agent.read;

import io.policylog.sinks.Terminal;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.InstantSource;
import java.util.Locale;
import java.util.Map;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;

/**
 * What a command sees of the shell that it was started from.
 *
 * @param outIsTerminal whether {@code out} obeys escape sequences
 * @param errIsTerminal whether somebody watches the standard error
 * @param environment the environment's variables
 * @param width asks for the number of columns of the terminal; 0 if it can't be told
 * @param time the time
 * @param nanoTime a monotonic clock
 */
record Shell(
        InputStream in,
        OutputStream out,
        boolean outIsTerminal,
        boolean errIsTerminal,
        Map<String, String> environment,
        IntSupplier width,
        InstantSource time,
        LongSupplier nanoTime) {

    /** The one that this process has. */
    static Shell system() {
        Map<String, String> environment = System.getenv();
        return new Shell(
                // Not System.out: a PrintStream hides errors.
                new FileInputStream(FileDescriptor.in),
                new FileOutputStream(FileDescriptor.out),
                Terminal.isStandardOutput(),
                Terminal.isStandardError(),
                environment,
                () -> TerminalWidth.ask(environment),
                InstantSource.system(),
                System::nanoTime);
    }

    String variable(String name) {
        return environment.getOrDefault(name, "");
    }

    /** Whether text may be coloured (no-color.org). */
    boolean colour() {
        return outIsTerminal
                && variable("NO_COLOR").isEmpty()
                && !variable("TERM").equals("dumb");
    }

    /**
     * Whether a terminal is best given nothing but ASCII: its locale does not say UTF-8. A pipe or a file gets UTF-8
     * whatever the locale, so that the same command writes the same bytes everywhere.
     */
    boolean ascii() {
        // The launcher may have started the JVM in another locale than the terminal's, and then says which that is.
        String locale = variable("POLICYLOG_LOCALE");
        for (String name : new String[] {"LC_ALL", "LC_CTYPE", "LANG"}) {
            locale = locale.isEmpty() ? variable(name) : locale;
        }
        String plain = locale.toLowerCase(Locale.ROOT);
        return outIsTerminal && !plain.contains("utf-8") && !plain.contains("utf8");
    }
}
