package io.policylog.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

/** docs/command-line.md names every command, and every option of those that read and validate, and no other. */
final class CommandLinePageTest {
    private static final Path PAGE = Path.of("..", "docs", "command-line.md");
    private static final Pattern NAMED = Pattern.compile("^\\| (`-[^|]*`) \\|", Pattern.MULTILINE);
    private static final Pattern OPTION = Pattern.compile("`(-[a-z-]+)`");

    @Test
    void everyOptionIsInTheReferenceAndNoOther() throws IOException {
        Set<String> options = new TreeSet<>();
        for (String command : new String[] {"read", "explain", "validate"}) {
            for (OptionSpec option : alone(command).getCommandSpec().options()) {
                if (!option.usageHelp()) {
                    options.addAll(Set.of(option.names()));
                }
            }
        }
        Set<String> named = new TreeSet<>();
        Matcher rows = NAMED.matcher(Files.readString(PAGE));
        while (rows.find()) {
            Matcher names = OPTION.matcher(rows.group(1));
            while (names.find()) {
                named.add(names.group(1));
            }
        }
        assertEquals(options, named);
    }

    @Test
    void everyCommandIsInTheReference() throws IOException {
        String page = Files.readString(PAGE);
        Main.allCommands().getSubcommands().keySet().forEach(name -> {
            assertTrue(page.contains("| `" + name + "` |"), name);
        });
    }

    @Test
    void aCommandAloneIsTheSameAsAmongAll() {
        for (CommandLine command : Main.allCommands().getSubcommands().values()) {
            String name = command.getCommandName();
            assertEquals(command.getUsageMessage(), alone(name).getUsageMessage());
        }
    }

    private static CommandLine alone(String name) {
        return Objects.requireNonNull(Main.commandLine(name).getSubcommands().get(name));
    }
}
