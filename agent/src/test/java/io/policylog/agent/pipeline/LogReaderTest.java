package io.policylog.agent.pipeline;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.policylog.agent.segments.Retention;
import io.policylog.agent.segments.SegmentHold;
import io.policylog.agent.segments.Segments;
import io.policylog.agent.segments.TestLog;
import io.policylog.sinks.Position;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

final class LogReaderTest {
    @TempDir
    private Path directory;

    private TestLog log;
    private LogReader reader;
    private final List<String> ids = new ArrayList<>();
    private final Recorded events = new Recorded();

    private static final class Recorded implements LogReader.ReaderEvents {
        long lostBytes;
        long rereadBytes;
        int gaps;

        @Override
        public void lost(Segments.Lost segment, long bytes) {
            lostBytes += bytes;
        }

        @Override
        public void reread(long bytes, String segmentId) {
            rereadBytes += bytes;
        }

        @Override
        public void pinRemoved(long bytes, String segmentId) {
            rereadBytes += bytes;
        }

        @Override
        public void gap(String segmentId) {
            gaps++;
        }

        @Override
        public void rescan() {
            // Nothing to look for: the tests scan by hand.
        }
    }

    @BeforeEach
    void open() throws Exception {
        log = new TestLog(directory, true);
        log.store().addHold(() -> SegmentHold.ALL);
        reader = newReader();
    }

    private LogReader newReader() {
        return new LogReader(() -> log.store().segments(), new ReadLimits(1000, 256), log::nanoTime, events);
    }

    @AfterEach
    void close() throws Exception {
        reader.close();
        log.close();
    }

    /** Reads until it has caught up, and gives the lines; a line that is too long as its length. */
    private List<String> lines() throws Exception {
        List<String> lines = new ArrayList<>();
        for (@Nullable Chunk chunk = reader.read(); chunk != null; chunk = reader.read()) {
            ids.add(chunk.segmentId() + ":" + chunk.offset());
            if (chunk.tooLongBytes() > 0) {
                lines.add("too long: " + chunk.tooLongBytes());
            } else {
                String text = new String(chunk.buffer(), 0, chunk.length(), StandardCharsets.UTF_8);
                lines.addAll(List.of(text.split("\n")));
            }
        }
        return lines;
    }

    private Position position() throws Exception {
        return reader.position(log.store().storeId(), 0).orElseThrow();
    }

    private void crashAndResume(Optional<Position> position) throws Exception {
        crashAndResume(position, () -> {});
    }

    private void crashAndResume(Optional<Position> position, Executable whileStopped) throws Exception {
        reader.close();
        log.stop();
        assertDoesNotThrow(whileStopped);
        log.start().store().addHold(() -> SegmentHold.ALL);
        log.scan();
        reader = newReader();
        reader.resume(position, StartAt.BEGINNING);
    }

    private static <T> List<T> concat(List<T> a, List<T> b) {
        List<T> all = new ArrayList<>(a);
        all.addAll(b);
        return all;
    }

    @Test
    void readsAllThatIsThereWhenTheStateIsAnOlderCopyOfItself() throws Exception {
        for (int files = 1; files <= 6; files += 5) {
            close();
            log = new TestLog(Files.createDirectory(directory.resolve("log" + files)), true);
            log.append(1);
            log.scan().stop();
            Path copy = directory.resolve("copy" + files);
            copyAll(log.stateDirectory(), copy);
            log.start().store().addHold(() -> SegmentHold.ALL);
            reader = newReader();
            for (int i = 0; i < 3; i++) {
                log.rotate();
                log.append(2);
                log.scan();
                lines();
            }
            Position position = position();
            reader.close();
            log.stop();
            try (Stream<Path> logs = Files.list(log.directory())) {
                for (Path file : logs.filter(Files::isRegularFile).toList()) {
                    Files.delete(file);
                }
            }
            List<String> expected = new ArrayList<>(log.append(2));
            for (int i = 1; i < files; i++) {
                log.rotate();
                expected.addAll(log.append(2));
            }
            TestLog.removeAll(log.stateDirectory());
            copyAll(copy, log.stateDirectory());
            log.start().scan();
            events.gaps = 0;
            reader = newReader();
            reader.resume(Optional.of(position), StartAt.END);
            assertTrue(lines().containsAll(expected), files + " files");
            assertTrue(events.gaps > 0);
        }
    }

    private static void copyAll(Path from, Path to) throws Exception {
        try (Stream<Path> paths = Files.walk(from)) {
            for (Path path : paths.toList()) {
                Files.copy(path, to.resolve(from.relativize(path).toString()), StandardCopyOption.COPY_ATTRIBUTES);
            }
        }
    }

