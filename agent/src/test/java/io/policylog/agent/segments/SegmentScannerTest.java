package io.policylog.agent.segments;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

final class SegmentScannerTest {
    /** More than a watch keeps for somebody who does not fetch them. */
    private static final int TOO_MANY_EVENTS = 2_000;

    @TempDir
    private Path directory;

    private int others;

    private void makeOtherFiles(int count) throws Exception {
        for (int i = 0; i < count; i++) {
            Files.createFile(directory.resolve("other-" + others++));
        }
    }

    @Test
    @Timeout(120)
    void scansAndSaysSoWhenEventsWereDropped() throws Exception {
        ListAppender<ILoggingEvent> said = new ListAppender<>();
        said.start();
        Logger logger = (Logger) LoggerFactory.getLogger(SegmentScanner.class);
        logger.addAppender(said);
        try (TestLog log = new TestLog(directory, true)) {
            SegmentScanner scanner = new SegmentScanner(log.store(), directory, System::nanoTime);
            AtomicBoolean busy = new AtomicBoolean();
            Semaphore woken = new Semaphore(0);
            Semaphore waiting = new Semaphore(0);
            Semaphore goOn = new Semaphore(0);
            scanner.addWake(() -> {
                woken.release();
                if (busy.get()) {
                    waiting.release();
                    goOn.acquireUninterruptibly();
                }
            });
            Thread thread = Thread.ofPlatform().name("segments").start(scanner);
            while (said.list.isEmpty()) {
                busy.set(true);
                do {
                    makeOtherFiles(1);
                } while (!waiting.tryAcquire(10, TimeUnit.MILLISECONDS));
                // Woken by an event, since the log did not change: the watch is open, and nobody fetches now.
                makeOtherFiles(TOO_MANY_EVENTS);
                busy.set(false);
                woken.drainPermits();
                goOn.release();
                woken.acquire(); // The events, or what is left of them, were fetched.
            }
            log.append(1);
            while (log.store().segments().list().isEmpty()) {
                woken.acquire();
            }
            assertFalse(scanner.died());
            scanner.stop();
            thread.join();
            assertEquals(
                    List.of("events for " + directory
                            + " were dropped, there were too many; a scan finds what they were for"),
                    said.list.stream().map(ILoggingEvent::getFormattedMessage).toList());
        } finally {
            logger.detachAppender(said);
        }
    }
}
