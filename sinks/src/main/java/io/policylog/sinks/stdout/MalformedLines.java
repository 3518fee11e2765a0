package io.policylog.sinks.stdout;

import io.micrometer.core.instrument.Counter;
import io.policylog.parser.MalformedLine;
import io.policylog.parser.Printable;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Clock;

/**
 * Shows malformed lines on the standard error, quoted so that they can't harm a terminal, and no more than
 * {@link #MAX_PER_SECOND}. The pipeline counts them all by reason; what is not shown is counted here and told of with
 * the next one that is. Confined to the pipeline's thread.
 */
final class MalformedLines {
    /** The most lines shown in one second of the clock. */
    static final int MAX_PER_SECOND = 10;

    /** The most characters shown of a line. */
    static final int MAX_CHARACTERS = 200;

    private final String sink;
    private final OutputStream err;
    private final Clock clock;
    private final Counter suppressed;
    private long second;
    private int shown;
    private long notShown;

    MalformedLines(String sink, OutputStream err, Clock clock, Counter suppressed) {
        this.sink = sink;
        this.err = err;
        this.clock = clock;
        this.suppressed = suppressed;
    }

    void show(MalformedLine line, String recordId) {
        long now = clock.instant().getEpochSecond();
        if (now != second) {
            second = now;
            shown = 0;
        }
        if (shown == MAX_PER_SECOND) {
            suppress();
            return;
        }
        shown++;
        String message = sink + ": malformed line (" + line.reason().label() + ", " + line.lineLength() + " bytes) at "
                + recordId + ": "
                + Printable.quote(line.array(), line.offset(), line.length(), MAX_CHARACTERS)
                + (notShown == 0 ? "" : "; " + notShown + " before it were not shown") + "\n";
        try {
            err.write(message.getBytes(StandardCharsets.UTF_8));
            err.flush();
            notShown = 0;
        } catch (IOException e) {
            // Records must not wait for somebody to look at what is malformed.
            suppress();
        }
    }

    private void suppress() {
        notShown++;
        suppressed.increment();
    }
}