    @Test
    void passesNothingOverThoughThePositionsSegmentLostItsPinWhileStopped() throws Exception {
        List<String> first = new ArrayList<>(log.append(3));
        log.scan();
        lines();
        Position position = position();
        first.addAll(log.append(2));
        List<String> following = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            log.rotate();
            following.addAll(log.append(2));
            log.scan();
        }
        crashAndResume(Optional.of(position), () -> removePins(1));
        assertEquals(position.offset(), events.rereadBytes);
        assertEquals(concat(following, first), lines());
    }

    /** The limit of that: what a removed pin told, nothing else does. */
    @Test
    void readsAFileAgainThatLostItsPinWhileOneAfterThePositionKeptIts() throws Exception {
        List<String> again = new ArrayList<>(log.append(2));
        log.scan();
        log.rotate();
        again.addAll(log.append(2));
        log.scan();
        lines();
        Position position = position();
        log.rotate();
        List<String> following = log.append(2);
        log.scan();
        crashAndResume(Optional.of(position), () -> removePins(2));
        assertEquals(concat(following, again), lines());
        assertEquals(position.offset(), events.rereadBytes);
    }

    /** Those of the oldest segments. */
    private void removePins(int count) throws Exception {
        for (String pin : log.pins().subList(0, count)) {
            Files.delete(log.stateDirectory().resolve("segments").resolve(pin));
        }
    }

    @Test
    void readsNothingAgainWhenAllPinsWereRemovedWhileStopped() throws Exception {
        for (int i = 0; i < 3; i++) {
            log.append(2);
            log.scan();
            lines();
            log.rotate();
        }
        log.append(2);
        log.scan();
        lines();
        Position position = position();
        crashAndResume(Optional.of(position), () -> removePins(4));
        assertEquals(List.of(), lines());
        log.pass(3).scan();
        assertEquals(List.of(), lines());
        assertTrue(position().sequence() > position.sequence(), "the pipeline commits the new number at once");
        crashAndResume(Optional.of(position()));
        assertEquals(List.of(), lines());
        List<String> more = log.append(2);
        log.scan();
        assertEquals(more, lines());
        assertEquals(0, events.rereadBytes);
    }

    @Test
    void readsTwoRotatedFilesAndAnActiveOneInOrder() throws Exception {
        List<String> expected = new ArrayList<>();
        expected.addAll(log.append(20));
        log.rotate();
        expected.addAll(log.append(20));
        log.rotate();
        expected.addAll(log.append(20));
        log.scan();
        assertEquals(expected, lines());
        List<String> more = log.append(3);
        assertEquals(more, lines());
    }

    @Test
    void leavesATornTailUntilItIsALine() throws Exception {
        List<String> first = log.append(1);
        log.appendText(log.active(), "{\"torn\"");
        log.scan();
        assertEquals(first, lines());
        assertEquals(List.of(), lines());
        log.appendText(log.active(), ":1}\n");
        assertEquals(List.of("{\"torn\":1}"), lines());
    }

    @Test
    void takesATornTailForALineWhenTheSegmentIsFinished() throws Exception {
        log.append(1);
        log.appendText(log.active(), "{\"torn\"");
        log.scan();
        lines();
        log.rotate();
        List<String> next = log.append(1);
        log.scan();
        assertEquals(concat(List.of("{\"torn\""), next), lines());
    }

    @Test
    void skipsALineThatIsTooLongAndReadsOn() throws Exception {
        List<String> before = log.append(1);
        log.scan();
        assertEquals(before, lines());
        log.appendText(log.active(), "y".repeat(700));
        assertEquals(List.of(), lines());
        log.appendText(log.active(), "y".repeat(700));
        assertEquals(List.of(), lines());
        log.appendText(log.active(), "y".repeat(70) + "\n");
        List<String> after = log.append(1);
        assertEquals(concat(List.of("too long: 1470"), after), lines());
    }

    @Test
    void readsALineOfExactlyTheLongestLength() throws Exception {
        for (int length : new int[] {999, 1000, 1001, 1002}) {
            log.appendText(log.active(), "z".repeat(length) + "\n");
        }
        log.scan();
        List<String> lines = lines();
        assertEquals(
                List.of(999, 1000),
                lines.subList(0, 2).stream().map(String::length).toList());
        // One more may be handed on whole; the parser then finds it too long.
        assertTrue(lines.get(2).equals("z".repeat(1001)) || lines.get(2).equals("too long: 1001"));
        assertEquals("too long: 1002", lines.get(3));
    }

    @Test
    void resumesWhereItStoodAfterACrash() throws Exception {
        log.append(10);
        log.scan();
        lines();
        Position position = position();
        assertEquals(position, Position.parse(position.toText()));
        List<String> more = log.append(5);
        log.rotate();
        List<String> next = log.append(2);
        crashAndResume(Optional.of(position));
        assertEquals(concat(more, next), lines());
        assertEquals(0, events.gaps);
    }

    @Test
    void resumesAfterRotationAndUnlinkingWhileStopped() throws Exception {
        log.append(10);
        log.scan();
        lines();
        Position position = position();
        List<String> more = log.append(5);
        Files.delete(log.rotate());
        List<String> next = log.append(2);
        crashAndResume(Optional.of(position));
        log.settle();
        assertEquals(concat(more, next), lines());
    }

    @Test
    void goesOnInTheCopyAfterCopytruncate() throws Exception {
        List<String> first = log.append(10);
        log.scan();
        assertEquals(first, lines());
        List<String> unread = log.append(4);
        log.copyTruncate();
        List<String> next = log.append(30);
        assertEquals(List.of(), lines(), "what is in the file now is another segment's");
        log.settle();
        assertEquals(concat(unread, next), lines());
        assertEquals(0, events.lostBytes);
    }

    @Test
    void countsWhatTruncationInPlaceTookAway() throws Exception {
        log.append(2);
        log.scan();
        lines();
        List<String> unread = log.append(3);
        log.scan();
        log.truncate(log.active(), 0);
        List<String> next = log.append(1);
        log.settle();
        assertEquals(next, lines());
        assertEquals(unread.stream().mapToLong(l -> l.length() + 1).sum(), events.lostBytes);
    }

    @Test
    void finishesInTheCompressedFileWhatItBeganInThePlainOne() throws Exception {
        log.append(10);
        log.scan();
        lines();
        Position position = position();
        List<String> unread = log.append(20);
        log.gzip(log.rotate());
        Files.delete(log.stateDirectory().resolve("segments").resolve(log.pins().getFirst())); // As without pins.
        List<String> next = log.append(1);
        crashAndResume(Optional.of(position));
        log.settle();
        reader.resume(Optional.of(position), StartAt.BEGINNING);
        assertEquals(concat(unread, next), lines());
    }

    @Test
    void readsAgainFromTheLastCheckThatHoldsAfterAPowerCut() throws Exception {
        List<String> all = new ArrayList<>();
        for (int i = 0; i < 30; i++) {
            all.addAll(log.append(1));
            log.scan();
            lines();
            position();
        }
        Position position = position();
        long lineBytes = all.getFirst().length() + 1L;
        long cut = position.offset() - 3 * lineBytes - 5;
        log.truncate(log.active(), cut);
        log.appendText(log.active(), "\n");
        List<String> after = log.append(2);
        crashAndResume(Optional.of(position));
        ids.clear();
        List<String> read = lines();
        assertEquals(after, read.subList(read.size() - 2, read.size()));
        assertTrue(ids.stream().allMatch(id -> id.startsWith(position.segmentId() + "~2:")), ids.toString());
        assertTrue(events.rereadBytes > 0);
        assertTrue(position().checks().size() <= Position.MAX_CHECKS);
    }

    @Test
    void readsAgainWhatAPowerCutTurnedIntoNulBytes() throws Exception {
        log.append(1);
        log.scan();
        lines();
        Position early = position();
        List<String> second = log.append(1);
        lines();
        Position position = position();
        log.truncate(log.active(), early.offset());
        log.appendText(log.active(), "\0".repeat(second.getFirst().length() + 1));
        List<String> after = log.append(1);
        crashAndResume(Optional.of(position));
        List<String> read = lines();
        assertEquals(after.getFirst(), read.getLast().replace("\0", ""));
    }

    @Test
    void startsAtTheEndOnlyWhenThereIsNoPosition() throws Exception {
        log.append(3);
        log.appendText(log.active(), "torn");
        log.scan();
        reader.resume(Optional.empty(), StartAt.END);
        assertEquals(List.of(), lines());
        log.appendText(log.active(), "\n");
        List<String> next = log.append(1);
        assertEquals(concat(List.of("torn"), next), lines());
    }

    @Test
    void startsWithTheNextSegmentWhenThereIsNoneYet() throws Exception {
        log.scan();
        reader.resume(Optional.empty(), StartAt.END);
        List<String> next = log.append(1);
        log.scan();
        assertEquals(next, lines());
    }

    @Test
    void reportsAGapWhenThePositionsSegmentIsGone() throws Exception {
        log.append(3);
        log.scan();
        lines();
        Position position = position();
        reader.close();
        log.close();
        try (var pins = Files.list(log.stateDirectory().resolve("segments"))) {
            for (Path pin : pins.toList()) {
                Files.delete(pin);
            }
        }
        Files.delete(log.rotate());
        List<String> next = log.append(2);
        crashAndResume(Optional.of(position));
        assertEquals(next, lines());
        assertEquals(1, events.gaps);
    }

    @Test
    void reportsAGapWhenFilesMayHaveComeAndGoneWhileItWasStopped() throws Exception {
        List<String> first = log.append(3);
        log.scan();
        assertEquals(first, lines());
        Position position = position();
        Files.delete(log.rotate());
        log.append(2);
        Files.delete(log.rotate());
        List<String> next = log.append(2);
        crashAndResume(Optional.of(position));
        log.settle();
        assertEquals(next, lines());
        assertEquals(1, events.gaps);
    }

    @Test
    void reportsNoGapWhileTheNewestKnownFileIsStillThere() throws Exception {
        log.append(3);
        log.scan();
        lines();
        Position position = position();
        log.rotate();
        log.append(2);
        log.rotate();
        List<String> next = log.append(2);
        crashAndResume(Optional.of(position));
        log.settle();
        assertEquals(next, lines().subList(2, 4));
        assertEquals(0, events.gaps);
    }

    @Test
    void findsItsPlaceByContentInAnotherStore() throws Exception {
        log.append(2);
        log.rotate();
        log.append(2);
        log.scan();
        lines();
        Position position = position();
        List<String> more = log.append(2);
        reader.close();
        log.close();
        log = new TestLog(directory, false);
        log.scan();
        reader = newReader();
        reader.resume(Optional.of(position), StartAt.BEGINNING);
        assertEquals(more, lines());
    }

    @Test
    void countsWhatRetentionReleasedUnread() throws Exception {
        reader.close();
        log.retention(new Retention(150, 10_000, 0));
        log.store().addHold(() -> SegmentHold.ALL);
        log.scan();
        reader = newReader();
        reader.resume(Optional.empty(), StartAt.BEGINNING);
        List<String> written = new ArrayList<>();
        written.addAll(log.append(2));
        log.scan();
        List<String> read = new ArrayList<>(lines());
        for (int i = 0; i < 4; i++) {
            written.addAll(log.append(2));
            log.scan();
            Files.delete(log.rotate());
        }
        written.addAll(log.append(1));
        log.settle();
        read.addAll(lines());
        long bytes = written.stream().mapToLong(l -> l.length() + 1).sum();
        long readBytes = read.stream().mapToLong(l -> l.length() + 1).sum();
        assertTrue(events.lostBytes > 0);
        assertEquals(bytes, readBytes + events.lostBytes);
    }

    @Test
    void shipsBytesThatAppearLateUnderTheirOwnIds() throws Exception {
        log.append(2);
        log.scan();
        log.rotateNumbered();
        log.append(1);
        log.settle();
        lines();
        Path old = directory.resolve("policy_action.log.1");
        long end = Files.size(old);
        String late = log.line() + "y".repeat(700); // Longer than the buffer.
        log.appendText(old, late + "\n");
        log.scan();
        ids.clear();
        assertEquals(List.of(late), lines());
        assertTrue(ids.getFirst().endsWith(":" + end), ids.toString());
        Position position = position();
        crashAndResume(Optional.of(position));
        assertEquals(List.of(), lines(), "what came late is committed too");
    }

    @Test
    void goesOnInTheActiveFileAfterOneAppearedThatIsTakenForLater() throws Exception {
        List<String> before = log.append(2);
        log.scan();
        Path restored = directory.resolve("policy_action-2025-12-31T00-00-00.000.log");
        String old = log.line();
        log.appendText(restored, old + "\n");
        log.settle();
        assertEquals(concat(before, List.of(old)), lines());
        log.pass(120).scan();
        assertEquals(List.of(), lines());
        String torn = log.line();
        log.appendText(log.active(), torn.substring(0, 9));
        log.settle();
        assertEquals(List.of(), lines(), "the writer is not done with the line");
        log.appendText(log.active(), torn.substring(9) + "\n");
        log.scan();
        assertEquals(List.of(torn), lines());
        crashAndResume(Optional.of(position()));
        List<String> after = log.append(1);
        log.scan();
        assertEquals(after, lines());
    }

    @Test
    void leavesATornTailInTheActiveFileThoughALaterOneAppeared() throws Exception {
        List<String> before = log.append(1);
        String torn = log.line();
        log.appendText(log.active(), torn.substring(0, 9));
        log.scan();
        String old = log.line();
        log.appendText(directory.resolve("policy_action-2025-12-31T00-00-00.000.log"), old + "\n");
        log.settle();
        assertEquals(concat(before, List.of(old)), lines());
        log.appendText(log.active(), torn.substring(9) + "\n");
        log.settle();
        assertEquals(List.of(torn), lines());
    }
}
