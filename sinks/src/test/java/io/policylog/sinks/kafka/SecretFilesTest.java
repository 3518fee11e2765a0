package io.policylog.sinks.kafka;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.policylog.sinks.SinkException;
import io.policylog.sinks.SinkException.Kind;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SecretFilesTest {
    @TempDir
    private Path folder;

    @Test
    void replacesEachReferenceByTheFilesText() throws Exception {
        Path one = Files.writeString(folder.resolve("one"), "1\n");
        Path two = Files.writeString(folder.resolve("two"), "line\nline $1 \\2\n");
        assertEquals(
                "a 1 b line\nline $1 \\2", SecretFiles.resolve("x", "a ${file:" + one + "} b ${file:" + two + "}"));
        assertEquals("plain ${NAME}", SecretFiles.resolve("x", "plain ${NAME}"));
    }

    @Test
    void quotesWhatStandsInAJaasConfiguration() throws Exception {
        Path file = Files.writeString(folder.resolve("password"), "a\"b\\c\nd");
        assertEquals(
                "password=\"a\\\"b\\\\c\\nd\";",
                SecretFiles.resolve("sasl.jaas.config", "password=\"${file:" + file + "}\";"));
    }

    @Test
    void aFileThatIsMissingOrTooLongIsNamed() throws Exception {
        Path missing = folder.resolve("missing");
        SinkException failure =
                assertThrows(SinkException.class, () -> SecretFiles.resolve("ssl.key", "${file:" + missing + "}"));
        assertEquals(Kind.IO, failure.kind());
        TestSinks.assertSays(failure, "the file \"" + missing + "\" in properties.ssl.key can't be read");

        Path exact = Files.write(folder.resolve("exact"), new byte[SecretFiles.MAX_BYTES]);
        assertEquals(
                SecretFiles.MAX_BYTES,
                SecretFiles.resolve("x", "${file:" + exact + "}").length());
        Path over = Files.write(folder.resolve("over"), new byte[SecretFiles.MAX_BYTES + 1]);
        TestSinks.assertSays(
                assertThrows(SinkException.class, () -> SecretFiles.resolve("x", "${file:" + over + "}")),
                "is longer than 262144 bytes");
    }
}
