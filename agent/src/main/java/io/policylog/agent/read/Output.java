package io.policylog.agent.read;

import io.policylog.sinks.ClosedPipe;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;

/** The standard output, buffered. The progress on a terminal makes room for what is written. */
final class Output extends BufferedOutputStream {
    private static final int BUFFER_BYTES = 64 * 1024;

    Output(OutputStream out, Progress progress) {
        super(new Guarded(out, progress), BUFFER_BYTES);
    }

    private static final class Guarded extends OutputStream {
        private final OutputStream out;
        private final Progress progress;

        Guarded(OutputStream out, Progress progress) {
            this.out = out;
            this.progress = progress;
        }

        @Override
        public void write(int b) throws IOException {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            progress.clear();
            try {
                out.write(bytes, offset, length);
            } catch (IOException e) {
                throw new OutputException(ClosedPipe.isCauseOf(e), e);
            }
        }

        @Override
        public void flush() throws IOException {
            out.flush();
        }
    }
}
