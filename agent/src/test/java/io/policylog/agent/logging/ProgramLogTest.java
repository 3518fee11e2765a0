package io.policylog.agent.logging;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.core.status.InfoStatus;
import ch.qos.logback.core.status.WarnStatus;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

final class ProgramLogTest {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final LoggerContext context = new LoggerContext();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    @Test
    void aTextLineSaysWhenWhoAndWhat() throws Exception {
        String line = logged(LogFormat.TEXT, log -> log.warn("segment {} is gone", "0a1b"));
        assertTrue(
                line.matches("20[0-9-]{8}T[0-9:]{8}\\.[0-9]{1,3}Z WARN \\[main] Reader: segment 0a1b is gone\n"), line);
    }

    @Test
    void aJsonLineSaysTheSame() throws Exception {
        JsonNode line = new ObjectMapper()
                .readTree(logged(LogFormat.JSON, log -> log.info("é \"{}\"", "x", new IOException("full\n"))));
        assertEquals("INFO", line.get("level").textValue());
        assertEquals("main", line.get("thread").textValue());
        assertEquals("io.policylog.Reader", line.get("logger").textValue());
        assertEquals("é \"x\"", line.get("message").textValue());
        assertTrue(line.get("error").textValue().startsWith("  java.io.IOException: full\\x0a\n    at "));
    }

    @Test
    void noControlCharacterOfTheLogComesThrough() throws Exception {
        String hostile = "a\u001b]52;c;eA==\u0007\n2026-01-01T00:00:00Z INFO forged\u202e\u0085b";
        for (LogFormat format : LogFormat.values()) {
            String text = logged(format, log -> log.error(hostile, new IllegalStateException(hostile)));
            assertFalse(text.chars().anyMatch(c -> c != '\n' && Character.isISOControl(c)), text);
            assertFalse(text.contains("\u202e"), text);
            assertFalse(text.contains("\n2026-01-01T00:00:00Z INFO forged"), text);
        }
    }

    @Test
    void whatLogbackComplainsOfIsSaid() {
        PrintStream before = System.err;
        System.setErr(new PrintStream(err, true, StandardCharsets.UTF_8));
        try {
            context.getStatusManager().add(new WarnStatus("came before", this));
            new ProgramLog().configure(context);
            context.getStatusManager().add(new InfoStatus("all is well", this));
            context.getStatusManager().add(new WarnStatus("no such \u001b appender", this));
        } finally {
            System.setErr(before);
            context.stop();
        }
        String said = err.toString(StandardCharsets.UTF_8);
        assertTrue(said.contains("no such \\x1b appender"), said);
        assertTrue(said.contains("came before"), said);
        assertFalse(said.contains("all is well"), said);
    }

    @Test
    void causesFollow() throws Exception {
        Exception loop = new IllegalStateException("outer", new IOException("inner"));
        String text = logged(LogFormat.TEXT, log -> log.error("failed", loop));
        assertTrue(text.contains("failed\n  java.lang.IllegalStateException: outer\n    at "), text);
        assertTrue(text.contains("\n  caused by java.io.IOException: inner\n"), text);
    }

    @Test
    void aLongMessageIsCut() throws Exception {
        String text = logged(LogFormat.TEXT, log -> log.info("x".repeat(EventEncoder.MAX_MESSAGE + 1)));
        assertTrue(text.endsWith(": " + "x".repeat(EventEncoder.MAX_MESSAGE) + "…\n"), text);
    }

    @Test
    void kafkaSpeaksFromWarnOn() throws Exception {
        StderrAppender appender = ProgramLog.install(context, err, LogFormat.TEXT);
        Logger kafka = context.getLogger("org.apache.kafka.clients.Metadata");
        kafka.info("not this");
        kafka.warn("but this");
        assertTrue(appender.flush(PATIENCE));
        String text = err.toString(StandardCharsets.UTF_8);
        assertTrue(text.endsWith(" WARN [main] Metadata: but this\n") && !text.contains("not this"), text);
    }

    @Test
    void whatKafkasClientRepeatsByItselfIsLeftToTheSinkUnlessSomebodyLooks() {
        org.slf4j.Logger network = LoggerFactory.getLogger("org.apache.kafka.clients.NetworkClient");
        try {
            assertFalse(network.isWarnEnabled());
            ProgramLog.configure(org.slf4j.event.Level.DEBUG, LogFormat.TEXT);
            assertTrue(network.isWarnEnabled());
        } finally {
            ProgramLog.configure(org.slf4j.event.Level.INFO, LogFormat.TEXT);
        }
    }

