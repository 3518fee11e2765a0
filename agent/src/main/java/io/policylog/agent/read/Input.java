package io.policylog.agent.read;

import io.policylog.agent.segments.Compression;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PushbackInputStream;
import java.time.Instant;
import java.util.Optional;

/**
 * One file to read, or the standard input.
 *
 * @param name what messages call it
 * @param size how many bytes it has on the disk; 0 if it can't be told
 * @param modified when it was last written to, if that can be told
 * @param active whether a writer may be in the middle of its last line
 * @param ordered whether it lies as the writer left it, so that its lines come in the order of their time
 * @param opener opens it; called once at most
 */
record Input(String name, long size, Optional<Instant> modified, boolean active, boolean ordered, Opener opener) {
    private static final int MAGIC_BYTES = 4;

    /** Opens a file. */
    @FunctionalInterface
    interface Opener {
        InputStream open() throws IOException;
    }

    /**
     * The log's bytes, whatever compression the file's first bytes tell of.
     *
     * @param waiting run before a read that may have to wait
     */
    InputStream open(Progress progress, Waiting waiting) throws IOException {
        PushbackInputStream file = new PushbackInputStream(new Counted(opener.open(), progress, waiting), MAGIC_BYTES);
        try {
            byte[] first = file.readNBytes(MAGIC_BYTES);
            file.unread(first);
            return Compression.ofContent(first, first.length).decompress(file);
        } catch (IOException e) {
            file.close();
            throw e;
        }
    }

    /** What is done before waiting for more input. */
    @FunctionalInterface
    interface Waiting {
        void begins() throws IOException;
    }

    private static final class Counted extends FilterInputStream {
        private final Progress progress;
        private final Waiting waiting;

        Counted(InputStream in, Progress progress, Waiting waiting) {
            super(in);
            this.progress = progress;
            this.waiting = waiting;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            if (super.available() <= 0) {
                waiting.begins();
            }
            int read = super.read(bytes, offset, length);
            progress.read(Math.max(0, read));
            return read;
        }
    }
}
