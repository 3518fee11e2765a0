package io.policylog.agent.segments;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How long what a pipeline has not committed is still kept. */
final class HeadroomTest {
    private static final int LINE_BYTES = 1_000;
    private static final int FILE_LINES = 20;
    private static final long FILE_BYTES = (long) FILE_LINES * LINE_BYTES;
    private static final Retention ROOMY = new Retention(1L << 30, 10_000, 0);

    @TempDir
    private Path directory;

    private @Nullable TestLog opened;
    private int lines;

    private TestLog open(boolean linking, Retention retention) throws Exception {
        TestLog log = new TestLog(directory, linking).retention(retention);
        log.store().addHold(() -> SegmentHold.ALL);
        opened = log;
        return log;
    }

    @AfterEach
    void close() throws Exception {
        if (opened != null) {
            opened.close();
        }
    }

    /** Writes a line of a thousand bytes each second, as the writer does that keeps five backups. */
    private void write(TestLog log, int count) throws Exception {
        for (int i = 0; i < count; i++) {
            if (lines > 0 && lines % FILE_LINES == 0) {
                log.rotate();
                try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, "policy_action-*")) {
                    TreeSet<Path> backups = new TreeSet<>();
                    files.forEach(backups::add);
                    if (backups.size() > 5) {
                        Files.delete(backups.first());
                    }
                }
            }
            log.appendText(log.active(), "%0999d\n".formatted(++lines));
            log.pass(1).scan();
        }
    }

    private double headroom(TestLog log, long sequence, long offset) {
        return log.store().headroomSeconds(sequence, offset);
    }

    /** The sizes are exact; the rate is 1,000 bytes in a little more than a second. */
    private static void assertBytesAhead(long bytes, double seconds) {
        double expected = bytes / (LINE_BYTES / 1.05);
        assertTrue(Math.abs(seconds - expected) <= expected * 0.1, seconds + " s, expected about " + expected);
    }

    @Test
    void isInfiniteWhenNothingIsLeftOrNothingIsWritten() throws Exception {
        TestLog log = open(true, ROOMY);
        assertEquals(Double.POSITIVE_INFINITY, headroom(log, -1, 0), "no log");
        log.append(10);
        log.scan();
        assertEquals(Double.POSITIVE_INFINITY, headroom(log, -1, 0), "what was there at the start was not written now");
        write(log, 30);
        assertTrue(headroom(log, -1, 0) < Double.POSITIVE_INFINITY);
        Segment last = log.store().segments().list().getLast();
        assertEquals(Double.POSITIVE_INFINITY, headroom(log, last.sequence(), last.size()));
        assertTrue(headroom(log, last.sequence(), last.size() - 1) < Double.POSITIVE_INFINITY);
        log.pass(61).scan().pass(61).scan();
        assertEquals(Double.POSITIVE_INFINITY, headroom(log, -1, 0), "nothing written for more than a minute");
    }

    @Test
    void countsDownToTheUnlinkingWhereDescriptorsArePins() throws Exception {
        TestLog log = open(false, ROOMY);
        write(log, 90); // Four backups and half a file, seen from the first line on.
        long first = log.store().segments().list().getFirst().sequence();
        assertBytesAhead(6 * FILE_BYTES - 90 * LINE_BYTES, headroom(log, first, 0));
        assertBytesAhead(6 * FILE_BYTES - 70 * LINE_BYTES, headroom(log, first, FILE_BYTES));
        write(log, 31);
        assertEquals(0, headroom(log, first, 0), "unlinked: a restart would lose it");
        assertBytesAhead(6 * FILE_BYTES - 101 * LINE_BYTES, headroom(log, first + 1, 0));
    }

    @Test
    void countsDownToTheReleaseWhereLinksArePins() throws Exception {
        TestLog log = open(true, new Retention(3 * FILE_BYTES, 10_000, 0));
        write(log, 90);
        long first = log.store().segments().list().getFirst().sequence();
        assertBytesAhead(9 * FILE_BYTES - 90 * LINE_BYTES, headroom(log, first, 0));
        write(log, 75);
        assertBytesAhead(9 * FILE_BYTES - 165 * LINE_BYTES, headroom(log, first, 0));
        write(log, 15);
        assertTrue(log.store().segments().find(first).isPresent(), "three files unlinked, and not a byte too much");
        assertEquals(0, headroom(log, first, 0));
        write(log, 1);
        assertTrue(log.store().segments().find(first).isEmpty(), "released");
    }

    @Test
    void countsTheFilesWhereTheyAreTooManyBefore() throws Exception {
        TestLog log = open(true, new Retention(1L << 30, 3, 0));
        write(log, 90);
        long first = log.store().segments().list().getFirst().sequence();
        assertBytesAhead(9 * FILE_BYTES - 90 * LINE_BYTES, headroom(log, first, 0));
        write(log, 90);
        assertTrue(log.store().segments().find(first).isPresent(), "three files unlinked, and none too many");
        assertEquals(0, headroom(log, first, 0));
        write(log, 1);
        assertTrue(log.store().segments().find(first).isEmpty(), "released");
    }

    @Test
    void endsWithTheDisk() throws Exception {
        TestLog log = open(true, new Retention(1L << 30, 10_000, 1)); // No disk is so empty.
        write(log, 90);
        long first = log.store().segments().list().getFirst().sequence();
        assertBytesAhead(6 * FILE_BYTES - 90 * LINE_BYTES, headroom(log, first, 0));
    }
}
