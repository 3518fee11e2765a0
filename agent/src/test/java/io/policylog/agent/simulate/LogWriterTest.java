package io.policylog.agent.simulate;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LogWriterTest {
    private static final String ACTIVE = "policy_action.log";
    private static final Instant NOON = LocalDateTime.parse("2024-08-20T12:00:00.007")
            .atZone(ZoneId.systemDefault())
            .toInstant();

    @TempDir
    Path directory;

    @Test
    void rotatesBeforeTheLineThatWouldNotFit() throws IOException {
        try (LogWriter log = writer(LogWriterOptions.DEFAULT.withMaxFileBytes(20))) {
            write(log, "12345678\n");
            write(log, "1234567890\n");
            assertEquals(List.of(ACTIVE), names());
            write(log, "\n");
            assertEquals(List.of("policy_action-2024-08-20T12-00-00.007.log", ACTIVE), names());
        }
        assertEquals("12345678\n1234567890\n", read("policy_action-2024-08-20T12-00-00.007.log"));
        assertEquals("\n", read(ACTIVE));
    }

    @Test
    void aBackupIsNamedAfterLocalTime() throws IOException {
        LocalDateTime before = LocalDateTime.now(ZoneId.systemDefault()).minusNanos(1_000_000);
        try (LogWriter log = new LogWriter(directory, LogWriterOptions.DEFAULT)) {
            write(log, "a\n");
            log.rotate();
        }
        LocalDateTime named = LocalDateTime.parse(
                names().getFirst(), DateTimeFormatter.ofPattern("'policy_action-'uuuu-MM-dd'T'HH-mm-ss.SSS'.log'"));
        assertTrue(
                !named.isBefore(before) && !named.isAfter(LocalDateTime.now(ZoneId.systemDefault())), named::toString);
    }

    @Test
    void backupsOfOneMillisecondDoNotReplaceEachOther() throws IOException {
        try (LogWriter log = writer(LogWriterOptions.DEFAULT.withMaxFileBytes(1))) {
            for (String line : List.of("a\n", "b\n", "c\n")) {
                write(log, line);
            }
        }
        assertEquals(
                List.of(
                        "policy_action-2024-08-20T12-00-00.007.log",
                        "policy_action-2024-08-20T12-00-00.008.log",
                        ACTIVE),
                names());
        assertEquals("b\n", read("policy_action-2024-08-20T12-00-00.008.log"));
    }

    @Test
    void keepsTheNewestBackupsAndNoOtherFileIsTouched() throws IOException {
        Files.writeString(directory.resolve("policy_action-old.log"), "someone else's");
        try (LogWriter log = writer(LogWriterOptions.DEFAULT.withMaxFileBytes(1))) {
            for (int i = 0; i < 20; i++) {
                write(log, i + "\n");
            }
        }
        assertEquals(
                List.of("14\n", "15\n", "16\n", "17\n", "18\n"),
                names().stream()
                        .filter(name -> name.startsWith("policy_action-2"))
                        .map(this::read)
                        .toList());
        assertEquals("19\n", read(ACTIVE));
        assertEquals("someone else's", read("policy_action-old.log"));
    }

    @Test
    void unlinksOldBackupsAlsoAfterARestart() throws IOException {
        try (LogWriter log = writer(LogWriterOptions.DEFAULT.withMaxFileBytes(1).withMaxBackups(0))) {
            for (int i = 0; i < 20; i++) {
                write(log, i + "\n");
            }
        }
        assertEquals(20, names().size());
        writer(LogWriterOptions.DEFAULT).close();
        assertEquals(6, names().size());
    }

    @Test
    void appendsToTheFileThatIsThere() throws IOException {
        try (LogWriter log = writer(LogWriterOptions.DEFAULT.withMaxFileBytes(8))) {
            write(log, "one\n");
        }
        try (LogWriter log = writer(LogWriterOptions.DEFAULT.withMaxFileBytes(8))) {
            write(log, "two\n");
            write(log, "three\n");
        }
        assertEquals("one\ntwo\n", read(names().getFirst()));
        assertEquals("three\n", read(ACTIVE));
    }

    @Test
    void aNewFileTakesTheModeOfTheOneBefore() throws IOException {
        try (LogWriter log = writer(LogWriterOptions.DEFAULT)) {
            assertEquals("rwx", mode().substring(0, 3));
            Files.setPosixFilePermissions(directory.resolve(ACTIVE), PosixFilePermissions.fromString("rw-------"));
            write(log, "a\n");
            log.rotate();
            assertEquals("rw-------", mode());
        }
    }

    @ParameterizedTest
    @CsvSource({
        "WRITER, false, 0",
        "WRITER, false, 4096",
        "NUMBERED, false, 0",
        "NUMBERED, true, 4096",
        "DATED, false, 0",
        "DATED, true, 0",
        "COPY_TRUNCATE, false, 0",
        "COPY_TRUNCATE, true, 4096"
    })
    void noRotationLosesOrRepeatsALine(Rotation rotation, boolean gzip, int batchBytes) throws IOException {
        ByteArrayOutputStream expected = new ByteArrayOutputStream();
        LogWriterOptions options = new LogWriterOptions(20_000, 0, batchBytes, rotation, gzip);
        try (LogWriter log = new LogWriter(directory, options)) {
            new TrafficGenerator(TrafficOptions.seeded(1)).generate(500, (buffer, offset, length) -> {
                expected.write(buffer, offset, length);
                log.write(buffer, offset, length);
            });
            assertTrue(log.rotations() > 10);
        }
        List<String> names = names();
        names.remove(ACTIVE);
        switch (rotation) {
            case WRITER ->
                assertTrue(names.stream().allMatch(name -> name.matches("policy_action-[-.0-9T]{23}\\.log")));
            case DATED ->
                assertTrue(names.stream().allMatch(name -> name.matches("policy_action\\.log-\\d{8}(-\\d+)?(\\.gz)?")));
            case NUMBERED, COPY_TRUNCATE -> {
                assertTrue(names.stream().allMatch(name -> name.matches("policy_action\\.log\\.\\d+(\\.gz)?")));
                names.sort(Comparator.comparingInt(String::length).thenComparing(Comparator.naturalOrder()));
                Collections.reverse(names);
            }
        }
        assertTrue(names.stream().allMatch(name -> name.endsWith(".gz") == gzip), names::toString);
        if (rotation == Rotation.DATED) {
            names.sort(Comparator.comparing(name -> name.replace(".gz", "")));
        }
        names.add(ACTIVE);
        StringBuilder found = new StringBuilder();
        names.forEach(name -> found.append(read(name)));
        assertEquals(expected.toString(US_ASCII), found.toString());
    }

    @ParameterizedTest
    @CsvSource({"NUMBERED, false", "NUMBERED, true", "DATED, false", "DATED, true", "COPY_TRUNCATE, true"})
    void otherRotationsKeepTheNewestToo(Rotation rotation, boolean gzip) throws IOException {
        LogWriterOptions options = new LogWriterOptions(1, 3, 0, rotation, gzip);
        try (LogWriter log = writer(options)) {
            for (int i = 0; i < 9; i++) {
                write(log, i + "\n");
            }
        }
        List<String> texts = new ArrayList<>(names().stream().map(this::read).toList());
        Collections.sort(texts);
        assertEquals(List.of("5\n", "6\n", "7\n", "8\n"), texts);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 4096})
    void aTornLineIsHalfThereForAWhile(int batchBytes) throws IOException {
        List<String> seen = new ArrayList<>();
        try (LogWriter log = writer(LogWriterOptions.DEFAULT.withBatchBytes(batchBytes))) {
            write(log, "whole\n");
            log.writeTorn("torn\n".getBytes(US_ASCII), 0, 5, 2, () -> seen.add(read(ACTIVE)));
            assertEquals("whole\ntorn\n", read(ACTIVE));
        }
        assertEquals(List.of("whole\nto"), seen);
    }

    @Test
    void eachLineIsInTheFileAtOnceUnlessBatched() throws IOException {
        try (LogWriter log = writer(LogWriterOptions.DEFAULT)) {
            write(log, "now\n");
            assertEquals("now\n", read(ACTIVE));
        }
        try (LogWriter log = writer(LogWriterOptions.DEFAULT.withBatchBytes(4096))) {
            write(log, "later\n");
            assertEquals("now\n", read(ACTIVE));
        }
        assertEquals("now\nlater\n", read(ACTIVE));
    }

    @Test
    void aLineLongerThanTheBufferIsWrittenWhole() throws IOException {
        String line = "x".repeat(1 << 20) + "\n";
        try (LogWriter log = writer(LogWriterOptions.DEFAULT.withBatchBytes(100_000))) {
            write(log, "short\n");
            write(log, line);
            write(log, "short\n");
        }
        assertEquals("short\n" + line + "short\n", read(ACTIVE));
    }

    @Test
    void optionsThatMakeNoSenseAreRefused() {
        assertEquals(
                "gzip needs another rotation than the writer's own, which never compresses",
                assertThrows(
                                IllegalArgumentException.class,
                                () -> LogWriterOptions.DEFAULT.withRotation(Rotation.WRITER, true))
                        .getMessage());
        assertThrows(IllegalArgumentException.class, () -> LogWriterOptions.DEFAULT.withMaxFileBytes(0));
        assertThrows(IllegalArgumentException.class, () -> LogWriterOptions.DEFAULT.withMaxBackups(-1));
        assertThrows(IllegalArgumentException.class, () -> LogWriterOptions.DEFAULT.withBatchBytes(-1));
    }

    private LogWriter writer(LogWriterOptions options) throws IOException {
        return new LogWriter(directory, options, InstantSource.fixed(NOON));
    }

    private static void write(LogWriter log, String line) throws IOException {
        log.write(line.getBytes(US_ASCII), 0, line.length());
    }

    private List<String> names() throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return new ArrayList<>(
                    files.map(file -> file.getFileName().toString()).sorted().toList());
        }
    }

    private String read(String name) {
        try (InputStream in = Files.newInputStream(directory.resolve(name));
                InputStream plain = name.endsWith(".gz") ? new GZIPInputStream(in) : in) {
            return new String(plain.readAllBytes(), US_ASCII);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private String mode() throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(directory.resolve(ACTIVE)));
    }
}