    @Test
    void nobodyWaitsForAReaderThatStandsStill() throws Exception {
        StuckStream stuck = new StuckStream(err);
        StderrAppender appender = ProgramLog.install(context, stuck, LogFormat.TEXT);
        Logger log = context.getLogger("io.policylog.Reader");
        int count = 20_000;
        for (int i = 0; i < count; i++) {
            log.info("message {} {}", i, "x".repeat(100));
        }
        assertFalse(appender.flush(Duration.ofMillis(10)));
        long dropped = appender.dropped();
        assertTrue(dropped > 0, "dropped=" + dropped);

        stuck.released.countDown();
        assertTrue(appender.flush(PATIENCE));
        List<String> lines = err.toString(StandardCharsets.UTF_8).lines().toList();
        assertEquals(
                count - dropped,
                lines.stream().filter(l -> l.contains("message ")).count());
        assertEquals(
                1,
                lines.stream()
                        .filter(l -> l.endsWith(" WARN [log-writer] ProgramLog: " + dropped + " messages of this log"
                                + " were dropped: whoever reads the standard error is too slow"))
                        .count());
        assertEquals(dropped, appender.dropped());
    }

    @Test
    void aClosedStreamIsCounted() throws Exception {
        StderrAppender appender = ProgramLog.install(
                context,
                new OutputStream() {
                    @Override
                    public void write(int b) throws IOException {
                        throw new IOException("Broken pipe");
                    }
                },
                LogFormat.TEXT);
        context.getLogger("x").info("lost");
        assertTrue(appender.flush(PATIENCE));
        assertTrue(appender.dropped() >= 1);
    }

    @Test
    void whatIsDroppedIsAMetric() {
        PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        ProgramLog.register(registry);
        assertTrue(registry.scrape().contains("\npolicylog_log_dropped_total 0.0\n"), registry::scrape);
    }

    @Test
    void theLevelIsSet() {
        org.slf4j.Logger log = LoggerFactory.getLogger("io.policylog.Reader");
        org.slf4j.Logger kafka = LoggerFactory.getLogger("org.apache.kafka.clients.Metadata");
        try {
            ProgramLog.configure(org.slf4j.event.Level.DEBUG, LogFormat.TEXT);
            assertTrue(log.isDebugEnabled());
            assertFalse(kafka.isInfoEnabled());
            ProgramLog.configure(org.slf4j.event.Level.ERROR, LogFormat.TEXT);
            assertFalse(log.isWarnEnabled());
            assertFalse(kafka.isWarnEnabled());
        } finally {
            ProgramLog.configure(org.slf4j.event.Level.INFO, LogFormat.TEXT);
        }
        assertTrue(log.isInfoEnabled() && !log.isDebugEnabled() && kafka.isWarnEnabled());
    }

    @Test
    void aProcessWhoseStderrNobodyReadsStillEnds() throws Exception {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Chatter.class.getName())
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        try {
            assertTrue(process.waitFor(60, TimeUnit.SECONDS));
            assertEquals(0, process.exitValue());
            // A pipe holds 64 KiB: that much came, the rest did not.
            String text = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
            assertTrue(text.contains(" INFO [main] ProgramLogTest$Chatter: message 0 "), text);
            assertFalse(text.contains("logback"), text);
        } finally {
            process.destroyForcibly();
        }
    }

    /** Says more than a pipe holds. */
    static final class Chatter {
        private Chatter() {}

        public static void main(String[] args) throws InterruptedException {
            org.slf4j.Logger log = LoggerFactory.getLogger(Chatter.class);
            for (int i = 0; i < 20_000; i++) {
                log.info("message {} {}", i, "x".repeat(200));
            }
            if (ProgramLog.flush(Duration.ofMillis(100))) {
                System.exit(3);
            }
        }
    }

    private String logged(LogFormat format, Consumer<Logger> logging) throws Exception {
        err.reset();
        LoggerContext fresh = new LoggerContext();
        StderrAppender appender = ProgramLog.install(fresh, err, format);
        logging.accept(fresh.getLogger("io.policylog.Reader"));
        assertTrue(appender.flush(PATIENCE));
        return err.toString(StandardCharsets.UTF_8);
    }

    private static final class StuckStream extends OutputStream {
        final CountDownLatch released = new CountDownLatch(1);
        private final OutputStream out;

        StuckStream(OutputStream out) {
            this.out = out;
        }

        @Override
        public void write(int b) throws IOException {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            try {
                released.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IOException(e);
            }
            out.write(bytes, offset, length);
        }
    }
}
