package io.policylog.agent.read;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Function;
import java.util.function.LongSupplier;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;

/** Runs a command as a shell would, and keeps what it writes. */
final class TestShell {
    static final Instant NOW = Instant.parse("2026-01-01T12:00:00Z");

    private final Map<String, String> environment = new HashMap<>();
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private Runnable onMessage = () -> {};
    private final StringWriter err = new StringWriter() {
        @Override
        public void flush() {
            if (!toString().isEmpty()) {
                onMessage.run();
            }
        }
    };
    private InputStream in = InputStream.nullInputStream();
    private OutputStream target = out;
    private boolean terminal;
    private int width;
    private LongSupplier nanoTime = System::nanoTime;

    TestShell input(byte[] bytes) {
        in = new ByteArrayInputStream(bytes);
        return this;
    }

    TestShell variable(String name, String value) {
        environment.put(name, value);
        return this;
    }

    TestShell terminal(int columns) {
        terminal = true;
        width = columns;
        return this;
    }

    TestShell clock(LongSupplier nanos) {
        nanoTime = nanos;
        return this;
    }

    /** Is run when there are messages and they are flushed. */
    TestShell onMessage(Runnable action) {
        onMessage = action;
        return this;
    }

    /** Is run after each write. */
    TestShell onWrite(Runnable action) {
        target = new FilterOutputStream(out) {
            @Override
            public void write(byte[] written, int offset, int length) throws IOException {
                out.write(written, offset, length);
                action.run();
            }
        };
        return this;
    }

    /** Whoever reads the output goes after so many bytes. */
    TestShell readerGoesAfter(int bytes) {
        target = new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                write(new byte[] {(byte) b}, 0, 1);
            }

            @Override
            public void write(byte[] written, int offset, int length) throws IOException {
                if (out.size() + length > bytes) {
                    throw new IOException("Broken pipe");
                }
                out.write(written, offset, length);
            }
        };
        return this;
    }

    int read(String... arguments) {
        return run(shell -> new ReadCommand(shell).spec(), arguments);
    }

    int explain(String... arguments) {
        return run(shell -> new ExplainCommand(shell).spec(), arguments);
    }

    private int run(Function<Shell, CommandSpec> command, String... arguments) {
        out.reset();
        err.getBuffer().setLength(0);
        Shell shell = new Shell(in, target, terminal, terminal, environment, () -> width, () -> NOW, nanoTime);
        return new CommandLine(command.apply(shell))
                .setErr(new PrintWriter(err))
                .setExecutionExceptionHandler((e, failed, parsed) -> {
                    failed.getErr().println("policylog: " + e.getMessage());
                    return 1;
                })
                .execute(arguments);
    }

    String out() {
        return out.toString(UTF_8);
    }

    byte[] bytes() {
        return out.toByteArray();
    }

    String err() {
        return err.toString();
    }
}
