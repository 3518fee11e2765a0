package io.policylog.agent.logging;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.classic.spi.StackTraceElementProxy;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import io.policylog.parser.Printable;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;

/** Turns an event into its lines. Thread-safe. */
final class EventEncoder {
    /** So many characters of a message are written. */
    static final int MAX_MESSAGE = 2_000;

    private static final int MAX_FRAMES = 30;
    private static final int MAX_CAUSES = 5;

    private static final JsonFactory JSON =
            JsonFactory.builder().enable(JsonWriteFeature.ESCAPE_NON_ASCII).build();

    private final LogFormat format;

    EventEncoder(LogFormat format) {
        this.format = format;
    }

    String encode(ILoggingEvent event) {
        return switch (format) {
            case TEXT -> text(event);
            case JSON -> json(event);
        };
    }

    private static String text(ILoggingEvent event) {
        StringBuilder out = new StringBuilder(200)
                .append(time(event))
                .append(' ')
                .append(event.getLevel())
                .append(" [")
                .append(Printable.of(event.getThreadName()))
                .append("] ")
                .append(simpleName(event))
                .append(": ")
                .append(message(event.getFormattedMessage()))
                .append('\n');
        appendStack(event.getThrowableProxy(), out);
        return out.toString();
    }

    private static String json(ILoggingEvent event) {
        StringWriter out = new StringWriter(300);
        try (JsonGenerator json = JSON.createGenerator(out)) {
            json.writeStartObject();
            json.writeStringField("time", time(event));
            json.writeStringField("level", event.getLevel().toString());
            json.writeStringField("thread", Printable.of(event.getThreadName()));
            json.writeStringField("logger", event.getLoggerName());
            json.writeStringField("message", message(event.getFormattedMessage()));
            if (event.getThrowableProxy() != null) {
                StringBuilder stack = new StringBuilder();
                appendStack(event.getThrowableProxy(), stack);
                json.writeStringField("error", stack.toString());
            }
            json.writeEndObject();
            json.writeRaw('\n');
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toString();
    }

    private static String time(ILoggingEvent event) {
        return Instant.ofEpochMilli(event.getTimeStamp())
                .truncatedTo(ChronoUnit.MILLIS)
                .toString();
    }

    private static String simpleName(ILoggingEvent event) {
        return event.getLoggerName().substring(event.getLoggerName().lastIndexOf('.') + 1);
    }

    private static String message(@Nullable String message) {
        String text = String.valueOf(message);
        boolean isLong = text.length() > MAX_MESSAGE;
        return Printable.of(isLong ? text.substring(0, MAX_MESSAGE) : text) + (isLong ? "…" : "");
    }

    private static void appendStack(@Nullable IThrowableProxy thrown, StringBuilder out) {
        int causes = 0;
        for (IThrowableProxy t = thrown; t != null && !t.isCyclic() && causes <= MAX_CAUSES; t = t.getCause()) {
            out.append(causes == 0 ? "  " : "  caused by ").append(t.getClassName());
            out.append(t.getMessage() == null ? "" : ": " + message(t.getMessage()))
                    .append('\n');
            StackTraceElementProxy[] frames = t.getStackTraceElementProxyArray();
            int shown = Math.min(frames.length - t.getCommonFrames(), MAX_FRAMES);
            for (int i = 0; i < shown; i++) {
                out.append("    ").append(frames[i].getSTEAsString()).append('\n');
            }
            causes++;
        }
    }
}
