package io.policylog.agent.read;

import static io.policylog.agent.read.Lines.allow;
import static io.policylog.agent.read.Lines.deny;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.github.luben.zstd.Zstd;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ReadCommandTest {
    private final TestShell shell = new TestShell();

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it
    private Path folder;

    private String log() {
        return folder.toString();
    }

    private void segment(String name, int minutesAgo, byte[] bytes) throws IOException {
        Path file = Files.write(folder.resolve(name), bytes);
        Files.setLastModifiedTime(file, FileTime.from(TestShell.NOW.minusSeconds(60L * minutesAgo)));
    }

    private static byte[] bytes(String... lines) {
        return String.join("", lines).getBytes(UTF_8);
    }

    private static byte[] gzip(byte[]... members) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] member : members) {
            try (GZIPOutputStream gzip = new GZIPOutputStream(all)) {
                gzip.write(member);
            }
        }
        return all.toByteArray();
    }

    @Test
    void segmentsOfADirectoryAreReadInOrderWhateverTheirCompression() throws IOException {
        segment("policy_action.log", 0, bytes(allow(5, "e", "x")));
        segment("policy_action-2026-01-01T11-59-00.000.log", 1, bytes(allow(4, "d", "x")));
        segment("policy_action.log.1.gz", 3, gzip(bytes(allow(1, "a", "x")), bytes(allow(2, "b", "x"))));
        segment("policy_action.log-20260101.zst", 2, Zstd.compress(bytes(allow(3, "c", "x"))));
        segment("unrelated.log", 0, bytes(allow(9, "z", "x")));
        Files.createDirectories(folder.resolve(".policylog").resolve("segments"));
        assertEquals(0, shell.read("--log", log(), "--count-by", "src.workload_name", "--format", "json"));
        assertEquals(0, shell.read("--log", log(), "--format", "raw"));
        assertEquals(
                Stream.of("a", "b", "c", "d", "e")
                        .map(w -> allow("abcde".indexOf(w) + 1, w, "x"))
                        .collect(Collectors.joining()),
                shell.out());
        assertEquals("", shell.err());
    }

    @Test
    void ofAFileAndItsCompressedCopyOneIsRead() throws IOException {
        segment("policy_action.log.1", 1, bytes(allow(1, "a", "x")));
        segment("policy_action.log.1.gz", 0, gzip(bytes(allow(1, "a", "x"))));
        assertEquals(0, shell.read("--log", log(), "--format", "raw"));
        assertEquals(allow(1, "a", "x"), shell.out());
    }

    @Test
    void readingNeedsNoPermissionToWrite() throws IOException {
        segment("policy_action.log", 0, bytes(allow(1, "a", "x")));
        var before = Files.getLastModifiedTime(folder);
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("r-xr-xr-x"));
        try {
            assertEquals(0, shell.read("--log", log(), "--format", "raw"));
        } finally {
            Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        }
        assertEquals(allow(1, "a", "x"), shell.out());
        assertEquals(before, Files.getLastModifiedTime(folder));
        try (Stream<Path> files = Files.list(folder)) {
            assertEquals(1, files.count());
        }
    }

    @Test
    void aMissingLogIsAFailureAndAnEmptyDirectoryIsANote() {
        assertEquals(1, shell.read("--log", log() + "/none"));
        assertEquals(
                "policylog: there is no " + log() + "/none; say with --log where the log is, or - for stdin\n",
                shell.err());
        assertEquals(2, shell.read("--log", ""));
        assertTrue(shell.err().startsWith("--log must be a file, a directory or -; found nothing"), shell.err());
        assertEquals(0, shell.read("--log", log()));
        assertEquals(
                "policylog: there is no policy_action* in " + log()
                        + ": nothing is logged, or the log is elsewhere (--log)\n",
                shell.err());
    }

    @Test
    void theFilterSelectsAndTellsWhatItCouldNotJudge() {
        byte[] lines = bytes(allow(1, "a", "x"), deny(2, "b", "x", 4), allow(3, "c", "x"));
        assertEquals(
                0,
                shell.input(lines)
                        .read(
                                "--log",
                                "-",
                                "--format",
                                "raw",
                                "resource.labels.cluster_name=\"prod\"\nresource.labels.project_id=p jsonPayload.disposition=deny"));
        assertEquals(deny(2, "b", "x", 4), shell.out());
        assertEquals(
                "policylog: not known here, so no record was left out for it: resource.labels.cluster_name,"
                        + " resource.labels.project_id\n",
                shell.err());
    }

    @Test
    void aFilterThatIsNoneShowsThePlaceAndOneThatIsOddIsWarnedOf() {
        assertEquals(2, shell.read("--log", log(), "disposition="));
        assertTrue(shell.err().startsWith("FILTER, line 1, column 13: "), shell.err());
        assertEquals(0, shell.read("--log", log(), "jsonPayload.dispositon=deny"));
        assertTrue(shell.err().startsWith("policylog: line 1, column 1: "), shell.err());
        assertTrue(shell.err().contains("disposition"), shell.err());
    }

    @ParameterizedTest
    @ValueSource(strings = {"plain", "gzip", "pretty", "spread"})
    void exportedLogEntriesAreInput(String how) throws IOException {
        String entry = """
                {"insertId":"i1","jsonPayload":%s,"resource":{"type":"k8s_node","labels":{"cluster_name":"prod",\
                "node_name":"n"}},"timestamp":"2026-01-01T11:00:01Z","receiveTimestamp":"2026-01-01T11:00:03Z",\
                "logName":"projects/p/logs/policy-action"}""";
        String first = entry.formatted(allow(1, "a", "x").strip());
        // Some agents move the record's time to the entry.
        String second = entry.formatted(deny(1, "b", "x", 2).strip().replaceFirst(",\"timestamp\":\"[^\"]*\"}$", "}"));
        byte[] dump = switch (how) {
            case "plain" -> bytes(first, "\n", second, "\n");
            case "gzip" -> gzip(bytes("[", first, ",", second, "]\n"));
            case "spread" -> bytes("{ \n", first.substring(1), "\n", second.replace(",\"", ",\n \""), "\n");
            default -> bytes("[\n  ", first.replace("{", "{\n  "), ",\n", second.replace(",\"", ",\n \""), "\n]\n");
        };
        String query = "resource.labels.cluster_name=prod insertId=i1 receiveTimestamp>\"2026-01-01T11:00:02Z\"";
        assertEquals(0, shell.input(dump).read("--log", "-", "--format", "json", query));
        assertEquals(allow(1, "a", "x") + deny(1, "b", "x", 2), shell.out());
        assertEquals("", shell.err());
        assertEquals(0, shell.input(dump).read("--log", "-", "resource.labels.cluster_name=staging"));
        assertEquals("", shell.out());
        assertEquals(0, shell.input(dump).read("--log", "-", "--format", "logentry", "--limit", "1"));
        assertTrue(shell.out().contains("\"cluster_name\":\"prod\",\"node_name\":\"node-1\""), shell.out());
        assertTrue(shell.out().startsWith("{\"insertId\":\"i1\","), shell.out());
    }

    @Test
    void limitAndOrderCountFromEitherEnd() throws IOException {
        segment("policy_action.log.1.gz", 1, gzip(bytes(allow(1, "a", "x"), allow(2, "b", "x"))));
        segment("policy_action.log", 0, bytes(allow(3, "c", "x"), deny(4, "d", "x", 2), allow(5, "e", "x")));
        assertEquals(0, shell.read("--log", log(), "--format", "raw", "--limit", "2"));
        assertEquals(allow(1, "a", "x") + allow(2, "b", "x"), shell.out());
        assertEquals(
                0,
                shell.read("--log", log(), "--format", "raw", "--limit", "3", "--order", "desc", "disposition=allow"));
        assertEquals(allow(5, "e", "x") + allow(3, "c", "x") + allow(2, "b", "x"), shell.out());
        assertEquals(2, shell.read("--log", log(), "--order", "desc"));
        assertTrue(shell.err().startsWith("--order desc needs --limit"), shell.err());
    }

    @Test
    void whatLiesInNoOrderHasItsNewestByTime() throws IOException {
        byte[] newestFirst = bytes(allow(5, "e", "x"), allow(4, "d", "x"), allow(3, "c", "x"), allow(1, "a", "x"));
        String newest = allow(5, "e", "x") + allow(4, "d", "x");
        String[] query = {"--format", "raw", "--limit", "2", "--order", "desc", "--log"};
        assertEquals(0, shell.input(newestFirst).read(add(query, "-")));
        assertEquals(newest, shell.out());
        Path other = Files.createDirectory(folder.resolve("other"));
        Files.write(other.resolve("policy_action.log"), bytes(allow(2, "b", "x")));
        segment("policy_action.log", 0, bytes(allow(1, "a", "x"), allow(4, "d", "x"), allow(5, "e", "x")));
        assertEquals(0, shell.read(add(query, log(), "--log", other.toString())));
        assertEquals(newest, shell.out());
        segment("young", 0, newestFirst);
        segment("old", 1, bytes(allow(0, "z", "x"), allow(2, "b", "x")));
        for (String[] files : new String[][] {{"young", "old"}, {"old", "young"}}) {
            Path first = folder.resolve(files[0]);
            Path second = folder.resolve(files[1]);
            assertEquals(0, shell.read(add(query, first.toString(), "--log", second.toString())));
            assertEquals(newest, shell.out());
        }
    }

    private static String[] add(String[] arguments, String... more) {
        return Stream.concat(Stream.of(arguments), Stream.of(more)).toArray(String[]::new);
    }

    @Test
    void theFirstRecordSaysNothingOfTheOthersWhereTheyLieInNoOrder() {
        byte[] newestFirst = bytes(allow(3000, "e", "x"), allow(2, "b", "x"), allow(1, "a", "x"));
        assertEquals(
                0, shell.input(newestFirst).read("--log", "-", "--format", "raw", "--until", "2026-01-01T11:10:00Z"));
        assertEquals(allow(2, "b", "x") + allow(1, "a", "x"), shell.out());
    }

    @Test
    void exportedEntriesInADirectoryAreInNoOrderEither() throws IOException {
        String entry = "{\"jsonPayload\":%s}\n";
        segment(
                "policy_action.json",
                0,
                bytes(
                        entry.formatted(allow(3000, "b", "x").strip()),
                        entry.formatted(allow(1, "a", "x").strip())));
        assertEquals(0, shell.read("--log", log(), "--format", "json", "--until", "2026-01-01T11:10:00Z"));
        assertEquals(allow(1, "a", "x"), shell.out());
    }

    @Test
    void whatWasWrittenAsLogEntriesIsReadAgainHoweverDeep() {
        String deep = allow(1, "a", "x").replace("\"}\n", "\",\"x\":" + "[".repeat(15) + "]".repeat(15) + "}\n");
        assertEquals(0, shell.input(bytes(deep)).read("--log", "-", "--format", "logentry"));
        assertEquals("", shell.err());
        assertEquals(0, shell.input(shell.bytes()).read("--log", "-", "--format", "raw"));
        assertEquals("", shell.err());
        assertEquals(deep, shell.out());
    }

    @Test
    void anElementThatIsNoObjectTakesNoneWithIt() {
        String[] lines =
                Stream.of("a", "b", "c", "d").map(w -> allow(1, w, "x").strip()).toArray(String[]::new);
        String dump = "[" + lines[0] + ",null,1," + lines[1] + ",\"x]}\",[" + lines[2] + "],}," + lines[3] + "]";
        assertEquals(0, shell.input(bytes(dump)).read("--log", "-", "--format", "raw"));
        assertEquals(
                Stream.of("a", "b", "c", "d").map(w -> allow(1, w, "x")).collect(Collectors.joining()), shell.out());
        assertTrue(shell.err().startsWith("policylog: 4 lines are no record"), shell.err());
    }

    @Test
    void whatDescKeepsIsBounded() {
        String wide = allow(1, "a", "x").replace("np", "n".repeat(900_000));
        byte[] many = bytes(Stream.generate(() -> wide).limit(40).toArray(String[]::new));
        assertEquals(1, shell.input(many).read("--log", "-", "--order", "desc", "--limit", "1000000"));
        assertTrue(shell.err().contains("use a smaller --limit"), shell.err());
    }

    @Test
    void wholeSegmentsOutsideTheTimeAreNotRead() throws IOException {
        // Bytes that are no records would be told of, if they were read.
        segment("policy_action.log.2", 40, bytes("old\n", allow(600, "a", "x")));
        segment("policy_action.log.1", 20, bytes(allow(1700, "b", "x"), deny(1900, "c", "x", 2)));
        segment("policy_action.log", 0, bytes(allow(2500, "d", "x"), "young\n"));
        assertEquals(
                0,
                shell.read("--log", log(), "--format", "raw", "--freshness", "30m", "--until", "2026-01-01T11:40:00Z"));
        assertEquals(deny(1900, "c", "x", 2), shell.out());
        assertEquals("", shell.err());
        assertEquals(0, shell.read("--log", log(), "--format", "raw", "--since", "31m", "--until", "25m"));
        assertEquals(deny(1900, "c", "x", 2), shell.out());
        assertEquals(2, shell.read("--log", log(), "--since", "yesterday"));
        assertTrue(shell.err().startsWith("--since: must be a time such as 2026-01-31T12:00:00Z"), shell.err());
        assertEquals(2, shell.read("--log", log(), "--since", "1h", "--until", "2h"));
        assertTrue(shell.err().startsWith("--until must be after --since"), shell.err());
        for (String age : new String[] {"-1h", "2026-01-01", "2026-01-01T00:00:00Z"}) {
            assertEquals(2, shell.read("--log", log(), "--freshness=" + age));
            assertTrue(shell.err().startsWith("--freshness must be a duration such as "), shell.err());
        }
    }

    @Test
    void countsAddUpWhatRecordsStandFor() {
        byte[] lines = bytes(deny(1, "b", "x", 40), allow(2, "a", "x"), deny(3, "b", "x", 2), allow(4, "c", "y"));
        String by = "jsonPayload.disposition,src.workload_name,policies.name,connection.dest_port";
        assertEquals(0, shell.input(lines).read("--log", "-", "--count-by", by));
        assertEquals("""
                COUNT  disposition  src.workload_name  policies.name  connection.dest_port
                   42  deny         b                  -              8080
                    1  allow        a                  np             8080
                    1  allow        c                  np             8080
                """, shell.out());
        assertEquals(
                0,
                shell.input(lines).read("--log", "-", "--count-by", "disposition", "--format", "json", "--limit", "1"));
        assertEquals("{\"count\":42,\"disposition\":\"deny\"}\n", shell.out());
        assertEquals(2, shell.read("--count-by", "dest.prot"));
        assertTrue(
                shell.err().startsWith("--count-by: can't count by 'dest.prot'; known are: connection.src_ip, "),
                shell.err());
        assertEquals(2, shell.read("--count-by", "src.worklod_name"));
        assertTrue(shell.err().contains("; did you mean \"src.workload_name\"?"), shell.err());
    }

    @Test
    void countsFitTheTerminal() {
        String longName = "w".repeat(60);
        byte[] lines = bytes(deny(1, longName, "x", 40), deny(1, "käse", longName, 1));
        String[] query = {"--log", "-", "--count-by", "src.workload_name,dest.workload_name"};
        shell.terminal(44).variable("LANG", "C.UTF-8");
        assertEquals(0, shell.input(lines).read(query));
        assertEquals("""
                COUNT  src.workload_name  dest.workload_name
                   40  wwwwwwwwwwwwwwww…  x
                    1  käse               wwwwwwwwwwwwwwwww…
                """, shell.out());
        assertEquals(0, shell.input(lines).read(add(query, "--wide")));
        assertTrue(shell.out().contains(longName), shell.out());
        assertEquals(0, shell.variable("LANG", "C").input(lines).read(query));
        assertTrue(shell.out().contains("wwww~  x") && shell.out().contains("k\\u{e4}se"), shell.out());
    }

    @Test
    void linesThatAreNoRecordAreToldOfAtTheEnd() {
        String tooLong = "x".repeat((3 << 20) + 5) + "\n";
        byte[] lines = bytes(allow(1, "a", "x"), "\u001b]52;c;cm0gLXJm\u0007\n", tooLong, "[]\n", allow(2, "b", "x"));
        assertEquals(0, shell.input(lines).read("--log", "-", "--format", "raw"));
        assertEquals(allow(1, "a", "x") + allow(2, "b", "x"), shell.out());
        assertEquals(
                "policylog: 3 lines are no record (1 too-long, 1 not-json, 1 not-an-object); the first: standard input, byte "
                        + allow(1, "a", "x").length() + ": \"\\x1b]52;c;cm0gLXJm\\x07\"\n",
                shell.err());
    }

    @Test
    void anElementThatIsTooLongIsSkipped() {
        String element = "{\"a\":\"" + "\\\"]}".repeat(1 << 20) + "\"}";
        byte[] dump = bytes("[", allow(1, "a", "x"), ",", element, ",", allow(2, "b", "x"), "]");
        assertEquals(0, shell.input(dump).read("--log", "-", "--format", "json"));
        assertEquals(allow(1, "a", "x") + allow(2, "b", "x"), shell.out());
        assertTrue(shell.err().startsWith("policylog: 1 line is no record (1 too-long)"), shell.err());
    }

    @Test
    void theTornTailOfTheActiveFileIsNotYetALine() throws IOException {
        segment(
                "policy_action.log.1",
                1,
                bytes(allow(1, "a", "x"), allow(2, "b", "x").strip()));
        segment("policy_action.log", 0, bytes(allow(3, "c", "x"), "{\"connection\":"));
        assertEquals(0, shell.read("--log", log(), "--format", "raw"));
        assertEquals(allow(1, "a", "x") + allow(2, "b", "x") + allow(3, "c", "x"), shell.out());
        assertEquals("", shell.err());
    }

    @Test
    void aFileThatCantBeReadToItsEndIsAFailureAfterTheOthers() throws IOException {
        byte[] whole = gzip(bytes(allow(1, "a", "x")));
        segment("policy_action.log.1.gz", 1, java.util.Arrays.copyOf(whole, whole.length - 9));
        segment("policy_action.log", 0, bytes(allow(2, "b", "x")));
        assertEquals(1, shell.read("--log", log(), "--format", "raw"));
        assertTrue(shell.out().endsWith(allow(2, "b", "x")), shell.out());
        assertEquals(
                "policylog: can't read all of " + folder.resolve("policy_action.log.1.gz") + ": it ends too early\n",
                shell.err());
    }

    @ParameterizedTest
    @ValueSource(strings = {"cut", "damaged", "checksum", "garbage"})
    void aMemberOfAGzipFileThatIsDamagedIsAFailureAfterThoseBefore(String how) throws IOException {
        byte[] first = gzip(bytes(allow(1, "a", "x")));
        byte[] second = gzip(bytes(allow(2, "b", "x")));
        switch (how) {
            case "cut" -> second = java.util.Arrays.copyOf(second, 5);
            case "damaged" -> second[12] ^= 0x55;
            case "checksum" -> second[second.length - 8] ^= 1;
            default -> second = bytes("garbage");
        }
        byte[] both = java.util.Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, both, first.length, second.length);
        assertEquals(1, shell.input(both).read("--log", "-", "--format", "raw"));
        assertTrue(shell.out().startsWith(allow(1, "a", "x")), shell.out());
        assertTrue(shell.err().startsWith("policylog: can't read all of standard input: "), shell.err());
    }

    @Test
    void gzipMembersMayHaveEveryPartOfAHeaderAndZerosBehindThem() throws IOException {
        byte[] plain = gzip(bytes(allow(1, "a", "x")));
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        file.write(new byte[] {0x1f, (byte) 0x8b, 8, 2 | 4 | 8 | 16, 0, 0, 0, 0, 0, 3});
        file.write(bytes("\u0003\0abc", "name\0", "comment\0", "cc")); // Extra, name, comment, checksum.
        file.write(plain, 10, plain.length - 10);
        file.write(new byte[100_000]);
        file.write(plain);
        file.write(new byte[3]);
        assertEquals(0, shell.input(file.toByteArray()).read("--log", "-", "--format", "raw"));
        assertEquals(allow(1, "a", "x").repeat(2), shell.out());
        assertEquals("", shell.err());
    }

    @Test
    void theNodeIsFilledInOnlyWhenSomebodySaysIt() {
        byte[] line = bytes(allow(1, "a", "x").replace("\"node_name\":\"node-1\",", ""));
        assertEquals(0, shell.input(line).read("--log", "-", "--format", "json"));
        assertFalse(shell.out().contains("node_name"), shell.out());
        assertEquals(0, shell.input(line).read("--log", "-", "--format", "json", "--node", "n7"));
        assertTrue(shell.out().contains("\"node_name\":\"n7\""), shell.out());
        assertEquals(0, shell.input(line).variable("NODE_NAME", "n8").read("--log", "-", "--format", "json"));
        assertTrue(shell.out().contains("\"node_name\":\"n8\""), shell.out());
    }

    @Test
    void aReaderThatHasGoneIsNoFailure() {
        byte[] lines =
                bytes(IntStream.range(0, 2000).mapToObj(i -> allow(i, "a", "x")).toArray(String[]::new));
        assertEquals(0, shell.readerGoesAfter(100_000).input(lines).read("--log", "-", "--format", "raw"));
        assertEquals("", shell.err());
    }

    @Test
    void aTerminalGetsColoursItsWidthAndNothingToObey() {
        String hostile = allow(1, "a\u001b]52;c;cm0\u0007", "x")
                .replace("\u001b", "\\u001b")
                .replace("\u0007", "\\u0007");
        String cursorUp = deny(2, "b\u009b2A\u202e", "x", 3);
        byte[] lines = bytes(hostile, cursorUp);
        for (String format : new String[] {"table", "json", "logentry", "raw"}) {
            assertEquals(
                    0,
                    shell.terminal(100).variable("NO_COLOR", "1").input(lines).read("--log", "-", "--format", format));
            assertTrue(
                    shell.out().codePoints().allMatch(c -> c == '\n' || io.policylog.parser.Printable.isPrintable(c)),
                    format);
        }
        assertEquals(0, shell.input(lines).read("--log", "-", "--count-by", "src.pod_name"));
        assertTrue(shell.out().contains("\\u{9b}2A\\u{202e}"), shell.out());
        assertEquals(
                0,
                shell.variable("NO_COLOR", "")
                        .variable("LANG", "en_US.UTF-8")
                        .input(lines)
                        .read("--log", "-"));
        assertTrue(shell.out().contains("\u001b[32mallow\u001b[0m"), shell.out());
        String plain = shell.out().replaceAll("\u001b\\[[0-9]*m", "");
        assertTrue(plain.lines().allMatch(line -> line.length() <= 100), plain);
        assertTrue(plain.contains(" → ") && plain.contains("×3"), plain);
        assertEquals(0, shell.input(lines).read("--log", "-", "--wide"));
        assertTrue(shell.out().contains("node-1"), shell.out());
    }

    @Test
    void afterTwoDashesAQueryMayBeginWithOne() {
        byte[] lines = bytes(allow(1, "a", "x"), deny(2, "b", "x", 3));
        for (String query : List.of("-disposition=allow", "-- the denied\ndisposition=deny")) {
            assertEquals(0, shell.input(lines).read("--log", "-", "--format", "raw", "--", query), shell::err);
            assertArrayEquals(bytes(deny(2, "b", "x", 3)), shell.bytes());
        }
    }

    @Test
    void whatCanStandOnceIsRefusedTwice() {
        assertEquals(2, shell.read("--log", "-", "--log", "x", "--log", "-"));
        assertTrue(shell.err().startsWith("--log - can stand once: the standard input is read once\n"), shell.err());
        assertEquals(2, shell.read("--count-by", "disposition,src.pod_name,jsonPayload.disposition"));
        assertTrue(shell.err().startsWith("--count-by: 'disposition' stands there twice\n"), shell.err());
    }

    @Test
    void aTerminalWithoutUtf8GetsAsciiAndAFileTheSameAsEver() {
        byte[] lines = bytes(deny(2, "b", "käse", 3));
        assertEquals(0, shell.input(lines).read("--log", "-", "--format", "table"));
        byte[] file = shell.bytes();
        TestShell other = new TestShell().variable("LANG", "C");
        assertEquals(0, other.input(lines).read("--log", "-", "--format", "table"));
        assertArrayEquals(file, other.bytes());
        assertEquals(0, other.terminal(80).input(lines).read("--log", "-", "--format", "table"));
        String ascii = other.out().replaceAll("\u001b\\[[0-9]*m", "");
        assertTrue(ascii.chars().allMatch(c -> c == '\n' || (c >= ' ' && c < 0x7f)), ascii);
        assertTrue(ascii.contains(" -> ") && ascii.contains("x3"), ascii);
        TestShell launched = new TestShell()
                .variable("LC_ALL", "C.UTF-8")
                .variable("POLICYLOG_LOCALE", "C")
                .terminal(80);
        assertEquals(0, launched.input(lines).read("--log", "-", "--format", "table"));
        assertEquals(other.out(), launched.out());
    }

    @Test
    void progressIsDrawnAfterASecondAndTakenAway() throws IOException {
        segment(
                "policy_action.log",
                0,
                bytes(IntStream.range(0, 2000).mapToObj(i -> allow(i, "a", "x")).toArray(String[]::new)));
        AtomicLong nanos = new AtomicLong();
        shell.terminal(80).clock(() -> nanos.addAndGet(800_000_000));
        assertEquals(0, shell.read("--log", log(), "disposition=deny"));
        assertTrue(
                shell.err()
                        .matches(
                                "(?s)\r[0-9.]+ MB, [0-9.]+ MB/s, [0-9]+ % of 1.0 MB, [0-9]+ s left\u001b\\[K.*\r\u001b\\[K"),
                shell.err());
    }
}
