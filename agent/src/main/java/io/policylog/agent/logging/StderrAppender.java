package io.policylog.agent.logging;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.core.UnsynchronizedAppenderBase;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Writes events from a thread of its own, so that nobody waits for whoever reads the standard error. What does not fit
 * into {@link #MAX_QUEUED_BYTES} is dropped, counted, and told once there is room again.
 *
 * <p>Any thread appends and flushes. The queue, the bytes in it and the count of what was dropped cross threads; the
 * stream belongs to the writer.
 */
final class StderrAppender extends UnsynchronizedAppenderBase<ILoggingEvent> {
    /** How much may wait to be written. */
    static final int MAX_QUEUED_BYTES = 1 << 20;

    /** What an entry costs besides its bytes, about. */
    private static final int ENTRY_BYTES = 64;

    private final OutputStream out;
    private final BlockingQueue<Entry> queue = new LinkedBlockingQueue<>();
    private final AtomicInteger queuedBytes = new AtomicInteger();
    private final AtomicLong dropped = new AtomicLong();
    private volatile EventEncoder encoder;

    /** @param out written to by the writer thread only; never closed */
    StderrAppender(OutputStream out, LogFormat format) {
        this.out = out;
        this.encoder = new EventEncoder(format);
    }

    private sealed interface Entry {}

    private record Lines(String text) implements Entry {
        /** What it takes, about: two bytes a character at most. */
        int bytes() {
            return 2 * text.length() + ENTRY_BYTES;
        }
    }

    /** Everything that was appended before has been written. */
    private record Flushed(CountDownLatch latch) implements Entry {}

    void setFormat(LogFormat format) {
        encoder = new EventEncoder(format);
    }

    /** How many events were dropped so far. */
    long dropped() {
        return dropped.get();
    }

    @Override
    public void start() {
        super.start();
        Thread.ofPlatform().daemon().name("log-writer").start(this::writeAll);
    }

    @Override
    protected void append(ILoggingEvent event) {
        Lines lines = new Lines(encoder.encode(event));
        int cost = lines.bytes();
        if (queuedBytes.addAndGet(cost) > MAX_QUEUED_BYTES) {
            queuedBytes.addAndGet(-cost);
            dropped.incrementAndGet();
            return;
        }
        queue.add(lines);
    }

    /** Waits until everything appended so far is written, this long at most. */
    boolean flush(Duration maxWait) throws InterruptedException {
        CountDownLatch latch = new CountDownLatch(1);
        queue.add(new Flushed(latch));
        return latch.await(maxWait.toNanos(), TimeUnit.NANOSECONDS);
    }

    private void writeAll() {
        long told = 0;
        try {
            while (true) {
                Entry entry = queue.take();
                if (entry instanceof Lines lines) {
                    queuedBytes.addAndGet(-lines.bytes());
                    write(lines.text);
                } else {
                    ((Flushed) entry).latch.countDown();
                }
                long now = dropped.get();
                if (now > told && queuedBytes.get() < MAX_QUEUED_BYTES / 2) {
                    write(encoder.encode(notice(now - told)));
                    told = now;
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void write(String text) {
        try {
            out.write(text.getBytes(StandardCharsets.UTF_8));
            out.flush();
        } catch (IOException e) {
            // Nobody reads any more; there is no other place to say it than the metric.
            dropped.incrementAndGet();
        }
    }

    private LoggingEvent notice(long count) {
        Logger logger = ((LoggerContext) getContext()).getLogger(ProgramLog.class);
        String message = count + " messages of this log were dropped: whoever reads the standard error is too slow";
        return new LoggingEvent(StderrAppender.class.getName(), logger, Level.WARN, message, null, null);
    }
}
