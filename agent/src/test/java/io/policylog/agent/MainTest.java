package io.policylog.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.policylog.agent.config.ConfigurationLoader;
import io.policylog.sinks.NodeIdentity;
import io.policylog.sinks.OptionProblem;
import io.policylog.sinks.Sink;
import io.policylog.sinks.SinkContext;
import io.policylog.sinks.SinkFactory;
import io.policylog.sinks.SinkOption;
import io.policylog.sinks.SinkOptions;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.channels.ClosedChannelException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;
import picocli.CommandLine.Command;

final class MainTest {
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it
    private Path folder;

    @Test
    void withoutACommandTheUsageIsShownAndTheExitCodeIsTwo() {
        assertEquals(2, run());
        assertTrue(err.toString().startsWith("policylog needs a command\nUsage: policylog "), err::toString);
        assertEquals("", out.toString());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "validate --confg=x|unknown option: '--confg=x'; did you mean --config?|validate",
                "raed --limit 3|unknown command: 'raed'; did you mean read?|",
                "position lst|unknown command: 'lst'; did you mean list?|position",
                "read disposition=deny dest.namespace=shop|one argument too many: 'dest.namespace=shop';"
                        + " one with blanks in it needs quotes around it|read",
                "read -disposition=allow|unknown option: '-disposition=allow'; before an argument that begins with - goes"
                        + " a -- of its own|read",
                "version --no-such|unknown option: '--no-such'|version",
                "version \u001b[2J|one argument too many: '\\x1b[2J'|version",
                "read --freshness \u001b[2J|--freshness must be a duration such as 200ms, 5s, 1m, 2h or 7d;"
                        + " found '\\x1b[2J'|read",
                "read --limit x|Invalid value for option '--limit': must be a whole number; found 'x'|read",
                "explain a|Missing required parameter: 'DEST[:PORT]'|explain",
                "position export|Missing required parameter: 'SINK'|position export",
            })
    void whatIsWrongWithACommandLineStandsAboveWhereToReadOn(String line, String message, @Nullable String command) {
        assertEquals(2, run(line.split(" ")));
        String name = command == null ? "policylog" : "policylog " + command;
        assertEquals(message + "\nTry '" + name + " --help'.\n", err.toString());
        assertEquals("", out.toString());
    }

    @Test
    void everyCommandHasHelpWithAnExample() {
        for (String command : Main.allCommands().getSubcommands().keySet()) {
            out.getBuffer().setLength(0);
            assertEquals(0, run(command, "--help"));
            assertTrue(out.toString().contains("Example"), out::toString);
            assertTrue(out.toString().contains("policylog " + command), out::toString);
        }
        assertEquals("", err.toString());
    }

    @Test
    void versionNamesVersionCommitAndJdk() {
        assertEquals(0, run("version"));
        assertTrue(
                out.toString().matches("policylog [0-9][^\n$]*\ncommit [0-9a-z][^\n$]*\nJDK 25[^\n]*\n"),
                out::toString);
    }

    @Test
    void problemsGoToStderrAndTheExitCodeIsTwo() throws Exception {
        Path file = Files.writeString(folder.resolve("c.yaml"), "lgo: {}\nnode: n\nhttp: {listen: x}\n");
        assertEquals(2, run("validate", "--config", file.toString(), "--set", "sinks=[]"));
        assertEquals("""
                FILE:3:8: http.listen: must be host:port, such as 0.0.0.0:9464, localhost:9464 or [::]:9464; found "x"
                --set: sinks: must name at least one sink, such as - type: stdout
                FILE:1:1: lgo: unknown key; did you mean "log"?
                """.replace("FILE", file.toString()), err.toString());
        assertEquals("", out.toString());
    }

    /** Kubernetes keeps the end of what a container said, 2 KiB of it. */
    @Test
    void theEndOfManyProblemsTellsOfThoseBefore() throws Exception {
        StringBuilder yaml = new StringBuilder("lgo: {}\n");
        for (int i = 0; i < 40; i++) {
            yaml.append("unknown").append(i).append(": 1\n");
        }
        Path file = Files.writeString(folder.resolve("many.yaml"), yaml);
        assertEquals(2, run("run", "--config", file.toString(), "--set", "sinks.0.type=stdout"));
        String last = err.toString().lines().toList().getLast();
        assertTrue(last.matches("policylog: 4[0-9] problems in all, of which the first: .*: lgo: .*"), last);
    }

    @Test
    void aValidConfigurationIsSummarizedWithoutOptions() throws Exception {
        Path file = Files.writeString(folder.resolve("c.yaml"), """
                cluster: {name: prod-1}
                sinks: [{type: vault, name: denies, filter: severity>INFO, password: hunter2}]
                """);
        ConfigurationLoader loader = new ConfigurationLoader(Map.of(), () -> "host-1", false, List.of(new Vault()));
        CommandLine validate = new CommandLine(new ValidateCommand(new ConfigurationOptions(loader)).spec())
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err));
        assertEquals(0, validate.execute("-c", file.toString(), "--set", "log.directory=/x"));
        assertEquals("""
                The configuration is valid.
                node     host-1 of cluster prod-1
                log      /x/policy_action*
                state    /x/.policylog
                http     0.0.0.0:9464
                sink     denies (vault), filtered
                """, out.toString());
        assertEquals("", err.toString());
    }

    @Test
    void anOddFilterIsWarnedOfAndAnUnreachableDestinationIsAFailureOnlyWhenItIsTried() throws Exception {
        Path file = Files.writeString(folder.resolve("c.yaml"), """
                node: n
                sinks: [{type: vault, password: hunter2, filter: dispositon=deny}]
                """);
        ConfigurationLoader loader = new ConfigurationLoader(Map.of(), () -> "host-1", false, List.of(new Vault()));
        for (boolean connect : new boolean[] {false, true}) {
            err.getBuffer().setLength(0);
            CommandLine validate = new CommandLine(new ValidateCommand(new ConfigurationOptions(loader)).spec())
                    .setOut(new PrintWriter(out))
                    .setErr(new PrintWriter(err));
            String[] arguments = {"-c", file.toString(), "--connect"};
            assertEquals(connect ? 1 : 0, validate.execute(Arrays.copyOf(arguments, connect ? 3 : 2)));
            assertTrue(err.toString().startsWith("warning: sink vault, filter, line 1, column 1: "), err::toString);
            assertEquals(connect, err.toString().endsWith("\nsink vault: the vault of n is closed\n"), err::toString);
        }
    }

    @Test
    void aFailureIsAMessageAndADefectIsAStack() {
        assertEquals(1, execute(new Fails(new Exception("the port is taken"))));
        assertEquals("policylog: the port is taken\n", err.toString());
        err.getBuffer().setLength(0);
        assertEquals(1, execute(new Fails(new AccessDeniedException("/a"))));
        assertEquals("policylog: AccessDenied: /a\n", err.toString());
        err.getBuffer().setLength(0);
        assertEquals(1, execute(new Fails(new FileSystemException("/a", null, "Too many levels of symbolic links"))));
        assertEquals("policylog: /a: Too many levels of symbolic links\n", err.toString());
        err.getBuffer().setLength(0);
        assertEquals(1, execute(new Fails(new ClosedChannelException())));
        assertEquals("policylog: ClosedChannel\n", err.toString());
        err.getBuffer().setLength(0);
        assertEquals(1, execute(new Fails(new IllegalStateException("defect"))));
        assertTrue(err.toString().startsWith("java.lang.IllegalStateException: defect\n\tat "), err::toString);
        assertFalse(err.toString().isEmpty());
    }

    private int run(String... arguments) {
        return Main.allCommands()
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err))
                .execute(arguments);
    }

    private int execute(Fails command) {
        return Main.allCommands()
                .addSubcommand("fails", command)
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err))
                .execute("fails");
    }

    @Command
    private static final class Fails implements Callable<Integer> {
        private final Exception failure;

        Fails(Exception failure) {
            this.failure = failure;
        }

        @Override
        public Integer call() throws Exception {
            throw failure;
        }
    }

    private static final class Vault implements SinkFactory {
        @Override
        public String type() {
            return "vault";
        }

        @Override
        public List<SinkOption> options() {
            return List.of(SinkOption.required("password", SinkOption.Kind.TEXT, "A secret."));
        }

        @Override
        public List<OptionProblem> check(SinkOptions options, NodeIdentity node) {
            return List.of();
        }

        @Override
        public List<String> tryDestination(
                SinkOptions options, NodeIdentity node, String name, boolean hasPositionFile) {
            return List.of("the " + name + " of " + node.node() + " is closed");
        }

        @Override
        public Sink create(SinkOptions options, SinkContext context) {
            throw new UnsupportedOperationException();
        }
    }
}
