package io.policylog.agent.read;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** How many columns a line of the terminal has. */
final class TerminalWidth {
    private static final Pattern STTY_SIZE = Pattern.compile("[0-9]{1,5} ([0-9]{1,5})\\s*");
    private static final Pattern COLUMNS = Pattern.compile("[0-9]{1,5}");

    private TerminalWidth() {}

    /** What {@code COLUMNS} says, else {@code stty}; 0 if neither does. */
    static int ask(Map<String, String> environment) {
        String columns = environment.getOrDefault("COLUMNS", "");
        if (COLUMNS.matcher(columns).matches() && Integer.parseInt(columns) > 0) {
            return Integer.parseInt(columns);
        }
        try {
            Process stty = new ProcessBuilder("stty", "size")
                    .redirectInput(new File("/dev/tty"))
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            String size = new String(stty.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
            Matcher matcher = STTY_SIZE.matcher(size);
            return matcher.matches() ? Integer.parseInt(matcher.group(1)) : 0;
        } catch (IOException e) {
            return 0; // No such program, or no terminal: then nothing is cut.
        }
    }
}
