package io.policylog.agent.segments;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SegmentStoreTest {
    @TempDir
    private Path directory;

    private TestLog log;

    @BeforeEach
    void open() throws Exception {
        log = new TestLog(directory, true);
    }

    @AfterEach
    void close() throws Exception {
        log.close();
    }

    private static String text(List<String> lines) {
        return String.join("\n", lines) + "\n";
    }

    @Test
    void ordersWhatIsSeenFirstTogetherByTimeAndTheActiveFileLast() throws Exception {
        String first = text(log.append(2));
        log.rotate();
        String second = text(log.append(2));
        log.rotate();
        String third = text(log.append(2));
        Files.setLastModifiedTime(log.active(), FileTime.from(Instant.EPOCH)); // A clock step must not matter.
        assertEquals(List.of(first, second, third), log.scan().contents());
    }

    @Test
    void ordersFilesThatAreRenamedWhileItLists() throws Exception {
        int kept = 300;
        AtomicBoolean stop = new AtomicBoolean();
        for (int file = 0; file <= kept; file++) {
            rotateTo(file);
        }
        FutureTask<Void> writer = new FutureTask<>(() -> {
            for (int file = kept + 1; !stop.get(); file++) {
                rotateTo(file);
                Files.deleteIfExists(backup(file - kept - 1));
                LockSupport.parkNanos(2_000_000); // Far shorter than pinning them all.
            }
            return null;
        });
        Thread thread = Thread.ofPlatform().start(writer);
        try {
            for (int start = 0; start < 10; start++) {
                List<String> found = log.scan().scan().contents();
                assertEquals(found.stream().sorted().toList(), found, "start " + start);
                log.stop();
                deletePins();
                log.start();
            }
        } finally {
            stop.set(true);
            thread.join();
        }
        writer.get();
    }

    /** Gives the active file another name, and makes one that has its line and date at once: only names change. */
    private void rotateTo(int file) throws IOException {
        Path made = Files.writeString(directory.resolve("made"), "%09d\n".formatted(file));
        Files.setLastModifiedTime(made, FileTime.from(Instant.EPOCH.plusSeconds(file)));
        if (file > 0) {
            Files.move(log.active(), backup(file - 1));
        }
        Files.move(made, log.active());
    }

    private Path backup(int number) {
        return directory.resolve(
                "policy_action-2026-01-01T00-00-%02d.%03d.log".formatted(number / 1000, Math.floorMod(number, 1000)));
    }

    private void deletePins() throws IOException {
        Path pins = log.stateDirectory().resolve("segments");
        for (String pin : log.pins()) {
            Files.delete(pins.resolve(pin));
        }
    }

    @Test
    void keepsOrderAndIdsThroughRenamesTouchesAndRestarts() throws Exception {
        log.append(2);
        log.scan();
        log.rotateNumbered();
        log.append(2);
        log.scan();
        List<String> contents = log.contents();
        List<String> ids = ids();
        Files.setLastModifiedTime(directory.resolve("policy_action.log.1"), FileTime.from(Instant.now()));
        log.rotateNumbered();
        assertEquals(contents, log.restart().scan().contents());
        assertEquals(ids, ids());
    }

    private List<String> ids() {
        return log.store().segments().list().stream()
                .map(s -> s.sequence() + "-" + s.id())
                .toList();
    }

    @Test
    void identifiesASegmentBySha256OfItsFirstLine() throws Exception {
        log.appendText(log.active(), "abc\nmore\n");
        log.scan();
        // The first half of the well-known digest of "abc" (FIPS 180-4, example B.1).
        assertEquals(
                "ba7816bf8f01cfea414140de5dae2223",
                log.store().segments().list().getFirst().id());
        assertEquals(List.of("000000000001-ba7816bf8f01cfea414140de5dae2223"), log.pins());
    }

    @Test
    void keepsTheBytesOfWhatTheWriterUnlinks() throws Exception {
        String lines = text(log.append(3));
        log.store().addHold(() -> SegmentHold.ALL);
        log.scan();
        Files.delete(log.rotate());
        log.append(1);
        log.settle().pass(120).scan();
        assertEquals(lines, log.contents().getFirst());
        assertEquals(lines.length(), log.store().retainedBytes());
        assertEquals(lines, log.restart().scan().contents().getFirst());
    }

    @Test
    void letsGoOfWhatEveryPipelineHasBehindIt() throws Exception {
        log.append(3);
        log.scan();
        Path backup = log.rotate();
        log.append(1);
        log.settle();
        log.store().addHold(() -> 2);
        assertEquals(2, log.pass(120).scan().pins().size(), "it still has a name");
        Files.delete(backup);
        assertEquals(2, log.scan().pins().size(), "late bytes may still come");
        assertEquals(1, log.pass(61).scan().pins().size());
        assertEquals(1, log.store().segments().list().size());
    }

    @Test
    void waitsForTheFirstLineToBeComplete() throws Exception {
        log.appendText(log.active(), "{\"half\":");
        assertTrue(log.scan().store().segments().list().isEmpty());
        log.appendText(log.active(), "1}\n");
        assertEquals(List.of("{\"half\":1}\n"), log.scan().contents());
    }

    @Test
    void givesNoSegmentToAnEmptyFile() throws Exception {
        Files.createFile(log.active());
        assertTrue(log.settle().store().segments().list().isEmpty());
    }

    @Test
    void takesACopyForTheSameSegmentAndTruncationForANewOne() throws Exception {
        String before = text(log.append(5));
        log.scan();
        log.copyTruncate();
        String after = text(log.append(2));
        assertEquals(List.of(before, after), log.settle().contents());
        assertEquals(List.of(before, after), log.restart().scan().contents());
    }

    @Test
    void takesTruncationForANewSegmentAlsoWhenTheFileHasGrownPastItsOldSize() throws Exception {
        log.append(2);
        log.scan();
        log.truncate(log.active(), 0);
        String after = text(log.append(9));
        log.settle();
        assertEquals(List.of(after), log.contents());
        assertEquals(
                List.of(Segments.Lost.Reason.TRUNCATED),
                log.store().segments().lost().stream()
                        .map(Segments.Lost::reason)
                        .toList());
    }

    @Test
    void noticesTruncationThatHappenedWhileItWasStopped() throws Exception {
        log.append(2);
        log.scan();
        long sequence = log.store().segments().list().getFirst().sequence();
        log.truncate(log.active(), 0);
        String after = text(log.append(1));
        assertEquals(List.of(after), log.restart().settle().contents());
        assertTrue(log.store().segments().list().getFirst().sequence() > sequence);
    }

    @Test
    void tellsFilesApartThatBeginAlike() throws Exception {
        String first = log.line();
        log.appendText(directory.resolve("policy_action.log.1"), first + "\nthis one\n");
        log.appendText(log.active(), first + "\nthe other\n");
        log.settle();
        assertEquals(List.of(first + "\nthis one\n", first + "\nthe other\n"), log.contents());
        String id = log.store().segments().list().getFirst().id();
        assertEquals(id + "-2", log.store().segments().list().getLast().id());
        assertEquals(
                List.of(first + "\nthis one\n", first + "\nthe other\n"),
                log.restart().settle().contents());
    }

    @Test
    void findsOutThatWhatLookedLikeACopyIsNone() throws Exception {
        String first = log.line();
        log.appendText(directory.resolve("policy_action.log.1"), first + "\nthis one\n");
        log.settle();
        log.appendText(log.active(), first + "\n");
        log.settle();
        log.appendText(log.active(), "the other\n");
        log.settle();
        assertEquals(List.of(first + "\nthis one\n", first + "\nthe other\n"), log.contents());
    }

    @Test
    void takesACompressedFileForTheSegmentItWas() throws Exception {
        String lines = text(log.append(50));
        log.scan();
        Path backup = log.rotate();
        log.append(1);
        log.settle();
        log.gzip(backup);
        log.settle();
        assertEquals(2, log.store().segments().list().size());
        assertEquals(lines, log.contents().getFirst());
    }

    @Test
    void readsACompressedFileThatItNeverSawPlain() throws Exception {
        String lines = text(log.append(50));
        Path backup = log.rotate();
        log.gzip(backup);
        String rest = text(log.append(1));
        assertEquals(List.of(lines, rest), log.settle().contents());
    }

    @Test
    void ignoresACompressedFileThatIsNotWhole() throws Exception {
        log.append(500);
        Path zipped = log.gzip(log.rotate());
        log.truncate(zipped, Files.size(zipped) / 2);
        assertTrue(log.settle().store().segments().list().isEmpty());
    }

    @Test
    void finishesAWritersBackupAtOnceAndOthersWhenTheyAreQuiet() throws Exception {
        log.append(1);
        log.scan();
        assertFalse(log.store().segments().list().getFirst().finished(), "the active file");
        log.rotate();
        log.scan();
        assertTrue(log.store().segments().list().getFirst().finished(), "the writer closes before it renames");
        log.append(1);
        log.scan();
        log.rotateNumbered();
        log.append(1);
        log.scan();
        assertFalse(log.store().segments().list().get(1).finished(), "another rotator's writer may still append");
        log.settle();
        assertTrue(log.store().segments().list().get(1).finished(), "quiet, and a later one exists");
        assertFalse(log.store().segments().list().get(2).finished());
    }

    @Test
    void releasesTheOldestPastTheBoundAndSaysWhatWasLost() throws Exception {
        log.retention(new Retention(150, 10_000, 0));
        log.store().addHold(() -> SegmentHold.ALL);
        for (int i = 0; i < 3; i++) {
            log.append(2);
            log.scan();
            Path backup = log.rotate();
            log.scan();
            Files.delete(backup);
        }
        log.append(1);
        log.scan();
        assertTrue(log.store().retainedBytes() <= 150);
        List<Segments.Lost> lost = log.store().segments().lost();
        assertFalse(lost.isEmpty());
        assertEquals(Segments.Lost.Reason.RETENTION, lost.getFirst().reason());
        List<Long> order = new ArrayList<>();
        lost.forEach(l -> order.add(l.sequence()));
        log.store().segments().list().forEach(s -> order.add(s.sequence()));
        assertEquals(order.stream().sorted().toList(), order, "the oldest first");
        assertEquals(
                "policy_action-2026-01-01T00-00-00.000.log", lost.getFirst().file());
    }

    @Test
    void releasesTheOldestWhenItHoldsMoreFilesThanAllowed() throws Exception {
        log.retention(new Retention(1L << 30, 2, 0));
        log.store().addHold(() -> SegmentHold.ALL);
        List<String> contents = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            contents.add(text(log.append(1)));
            log.scan();
            Files.delete(log.rotate());
        }
        contents.add(text(log.append(1)));
        assertEquals(contents.subList(2, 5), log.scan().contents());
        assertEquals(2, log.store().segments().lost().size());
    }

    @Test
    void releasesWhatOnlyPinsHoldWhenTheDiskIsFullerThanAllowed() throws Exception {
        log.retention(new Retention(1L << 30, 10_000, 1));
        log.store().addHold(() -> SegmentHold.ALL);
        log.append(2);
        log.scan();
        Path backup = log.rotate();
        String kept = text(log.append(1));
        log.scan();
        assertEquals(2, log.contents().size(), "no disk is free as a whole, but the file has a name");
        Files.delete(backup);
        assertEquals(List.of(kept), log.scan().contents());
        assertEquals(
                Segments.Lost.Reason.RETENTION,
                log.store().segments().lost().getFirst().reason());
    }

    @Test
    void knowsTheEndOfTheLogByTheFilesDateAfterAStartAndByTheClockFromThenOn() throws Exception {
        log.append(1);
        Path backup = log.rotate();
        log.append(1);
        Files.setLastModifiedTime(
                backup,
                FileTime.from(
                        Files.getLastModifiedTime(log.active()).toInstant().minusSeconds(100)));
        log.restart().scan();
        Segment first = log.store().segments().list().getFirst();
        assertEquals(100.0, log.store().secondsKnownAfter(first.sequence(), 0));
        assertEquals(0.0, log.store().secondsKnownAfter(first.sequence(), first.size()));
        log.pass(7);
        assertEquals(107.0, log.store().secondsKnownAfter(first.sequence(), 0));
        assertEquals(7.0, log.store().secondsKnownAfter(first.sequence(), first.size()));
        Segment last = log.store().segments().list().getLast();
        assertEquals(0.0, log.store().secondsKnownAfter(last.sequence(), last.size()));
        log.append(1);
        log.scan().pass(2);
        assertEquals(2.0, log.store().secondsKnownAfter(last.sequence(), last.size()));
    }

    @Test
    void readsNothingButRegularFiles() throws Exception {
        Path outside = Files.createTempFile("outside", ".log");
        Files.writeString(outside, "secret\n");
        Files.createSymbolicLink(directory.resolve("policy_action-link.log"), outside);
        Files.createDirectory(directory.resolve("policy_action-directory.log"));
        assertEquals(
                0,
                new ProcessBuilder(
                                "mkfifo",
                                directory.resolve("policy_action-fifo.log").toString())
                        .start()
                        .waitFor());
        Path socket = directory.resolve("policy_action-socket.log");
        String lines = text(log.append(1));
        try (ServerSocketChannel listening = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            listening.bind(UnixDomainSocketAddress.of(socket));
            int devices = makeDevice(directory.resolve("policy_action-device.log")) ? 1 : 0;
            assertEquals(List.of(lines), log.settle().contents());
            assertEquals(4 + devices, log.store().unreadableFiles());
            assertEquals(1, log.pins().size());
        }
        Files.delete(outside);
    }

    /** One that gives zeros without end; only root may. */
    private static boolean makeDevice(Path path) throws Exception {
        return new ProcessBuilder("mknod", path.toString(), "c", "1", "5")
                        .start()
                        .waitFor()
                == 0;
    }

    /** A name can lead elsewhere between the look at it and the link that pins it. */
    @Test
    void readsNothingElseThoughNamesAreSwappedWhileItLooks(@TempDir Path elsewhere) throws Exception {
        Path secret = Files.writeString(elsewhere.resolve("secret"), "secret\n");
        assertEquals(
                0,
                new ProcessBuilder("mkfifo", elsewhere.resolve("fifo").toString())
                        .start()
                        .waitFor());
        AtomicBoolean stop = new AtomicBoolean();
        AtomicInteger swaps = new AtomicInteger();
        FutureTask<Void> swapper = new FutureTask<>(() -> {
            for (int i = 0; !stop.get(); i++) {
                Path next = elsewhere.resolve("next");
                switch (i % 4) {
                    case 0 -> Files.createSymbolicLink(next, secret);
                    case 2 -> Files.createLink(next, elsewhere.resolve("fifo"));
                    default -> Files.writeString(next, "line " + i + "\n");
                }
                Files.move(next, log.active(), StandardCopyOption.ATOMIC_MOVE);
                swaps.incrementAndGet();
            }
            return null;
        });
        Thread thread = Thread.ofPlatform().start(swapper);
        try {
            // The swapper may get no processor for a while; one that failed is told of below.
            while (!swapper.isDone() && (swaps.get() < 1000 || log.contents().isEmpty())) {
                for (String text : log.scan().contents()) {
                    assertTrue(text.startsWith("line "), text);
                }
            }
        } finally {
            stop.set(true);
            thread.join();
        }
        swapper.get();
        assertFalse(log.contents().isEmpty());
    }

    @Test
    void waitsForADirectoryThatIsNotThereAndTakesANewOne() throws Exception {
        log.close();
        Path missing = directory.resolve("missing");
        try (TestLog other = new TestLog(missing, false)) {
            assertFalse(other.scan().store().logPresent());
            Files.createDirectory(missing);
            assertFalse(other.scan().store().logPresent(), "made by the kubelet, on a node that writes no log");
            String lines = text(other.append(1));
            assertEquals(List.of(lines), other.scan().contents());
            assertTrue(other.store().logPresent());
        }
        log = new TestLog(directory, true);
    }

    @Test
    void takesALogDirectoryThatWasAwayForTheSameLog() throws Exception {
        for (boolean withState : new boolean[] {true, false}) {
            log.close();
            log = new TestLog(Files.createDirectory(directory.resolve("log-" + withState)), withState);
            log.store().addHold(() -> SegmentHold.ALL);
            log.append(3);
            log.rotate();
            log.append(2);
            List<Segment> before = log.scan().store().segments().list();
            Path away = Files.move(log.directory(), directory.resolve("away-" + withState));
            log.scan()
                    .pass(SegmentStore.LINGER_NANOS / 1_000_000_000 + 5)
                    .scan()
                    .pass(5)
                    .scan();
            assertFalse(log.store().logPresent());
            Files.move(away, log.directory());
            log.scan().pass(5).scan();
            assertTrue(log.store().logPresent());
            assertEquals(ids(before), ids(log.store().segments().list()));
            assertEquals(List.of(), log.store().segments().lost());
            log.append(1);
            assertEquals(3, log.scan().contents().getLast().lines().count());
        }
    }

    private static List<String> ids(List<Segment> segments) {
        return segments.stream().map(s -> s.sequence() + " " + s.id()).toList();
    }

    @Test
    void pinsAgainWhatLostItsPin() throws Exception {
        log.store().addHold(() -> SegmentHold.ALL);
        String first = text(log.append(3));
        log.rotate();
        String second = text(log.append(2));
        List<Segment> before = log.scan().store().segments().list();
        for (Path removed : List.of(log.stateDirectory(), log.stateDirectory().resolve("segments"))) {
            TestLog.removeAll(removed);
            log.scan().scan();
            assertEquals(2, log.pins().size(), removed + " was removed");
        }
        Files.delete(log.stateDirectory().resolve("segments").resolve(log.pins().getFirst()));
        log.scan().scan();
        assertEquals(2, log.pins().size(), "one pin was removed");
        String third = text(log.append(1));
        assertEquals(List.of(first, second + third), log.scan().contents());
        assertTrue(log.store().linking());
        TestLog.removeAll(log.directory().resolve("policy_action-2026-01-01T00-00-00.000.log"));
        assertEquals(ids(before), ids(log.scan().store().segments().list()), "the new pins hold as well");
        assertEquals(List.of(first, second + third), log.contents());
    }

    @Test
    void pinsAgainWhatLostItsPinThoughAnotherNameHoldsItToo() throws Exception {
        log.store().addHold(() -> SegmentHold.ALL);
        String text = text(log.append(3));
        Path backup = log.rotate();
        Files.createLink(directory.resolve("backup"), backup);
        log.append(1);
        log.scan();
        Files.delete(log.stateDirectory().resolve("segments").resolve(log.pins().getFirst()));
        log.pass(SegmentStore.LINGER_NANOS / 1_000_000_000 + 1).scan();
        Files.delete(backup);
        assertEquals(text, log.scan().contents().getFirst());
    }

    @Test
    void pinsNewFilesThoughTheFolderOfPinsIsGone() throws Exception {
        log.append(3);
        log.scan();
        TestLog.removeAll(log.stateDirectory().resolve("segments"));
        log.rotate();
        String second = text(log.append(2));
        assertEquals(second, log.scan().scan().contents().getLast());
        assertEquals(0, log.store().unreadableFiles());
    }

    @Test
    void knowsOfNothingAfterAPlaceWhenWhatWasThereIsTruncated() throws Exception {
        log.append(1);
        log.scan();
        long sequence = log.store().segments().list().getFirst().sequence();
        log.append(1);
        log.scan().pass(10).scan();
        assertTrue(log.store().secondsKnownAfter(sequence, 0) > 9);
        log.truncate(log.active(), 0);
        log.scan().pass(5).scan().pass(5).scan();
        assertEquals(0, log.store().bytesAfter(sequence, 0));
        assertEquals(0, log.store().secondsKnownAfter(sequence, 0));
    }

    @Test
    void seesNoGapWhereTheNewestFileIsCompressedAtOnce() throws Exception {
        log.store().addHold(() -> SegmentHold.ALL);
        log.append(3);
        log.scan();
        log.rotateNumbered();
        log.gzip(log.directory().resolve("policy_action.log.1"));
        log.append(2);
        List<Segment> segments = log.scan().store().segments().list();
        assertEquals(2, segments.size());
        assertFalse(segments.getLast().afterGap());
    }

    @Test
    void letsGoOfPinsThoughACompressedFileIsDamagedAndSaysThatItIs() throws Exception {
        log.store().addHold(() -> Long.MAX_VALUE);
        log.append(2000);
        Path zipped = log.gzip(log.rotate());
        byte[] whole = Files.readAllBytes(zipped);
        Files.write(zipped, Arrays.copyOf(whole, whole.length / 2));
        log.append(3);
        log.scan();
        Files.delete(log.rotate());
        log.append(3);
        assertEquals(2, log.scan().store().segments().list().size());
        log.pass(SegmentStore.LINGER_NANOS / 1_000_000_000 + 1).scan();
        assertEquals(1, log.scan().store().segments().list().size());
        assertEquals(1, log.store().unreadableFiles());
    }

    @Test
    void holdsAllPinsUntilTheDirectoryWasListedOnce() throws Exception {
        log.store().addHold(() -> SegmentHold.ALL);
        log.append(2);
        log.rotate();
        log.append(2);
        List<Segment> before = log.scan().store().segments().list();
        log.stop();
        AtomicLong nanos = new AtomicLong(log.nanoTime());
        try (SegmentStore store = new SegmentStore(
                directory.resolve("away"),
                "policy_action*",
                Optional.of(StateDirectory.open(log.stateDirectory())),
                new Retention(1L << 30, 10_000, 0),
                nanos::get,
                InstantSource.system())) {
            store.addHold(() -> Long.MAX_VALUE);
            store.scan();
            nanos.addAndGet(2 * SegmentStore.LINGER_NANOS);
            store.scan();
            assertEquals(ids(before), ids(store.segments().list()));
        }
        log.start();
    }

    @Test
    void releasesAPlainFileAndKeepsItsCompressedOneThatHasAName() throws Exception {
        log.retention(new Retention(10, 10_000, 0));
        log.store().addHold(() -> SegmentHold.ALL);
        String text = text(log.append(3));
        log.scan();
        log.rotateNumbered();
        log.append(1);
        List<Segment> before = log.scan().store().segments().list();
        log.gzip(log.directory().resolve("policy_action.log.1"));
        log.settle();
        assertEquals(ids(before), ids(log.scan().store().segments().list()));
        assertEquals(text, log.contents().getFirst());
        assertEquals(0, log.store().retainedBytes());
        assertEquals(List.of(), log.store().segments().lost());
    }

    @Test
    void letsGoOfPinsThoughACompressedFileIsEmpty() throws Exception {
        log.store().addHold(() -> Long.MAX_VALUE);
        log.append(1);
        log.scan();
        Files.delete(log.rotate());
        log.gzip(Files.createFile(log.directory().resolve("policy_action.log.7")));
        log.append(1);
        log.scan().pass(SegmentStore.LINGER_NANOS / 1_000_000_000 + 1).scan();
        assertEquals(1, log.scan().store().segments().list().size());
        assertEquals(0, log.store().unreadableFiles());
    }

    @Test
    void purgesWhatItMadeThoughItCannotReadItAndNothingElse() throws Exception {
        log.append(3);
        log.scan();
        log.stop();
        Path state = log.stateDirectory();
        Files.writeString(state.resolve("store"), "policylog store v9\nwhat comes with it\n");
        Files.writeString(state.resolve("position-kafka"), "damaged");
        Path other = Files.writeString(state.resolve("notes.txt"), "not ours");
        Path pinned = Files.writeString(state.resolve("segments/notes.txt"), "not ours");
        assertEquals(Set.of(other, pinned, state.resolve("segments")), Set.copyOf(StateDirectory.purge(state)));
        try (Stream<Path> left = Files.walk(state)) {
            assertEquals(Set.of(state, state.resolve("segments"), other, pinned), left.collect(Collectors.toSet()));
        }
        Files.delete(other);
        Files.delete(pinned);
        assertEquals(List.of(), StateDirectory.purge(state));
        assertFalse(Files.exists(state));
        log.start();
    }

    @Test
    void saysWhyTheStateDirectoryCannotBeMade() throws Exception {
        Path state = Files.createFile(directory.resolve("file")).resolve("state");
        IOException refused = assertThrows(IOException.class, () -> StateDirectory.open(state));
        assertEquals(
                "state.directory " + state
                        + " can't be made: Not a directory; let this user write there, or name another directory",
                refused.getMessage());
    }

    @Test
    void refusesAStateDirectoryThatIsNotOursAlone() throws Exception {
        log.close();
        Path open = directory.resolve("open");
        Files.createDirectory(open, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));
        Path link = Files.createSymbolicLink(directory.resolve("link"), open);
        IOException mode = assertThrows(IOException.class, () -> StateDirectory.open(open));
        assertTrue(mode.toString().contains("must have mode 0700, but has 0755"), mode::toString);
        IOException kind = assertThrows(IOException.class, () -> StateDirectory.open(link));
        assertTrue(kind.toString().contains("must be a real directory"), kind::toString);
        log = new TestLog(directory, true);
    }

    @Test
    void letsOnlyOneHoldTheState() throws Exception {
        StateDirectory.HeldException held = assertThrows(
                StateDirectory.HeldException.class,
                () -> StateDirectory.open(log.stateDirectory()).close());
        assertTrue(
                held.toString().contains(String.valueOf(ProcessHandle.current().pid())), held::toString);
        log.close();
        StateDirectory.open(log.stateDirectory()).close();
        log = new TestLog(directory, true);
    }

    @Test
    void givesNoSequenceNumberTwiceThoughNoPinIsLeft() throws Exception {
        log.append(1);
        log.scan();
        long first = log.store().segments().list().getFirst().sequence();
        Files.delete(log.active());
        log.pass(61).scan().pass(61).scan();
        assertEquals(List.of(), log.pins());
        log.append(1);
        log.restart().scan();
        assertTrue(log.store().segments().list().getFirst().sequence() > first);
    }

    @Test
    void takesOverWhatACrashLeftUnnamed() throws Exception {
        String lines = text(log.append(1));
        Files.createLink(log.stateDirectory().resolve("segments/.new-0"), log.active());
        Files.delete(log.active());
        String next = text(log.append(1));
        assertEquals(List.of(lines, next), log.restart().settle().contents());
        assertEquals(2, log.pins().size());
    }

    @Test
    void removesAnUnnamedPinOfWhatHasAPinAlready() throws Exception {
        log.append(1);
        log.scan();
        Files.createLink(log.stateDirectory().resolve("segments/.new-0"), log.active());
        log.restart().scan();
        assertEquals(1, log.pins().size());
        assertEquals(1, log.store().segments().list().size());
    }

    @Test
    void remembersThatAnUnnamedPinIsCompressed() throws Exception {
        String lines = text(log.append(3));
        Path zipped = log.gzip(log.rotate(), log::scan);
        Files.delete(directory.resolve(".policylog/segments").resolve(log.pins().getFirst()));
        log.restart();
        Files.delete(zipped);
        assertEquals(List.of(lines), log.settle().contents());
    }

    @Test
    void placesAFileLaterWhenNoSequenceNumberCanBeMadeDurable() throws Exception {
        log.scan();
        for (int i = 0; i < 1000; i++) {
            log.takeSequence();
        }
        Path blocking = Files.createDirectory(log.stateDirectory().resolve("store.tmp"));
        String lines = text(log.append(1));
        assertEquals(List.of(), log.scan().contents());
        Files.delete(blocking);
        assertEquals(List.of(lines), log.scan().contents());
    }

    @Test
    void holdsDescriptorsWhereThereIsNoStateDirectory() throws Exception {
        log.close();
        try (TestLog other = new TestLog(directory, false)) {
            other.store().addHold(() -> SegmentHold.ALL);
            String lines = text(other.append(3));
            other.scan();
            Files.delete(other.rotate());
            other.append(1);
            assertEquals(lines, other.settle().contents().getFirst());
            assertFalse(other.store().linking());
        }
        log = new TestLog(directory, true);
    }
}
