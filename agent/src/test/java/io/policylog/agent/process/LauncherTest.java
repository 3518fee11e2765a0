package io.policylog.agent.process;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The launcher of a build that is there, with a java that says what it was given. */
final class LauncherTest {
    private static final Path SOURCE = Path.of("..");
    private static final String JAVA = """
            #!/bin/sh
            while [ "$1" != -jar ]; do shift; done
            shift 2
            for word; do echo "<$word>"; done
            seen=$(for fd in 0 1 2; do echo "$fd=$(readlink /proc/$$/fd/$fd)"; done)
            [ "$1" != descriptors ] || echo "$seen" >"$2"
            [ "$1" != locale ] || echo "$LC_ALL ${POLICYLOG_LOCALE-same}"
            exit 7
            """;

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it
    private Path home;

    private void file(String name, String text) throws Exception {
        Path file = home.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
        assertTrue(file.toFile().setExecutable(true));
    }

    @BeforeEach
    void build() throws Exception {
        file("policylog", Files.readString(SOURCE.resolve("policylog")));
        file("tools/jdk.sh", Files.readString(SOURCE.resolve("tools").resolve("jdk.sh")));
        file("jdk/bin/java", JAVA);
        file("jdk/bin/javac", "");
        file("jdk/release", "JAVA_VERSION=\"25\"\n");
        file("agent/target/policylog/lib/policylog-agent.jar", "");
        file("agent/target/policylog.built", "");
    }

    private String run(String line) throws Exception {
        ProcessBuilder shell = new ProcessBuilder("sh", "-c", line).redirectErrorStream(true);
        shell.environment().putAll(Map.of("JAVA_HOME", home.resolve("jdk").toString(), "HOME", home.toString()));
        Process process = shell.directory(home.toFile()).start();
        process.getOutputStream().close();
        String out = new String(process.getInputStream().readAllBytes(), UTF_8);
        return out + process.waitFor();
    }

    @Test
    void argumentsAndTheExitCodePassThroughASymbolicLink() throws Exception {
        Files.createDirectories(home.resolve("bin"));
        Files.createSymbolicLink(home.resolve("bin").resolve("pl"), Path.of("..", "policylog"));
        assertEquals("<read>\n<a \"b\" *>\n<>\n7", run("bin/pl read 'a \"b\" *' ''"));
    }

    /** Else it could not open files whose names are not ASCII. */
    @ParameterizedTest
    @CsvSource({
        "LC_ALL=C, C.UTF-8 C",
        "LC_ALL= LANG=POSIX, C.UTF-8 POSIX",
        "LC_ALL= LC_CTYPE= LANG=, C.UTF-8 C",
        "LC_ALL=C.UTF-8, C.UTF-8 same",
    })
    void theJvmAlwaysHasALocaleOfUtf8(String environment, String seen) throws Exception {
        assertEquals("<locale>\n" + seen + "\n7", run(environment + " ./policylog locale"));
    }

    /** The JVM would open its own files there; with the standard input closed it crashed. */
    @ParameterizedTest
    @CsvSource({"0, <&-", "1, >&-", "2, 2>&-"})
    void aDescriptorThatIsClosedIsGivenToNoFile(int descriptor, String closed) throws Exception {
        run("./policylog descriptors seen " + closed);
        assertEquals(
                descriptor + "=/dev/null",
                Files.readAllLines(home.resolve("seen")).get(descriptor));
    }
}
