package io.policylog.agent.read;

import com.github.luben.zstd.ZstdIOException;
import io.policylog.agent.logging.IoFailure;
import io.policylog.parser.Limits;
import io.policylog.parser.MalformedLine;
import io.policylog.parser.MalformedReason;
import io.policylog.parser.ParsedLine;
import io.policylog.parser.Parser;
import io.policylog.parser.PolicyRecord;
import io.policylog.parser.Printable;
import io.policylog.parser.ResourceLabels;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.util.List;
import java.util.zip.ZipException;

/** Reads inputs one after the other, and hands on each record in them, whether it stands in a log entry or alone. */
final class LogScan {
    private static final Limits LIMITS = Limits.DEFAULT;

    private final Parser parser;
    private final Window window;
    private final Progress progress;
    private final Input.Waiting waiting;
    private final PrintWriter err;
    private final SegmentOrigin origin;
    private final LogEntry entry = new LogEntry();
    private final MalformedLine tooLong = new MalformedLine();
    private final MalformedCount malformed = new MalformedCount();
    private boolean failed;

    /**
     * @param labels what was said about where the files come from
     * @param waiting run before waiting for input
     */
    LogScan(ResourceLabels labels, Window window, Progress progress, Input.Waiting waiting, PrintWriter err) {
        this.parser = new Parser(LIMITS, labels.nodeName());
        this.window = window;
        this.progress = progress;
        this.waiting = waiting;
        this.err = err;
        this.origin = new SegmentOrigin(labels);
    }

    /** Hands on the records, until there are no more or the consumer has enough; what it throws ends it. */
    void read(List<Input> inputs, RecordConsumer consumer) throws IOException {
        for (Input input : inputs) {
            if (!read(input, consumer)) {
                break;
            }
        }
        consumer.finish();
    }

    /** Tells of what was no record. */
    void report() {
        progress.clear();
        malformed.report(err);
    }

    /** Whether some file could not be read to its end. */
    boolean failed() {
        return failed;
    }

    private boolean read(Input input, RecordConsumer consumer) throws IOException {
        origin.begin();
        try (InputStream in = input.open(progress, waiting)) {
            LineReader lines = new LineReader(in, LIMITS.maxLineBytes());
            boolean first = true;
            while (lines.next()) {
                Origin from = origin;
                ParsedLine line = parse(lines);
                if (line instanceof MalformedLine noRecord && unwrap(noRecord, lines)) {
                    first = false; // Exported, and most likely the newest first.
                    from = entry;
                    line = parser.parse(entry.payload(), entry.payloadStart(), entry.payloadEnd());
                }
                switch (line) {
                    case PolicyRecord record -> {
                        if (first && input.ordered() && window.endsBefore(record)) {
                            progress.read(input.size());
                            return consumer.inputEnded();
                        }
                        first = false;
                        if (window.holds(record) && !consumer.record(record, from)) {
                            return false;
                        }
                    }
                    case MalformedLine noRecord -> {
                        // The writer may be in the middle of it.
                        if (lines.terminated() || !input.active()) {
                            malformed.add(noRecord.reason(), noRecord, input.name(), lines.offset());
                        }
                    }
                }
            }
        } catch (OutputException e) {
            throw e;
        } catch (IOException e) {
            failed = true;
            progress.clear();
            err.println("policylog: can't read " + (broken(e) ? "all of " : "") + Printable.of(input.name()) + ": "
                    + Printable.of(reason(e)));
        }
        return consumer.inputEnded();
    }

    private ParsedLine parse(LineReader lines) {
        if (lines.tooLong()) {
            int kept = lines.end() - lines.start();
            return tooLong.set(MalformedReason.TOO_LONG, lines.buffer(), lines.start(), kept, lines.length());
        }
        origin.at(lines.buffer(), lines.start(), lines.end(), lines.offset());
        return parser.parse(lines.buffer(), lines.start(), lines.end());
    }

    /** Whether the line is a log entry, and no record because that one stands inside, one level deeper. */
    private boolean unwrap(MalformedLine line, LineReader lines) {
        return (line.reason() == MalformedReason.MISSING_FIELD || line.reason() == MalformedReason.TOO_DEEP)
                && entry.read(lines.buffer(), lines.start(), lines.end());
    }

    private static boolean broken(IOException e) {
        return e instanceof EOFException || e instanceof ZipException || e instanceof ZstdIOException;
    }

    private static String reason(IOException e) {
        return switch (e) {
            case NoSuchFileException _ -> "the writer has unlinked it";
            case AccessDeniedException _ -> "no permission";
            case EOFException _ -> "it ends too early";
            default -> IoFailure.describe(e);
        };
    }
}
