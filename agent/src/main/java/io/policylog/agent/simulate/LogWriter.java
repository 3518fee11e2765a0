package io.policylog.agent.simulate;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.InstantSource;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/**
 * Writes the log's files as the node's writer does: appends to {@code policy_action.log}, also to one that is there
 * already; checks the size before each line; rotates; unlinks old backups on a thread of its own. With other
 * {@link LogWriterOptions#rotation rotations} it writes what other rotators leave.
 *
 * <p>Belongs to one thread. After an {@link IOException} only {@link #close} may be called.
 */
public final class LogWriter implements Closeable {
    /** The mode the writer gives its first file; the process's umask applies. Later files take their predecessor's. */
    private static final Set<PosixFilePermission> FIRST_FILE_MODE = PosixFilePermissions.fromString("rwxr-xr-x");

    private static final int LEAST_BUFFER_BYTES = 64 * 1024;

    private final LogWriterOptions options;
    private final LogFiles files;
    private final ExecutorService unlinker = Executors.newSingleThreadExecutor(
            Thread.ofPlatform().name("simulate-unlink").daemon().factory());

    private final ByteBuffer buffer;
    private FileChannel channel;
    /** With what is still in the buffer. */
    private long fileBytes;

    private long rotations;
    private @Nullable Future<?> lastUnlink;

    /** Opens or creates the active file in {@code directory}, which must exist. */
    public LogWriter(Path directory, LogWriterOptions options) throws IOException {
        this(directory, options, InstantSource.system());
    }

    LogWriter(Path directory, LogWriterOptions options, InstantSource clock) throws IOException {
        this.options = options;
        files = new LogFiles(directory, options, clock);
        buffer = ByteBuffer.allocateDirect(Math.max(LEAST_BUFFER_BYTES, options.batchBytes()));
        channel = open(FIRST_FILE_MODE);
        fileBytes = channel.size();
        unlinkInBackground();
    }

    /** Appends the line in {@code line[offset, offset + length)}, its {@code \n} included, after rotating if it would not fit. */
    public void write(byte[] line, int offset, int length) throws IOException {
        rotateIfFull(length);
        append(line, offset, length);
        if (buffer.position() >= options.batchBytes()) {
            drain();
        }
    }

    /**
     * Appends a line with two write calls, the second after a while, so that a reader can see a torn tail.
     *
     * @param tornAt how much of the line is written first, in bytes; 1 to {@code length} - 1
     * @param between runs while the line is torn
     */
    public void writeTorn(byte[] line, int offset, int length, int tornAt, Runnable between) throws IOException {
        rotateIfFull(length);
        append(line, offset, tornAt);
        drain();
        between.run();
        append(line, offset + tornAt, length - tornAt);
        drain();
    }

    /** Rotates now, full or not. */
    public void rotate() throws IOException {
        drain();
        switch (options.rotation()) {
            case WRITER -> reopenAfter(files::renameToBackup);
            case NUMBERED -> reopenAfter(files::renameToNumber);
            case DATED -> reopenAfter(files::renameToDate);
            case COPY_TRUNCATE -> {
                files.copyToNumber();
                channel.truncate(0);
            }
        }
        fileBytes = 0;
        rotations++;
        unlinkInBackground();
    }

    public long rotations() {
        return rotations;
    }

    /** Writes what is collected and waits until no more than the backups to keep are left. */
    @Override
    public void close() throws IOException {
        try (ExecutorService _ = unlinker;
                FileChannel closing = channel) {
            if (closing.isOpen()) {
                drain();
            }
        }
        if (lastUnlink != null) {
            awaitUnlink(lastUnlink);
            lastUnlink = null;
        }
    }

    private interface Rename {
        void run() throws IOException;
    }

    private void reopenAfter(Rename rename) throws IOException {
        Set<PosixFilePermission> mode = Files.getPosixFilePermissions(files.active());
        channel.close();
        rename.run();
        channel = open(mode);
    }

    private FileChannel open(Set<PosixFilePermission> mode) throws IOException {
        return FileChannel.open(
                files.active(),
                EnumSet.of(StandardOpenOption.CREATE, StandardOpenOption.APPEND),
                PosixFilePermissions.asFileAttribute(mode));
    }

    private void rotateIfFull(int length) throws IOException {
        if (fileBytes > 0 && fileBytes + length > options.maxFileBytes()) {
            rotate();
        }
    }

    private void append(byte[] line, int offset, int length) throws IOException {
        fileBytes += length;
        int from = offset;
        int left = length;
        if (left > buffer.remaining()) {
            drain();
        }
        while (left > buffer.capacity()) {
            buffer.put(line, from, buffer.capacity());
            from += buffer.capacity();
            left -= buffer.capacity();
            drain();
        }
        buffer.put(line, from, left);
    }

    private void drain() throws IOException {
        buffer.flip();
        while (buffer.hasRemaining()) {
            channel.write(buffer);
        }
        buffer.clear();
    }

    private void unlinkInBackground() {
        if (options.rotation() == Rotation.WRITER) {
            lastUnlink = unlinker.submit(() -> {
                files.unlinkOldBackups();
                return null;
            });
        }
    }

    private static void awaitUnlink(Future<?> unlink) throws IOException {
        try {
            unlink.get();
        } catch (ExecutionException e) {
            throw e.getCause() instanceof IOException cause ? cause : new IOException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
