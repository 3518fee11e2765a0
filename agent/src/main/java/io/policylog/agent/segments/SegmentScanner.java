package io.policylog.agent.segments;

import java.io.IOException;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchEvent;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides when the log directory is looked at, and wakes the pipelines when something changed. While the log is quiet
 * the kernel tells of changes, and a scan each second finds what it did not tell; while lines keep coming, one event a
 * line would cost more than it is worth, so the watch is closed and the directory scanned on a timer. Nothing depends
 * on an event: they only save time.
 *
 * <p>A {@link WatchService} on the one flat directory: it makes no events for what happens in the state directory below.
 *
 * <p>Runs the segment store: {@link #run} is that store's thread. {@link #activity}, {@link #rescan} and {@link #stop} are
 * called by any.
 */
public final class SegmentScanner implements Runnable {
    private static final long QUIET_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final long SCAN_MILLIS = 1_000;
    private static final long REPEAT_MESSAGE_NANOS = TimeUnit.MINUTES.toNanos(1);

    /** While lines keep coming. A rotated file is found at the latest after this time. */
    private static final long BUSY_SCAN_MILLIS = 100;

    private final Logger log = LoggerFactory.getLogger(SegmentScanner.class);
    private final SegmentStore store;
    private final Path directory;
    private final LongSupplier nanoTime;
    private final List<Runnable> wakes = new CopyOnWriteArrayList<>();

    /** Set by the scanner's thread alone, and taken out by whoever closes it: then no two close one and lose another. */
    private final AtomicReference<@Nullable WatchService> watch = new AtomicReference<>();

    private volatile long activityNanos;
    private volatile boolean rescan;
    private volatile boolean stopping;
    private volatile boolean ended;
    private boolean saidUnwatched;
    private boolean saidOverflow;
    private long overflowNanos;

    public SegmentScanner(SegmentStore store, Path directory, LongSupplier nanoTime) {
        this.store = store;
        this.directory = directory;
        this.nanoTime = nanoTime;
        this.activityNanos = nanoTime.getAsLong() - QUIET_NANOS;
    }

    /** Adds what wakes a pipeline. */
    public void addWake(Runnable wake) {
        wakes.add(wake);
    }

    /** A pipeline has just read lines. */
    public void activity() {
        activityNanos = nanoTime.getAsLong();
        closeWatch();
    }

    /** A pipeline found a file that is not what the last scan saw. */
    public void rescan() {
        rescan = true;
        closeWatch();
    }

    /** Ends the thread, soon. */
    public void stop() {
        stopping = true;
        closeWatch();
    }

    /** Whether the thread has ended though nobody asked it to. */
    public boolean died() {
        return ended && !stopping;
    }

    @Override
    public void run() {
        try {
            while (!stopping) {
                scan();
                if (rescan) {
                    rescan = false;
                    TimeUnit.MILLISECONDS.sleep(BUSY_SCAN_MILLIS);
                } else if (nanoTime.getAsLong() - activityNanos < QUIET_NANOS) {
                    TimeUnit.MILLISECONDS.sleep(BUSY_SCAN_MILLIS);
                } else {
                    awaitChange();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            ended = true;
            closeWatch();
        }
    }

    private void scan() {
        Segments before = store.segments();
        store.scan();
        if (!Segments.sameExtent(before, store.segments())) {
            wakes.forEach(Runnable::run);
        }
    }

    /** Waits until something happens in the directory, at most until the next scan is due. */
    private void awaitChange() throws InterruptedException {
        WatchService current = watch.get();
        if (current == null) {
            current = openWatch();
            if (current == null) {
                TimeUnit.MILLISECONDS.sleep(SCAN_MILLIS);
                return;
            }
            scan(); // What happened before the watch was open made no event.
        }
        try {
            WatchKey key = current.poll(SCAN_MILLIS, TimeUnit.MILLISECONDS);
            if (key != null) {
                for (WatchEvent<?> event : key.pollEvents()) {
                    if (event.kind().equals(StandardWatchEventKinds.OVERFLOW)) {
                        sayOverflow();
                    }
                }
                if (!key.reset()) {
                    closeWatch(); // The directory was removed; a new one needs a new watch.
                }
                wakes.forEach(Runnable::run);
            }
        } catch (ClosedWatchServiceException e) {
            // A pipeline reads lines: look at once, and from now on by the timer.
        }
    }

    private void sayOverflow() {
        long now = nanoTime.getAsLong();
        if (!saidOverflow || now - overflowNanos >= REPEAT_MESSAGE_NANOS) {
            saidOverflow = true;
            overflowNanos = now;
            log.info("events for {} were dropped, there were too many; a scan finds what they were for", directory);
        }
    }

    private @Nullable WatchService openWatch() {
        WatchService opened = null;
        try {
            opened = directory.getFileSystem().newWatchService();
            directory.register(
                    opened,
                    StandardWatchEventKinds.ENTRY_CREATE,
                    StandardWatchEventKinds.ENTRY_MODIFY,
                    StandardWatchEventKinds.ENTRY_DELETE);
            watch.set(opened);
            saidUnwatched = false;
            if (stopping) {
                closeWatch(); // Asked meanwhile, when there was none to close.
            }
            return opened;
        } catch (IOException e) {
            boolean missing = e instanceof NoSuchFileException || e instanceof NotDirectoryException;
            if (!missing && !saidUnwatched) {
                saidUnwatched = true;
                log.warn(
                        "can't watch {}: {}; scanning it each {} ms instead, new lines are seen that much later",
                        directory,
                        e.toString(),
                        SCAN_MILLIS);
            }
            close(opened);
            return null;
        }
    }

    private void closeWatch() {
        close(watch.getAndSet(null));
    }

    private void close(@Nullable WatchService open) {
        if (open != null) {
            try {
                open.close();
            } catch (IOException e) {
                log.debug("closing the watch on {}: {}", directory, e.toString());
            }
        }
    }
}
