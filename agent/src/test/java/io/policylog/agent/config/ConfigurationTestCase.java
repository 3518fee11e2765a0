package io.policylog.agent.config;

import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.io.TempDir;

/** Loads configurations in a machine that is all made up. */
abstract class ConfigurationTestCase {
    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it
    private Path folder;

    final Map<String, String> environment = new HashMap<>();
    boolean stdoutIsTerminal;

    final Configuration load(String yaml, String... overrides) throws Exception {
        return load(Optional.of(file(yaml)), overrides);
    }

    final Configuration load(Optional<Path> file, String... overrides) throws ConfigurationException {
        return new ConfigurationLoader(environment, () -> "host-1", stdoutIsTerminal, List.of(TestFactory.values()))
                .load(file, List.of(overrides));
    }

    /** The problems, one a line, the file shown as {@code f}. */
    final String problems(String yaml, String... overrides) throws Exception {
        Path file = file(yaml);
        ConfigurationException e = assertThrows(ConfigurationException.class, () -> load(Optional.of(file), overrides));
        return String.valueOf(e.getMessage()).replace(file.toString(), "f");
    }

    final Path file(String yaml) throws IOException {
        return Files.writeString(folder.resolve("policylog.yaml"), yaml);
    }

    final Path folder() {
        return folder;
    }
}
