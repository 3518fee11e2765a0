package io.policylog.agent.read;

import java.io.PrintWriter;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * How far reading has come, on a terminal, once it takes more than a second: one line on the standard error that is drawn
 * anew, and gone at the end.
 */
final class Progress {
    private static final long FIRST_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final long BETWEEN_NANOS = TimeUnit.MILLISECONDS.toNanos(200);
    private static final double MEGABYTE = 1e6;

    private final PrintWriter err;
    private final boolean shown;
    private final LongSupplier nanoTime;
    private final long startNanos;
    private long nextNanos;
    private long totalBytes;
    private long readBytes;
    private boolean drawn;

    /** @param shown whether there is a terminal to draw on */
    Progress(PrintWriter err, boolean shown, LongSupplier nanoTime) {
        this.err = err;
        this.shown = shown;
        this.nanoTime = nanoTime;
        this.startNanos = nanoTime.getAsLong();
        this.nextNanos = startNanos + FIRST_NANOS;
    }

    /** Sets how much there is to read, as it lies on the disk; 0 if nobody knows. */
    void total(long bytes) {
        totalBytes = bytes;
    }

    /** So much more was read, or left out. */
    void read(long bytes) {
        readBytes += bytes;
        long now = nanoTime.getAsLong();
        if (shown && now - nextNanos >= 0) {
            nextNanos = now + BETWEEN_NANOS;
            err.print('\r' + text(now - startNanos) + "\u001b[K");
            err.flush();
            drawn = true;
        }
    }

    private String text(long nanos) {
        double seconds = nanos / (double) TimeUnit.SECONDS.toNanos(1);
        double rate = readBytes / seconds;
        String speed = String.format(Locale.ROOT, "%.1f MB, %.1f MB/s", readBytes / MEGABYTE, rate / MEGABYTE);
        if (totalBytes <= 0 || readBytes > totalBytes || rate <= 0) {
            return speed;
        }
        return String.format(
                Locale.ROOT,
                "%s, %d %% of %.1f MB, %.0f s left",
                speed,
                100 * readBytes / totalBytes,
                totalBytes / MEGABYTE,
                Math.ceil((totalBytes - readBytes) / rate));
    }

    /** Takes the line away. */
    void clear() {
        if (drawn) {
            err.print("\r\u001b[K");
            err.flush();
            drawn = false;
        }
    }
}
