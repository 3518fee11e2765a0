package io.policylog.agent.config;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.policylog.sinks.SinkFactory;
import io.policylog.sinks.SinkOption;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.ServiceLoader;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The reference page is what the code says. To bring it up to date, run this test with
 * {@code -Dpolicylog.docs.write=true}.
 */
final class ConfigurationReferenceTest extends ConfigurationTestCase {
    private static final Path PAGE = Path.of("..", "docs", "configuration.md");
    private static final Pattern TABLE =
            Pattern.compile("(<!-- options: ([a-z. ]+) -->\n).*?(<!-- end of options -->)", Pattern.DOTALL);

    @Test
    void everyTableSaysWhatTheCodeSays() throws IOException {
        String page = Files.readString(PAGE);
        Matcher matcher = TABLE.matcher(page);
        StringBuilder upToDate = new StringBuilder();
        while (matcher.find()) {
            matcher.appendReplacement(
                    upToDate,
                    Matcher.quoteReplacement(
                            matcher.group(1) + "\n" + block(matcher.group(2)) + "\n" + matcher.group(3)));
        }
        matcher.appendTail(upToDate);
        if (Boolean.getBoolean("policylog.docs.write")) {
            Files.writeString(PAGE, upToDate);
        }
        assertEquals(upToDate.toString(), Files.readString(PAGE));
    }

    static Stream<String> blocks() {
        return Stream.of("top", "cluster", "log", "state", "state.retain", "http", "logging", "sinks", "sink types");
    }

    @ParameterizedTest
    @MethodSource("blocks")
    void noTableIsMissing(String block) throws IOException {
        assertEquals(
                1,
                TABLE.matcher(Files.readString(PAGE))
                        .results()
                        .filter(table -> table.group(2).equals(block))
                        .count());
    }

    private static String block(String name) {
        return switch (name) {
            case "top" -> table(AgentOptions.TOP);
            case "cluster" -> table(AgentOptions.CLUSTER);
            case "log" -> table(AgentOptions.LOG);
            case "state" -> table(AgentOptions.STATE);
            case "state.retain" -> table(AgentOptions.RETAIN);
            case "http" -> table(AgentOptions.HTTP);
            case "logging" -> table(AgentOptions.LOGGING);
            case "sinks" -> table(AgentOptions.SINK);
            case "sink types" ->
                ServiceLoader.load(SinkFactory.class).stream()
                        .map(ServiceLoader.Provider::get)
                        .sorted(Comparator.comparing(SinkFactory::type))
                        .map(factory -> "### `type: " + factory.type() + "`\n\n" + table(factory.options()))
                        .collect(Collectors.joining("\n"));
            default -> throw new IllegalArgumentException("no options are called " + name);
        };
    }

    private static String table(List<SinkOption> options) {
        return "| key | value | default | |\n|---|---|---|---|\n"
                + options.stream().map(ConfigurationReferenceTest::row).collect(Collectors.joining());
    }

    private static String row(SinkOption option) {
        return "| `%s` | %s | %s | %s |\n"
                .formatted(option.key(), value(option), defaultOf(option), option.description());
    }

    private static String value(SinkOption option) {
        return switch (option.kind()) {
            case TEXT -> "text";
            case INTEGER -> "whole number";
            case BOOLEAN -> "`true`, `false`";
            case DURATION -> "duration";
            case SIZE -> "size";
            case CHOICE -> option.choices().stream().collect(Collectors.joining("`, `", "`", "`"));
            case TEXT_LIST -> "list of texts";
            case TEXT_MAP -> "map of texts";
        };
    }

    private static String defaultOf(SinkOption option) {
        if (option.required()) {
            return "required";
        }
        String value = option.defaultValue();
        return value == null || value.isEmpty() ? "" : "`" + value + "`";
    }
}
