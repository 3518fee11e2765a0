package io.policylog.agent;

import io.policylog.agent.logging.IoFailure;
import io.policylog.sinks.ClosedPipe;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.util.Optional;

/** Remembers that something could not be written, which a {@link PrintStream} in front of it keeps to itself. */
final class StandardOutput extends FilterOutputStream {
    private Optional<IOException> failure = Optional.empty();

    StandardOutput(OutputStream out) {
        super(out);
    }

    @Override
    public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        try {
            out.write(bytes, offset, length);
        } catch (IOException e) {
            failure = Optional.of(e);
            throw e;
        }
    }

    /** Whether something is missing; says so, unless whoever read it has gone, as {@code head} does. */
    boolean failed(PrintStream err) {
        Optional<IOException> told = failure.filter(e -> !ClosedPipe.isCauseOf(e));
        told.ifPresent(e -> err.println("policylog: can't write to the standard output: " + IoFailure.describe(e)));
        return told.isPresent();
    }
}
