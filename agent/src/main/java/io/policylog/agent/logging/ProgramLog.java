package io.policylog.agent.logging;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.core.spi.ContextAwareBase;
import ch.qos.logback.core.status.Status;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MeterRegistry;
import io.policylog.parser.Printable;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.List;
import org.slf4j.LoggerFactory;

/**
 * The program's own log, on the standard error. Logback finds this class by itself ({@code META-INF/services}) with the
 * first logger, and so never looks for a file; until {@link #configure} the level is info and the format text.
 */
public final class ProgramLog extends ContextAwareBase implements Configurator {
    private static final String APPENDER = "stderr";

    /** Reports at info every broker it meets; what is wrong it says at warn. */
    private static final String CHATTY = "org.apache.kafka";

    /** Warn of each attempt that they repeat by themselves; what comes of it reaches the sink, which says it. */
    private static final List<String> CHATTIER =
            List.of("org.apache.kafka.clients.producer.internals", "org.apache.kafka.clients.NetworkClient");

    /** For logback. */
    public ProgramLog() {}

    @Override
    public ExecutionStatus configure(LoggerContext context) {
        // With a listener logback does not get its own printer ready, which reads the time zones for ten milliseconds.
        context.getStatusManager().getCopyOfStatusList().forEach(ProgramLog::told);
        context.getStatusManager().add(ProgramLog::told);
        install(context, new FileOutputStream(FileDescriptor.err), LogFormat.TEXT);
        return ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY;
    }

    /** What logback says of itself. */
    private static void told(Status status) {
        if (status.getEffectiveLevel() >= Status.WARN) {
            System.err.println(Printable.of(status.toString()));
        }
    }

    static StderrAppender install(LoggerContext context, OutputStream err, LogFormat format) {
        StderrAppender appender = new StderrAppender(err, format);
        appender.setName(APPENDER);
        appender.setContext(context);
        appender.start();
        Logger root = context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        root.addAppender(appender);
        setLevel(context, Level.INFO);
        return appender;
    }

    /** Sets what is logged and how, from now on. */
    public static void configure(org.slf4j.event.Level level, LogFormat format) {
        setLevel(context(), Level.convertAnSLF4JLevel(level));
        appender().setFormat(format);
    }

    /** Silences libraries whose failures the caller reports itself, once instead of with each attempt. */
    public static void silenceClients() {
        context().getLogger(CHATTY).setLevel(Level.OFF);
        CHATTIER.forEach(name -> context().getLogger(name).setLevel(Level.OFF));
    }

    private static void setLevel(LoggerContext context, Level level) {
        context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME).setLevel(level);
        boolean debugging = level.toInt() < Level.INFO_INT;
        context.getLogger(CHATTY).setLevel(level.isGreaterOrEqual(Level.WARN) ? level : Level.WARN);
        CHATTIER.forEach(name -> context.getLogger(name).setLevel(debugging ? Level.WARN : Level.ERROR));
    }

    /** Registers {@code policylog_log_dropped_total}: events that nobody read fast enough. */
    public static void register(MeterRegistry registry) {
        FunctionCounter.builder("policylog.log.dropped", appender(), StderrAppender::dropped)
                .description("Messages of the program's own log that were dropped because nobody read them")
                .register(registry);
    }

    /**
     * Waits until what was logged so far is written, this long at most; to be called before the process ends.
     *
     * @return whether it is; else the reader stands still, and the rest is lost with the process
     */
    public static boolean flush(Duration maxWait) throws InterruptedException {
        return appender().flush(maxWait);
    }

    private static StderrAppender appender() {
        Logger root = context().getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        return (StderrAppender) root.getAppender(APPENDER);
    }

    private static LoggerContext context() {
        return (LoggerContext) LoggerFactory.getILoggerFactory();
    }
}
