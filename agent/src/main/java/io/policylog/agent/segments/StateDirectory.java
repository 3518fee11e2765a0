package io.policylog.agent.segments;

import io.policylog.sinks.DurableFile;
import io.policylog.sinks.SinkException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The agent's own folder, on the log's mount: pins, positions, the store's identity, and the lock that makes one process
 * its owner. Used by the thread that runs the segment store; positions are written by the pipelines, each its own.
 *
 * <pre>
 *   lock                     held while a process owns the state
 *   store                    the store's id, and the sequence number below which all may have been given
 *   reserve                  1 MiB to free when the disk is full
 *   position-&lt;sink&gt;          written by the sinks
 *   segments/&lt;sequence&gt;-&lt;id&gt;  a pin: a hard link to a segment's file
 * </pre>
 */
public final class StateDirectory implements AutoCloseable {
    private static final int RESERVE_BYTES = 1 << 20;
    private static final int SEQUENCE_BLOCK = 1000;
    private static final FileAttribute<?> PRIVATE_DIRECTORY =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));
    private static final FileAttribute<?> PRIVATE_FILE =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

    private final Path directory;
    private final DurableFile storeFile;
    private FileChannel lockChannel;
    private String storeId = "";
    private long nextSequence;
    private long reservedSequence;

    private StateDirectory(Path directory, FileChannel lockChannel) {
        this.directory = directory;
        this.lockChannel = lockChannel;
        this.storeFile = new DurableFile(directory.resolve("store"), "store", 1);
    }

    /** Somebody else has the state. */
    public static final class HeldException extends Exception {
        private static final long serialVersionUID = 1L;

        HeldException(String message) {
            super(message);
        }
    }

    /**
     * Checks the directory, makes it if it is missing, and locks it.
     *
     * @throws IOException when it is no directory of ours alone; the message says why and what to do
     * @throws HeldException when another process holds it; try again later
     */
    public static StateDirectory open(Path directory) throws IOException, HeldException {
        try {
            Files.createDirectory(directory, PRIVATE_DIRECTORY);
        } catch (FileAlreadyExistsException e) {
            // Checked below, whoever made it.
        } catch (NoSuchFileException e) {
            throw new IOException(
                    "state.directory " + directory + " can't be made: there is no directory "
                            + directory.toAbsolutePath().getParent() + "; make that, or name another directory",
                    e);
        } catch (FileSystemException e) {
            String reason = e instanceof AccessDeniedException ? "permission denied" : String.valueOf(e.getReason());
            throw new IOException(
                    "state.directory " + directory + " can't be made: " + reason
                            + "; let this user write there, or name another directory",
                    e);
        }
        StateDirectory state = lock(directory);
        try {
            state.prepare();
            return state;
        } catch (IOException | RuntimeException e) {
            state.close();
            throw e;
        }
    }

    private static StateDirectory lock(Path directory) throws IOException, HeldException {
        check(directory);
        FileChannel channel = FileChannel.open(
                directory.resolve("lock"),
                Set.of(
                        StandardOpenOption.CREATE,
                        StandardOpenOption.READ,
                        StandardOpenOption.WRITE,
                        LinkOption.NOFOLLOW_LINKS),
                PRIVATE_FILE);
        try {
            FileLock lock = tryLock(channel);
            if (lock == null) {
                throw new HeldException("the state in " + directory + " is held by process " + holder(channel)
                        + "; waiting until it is gone");
            }
            channel.truncate(0);
            channel.write(
                    ByteBuffer.wrap(Long.toString(ProcessHandle.current().pid()).getBytes(StandardCharsets.US_ASCII)),
                    0);
            return new StateDirectory(directory, channel);
        } catch (IOException | HeldException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    private static void check(Path directory) throws IOException {
        FileStat stat = FileStat.of(directory);
        if (!stat.directory()) {
            throw new IOException("state.directory " + directory
                    + " must be a real directory, but it is a link or another kind of file; remove it or name another");
        }
        int uid = effectiveUid();
        if (stat.uid() != uid) {
            throw new IOException("state.directory " + directory + " must belong to uid " + uid
                    + ", as which this process runs, but belongs to " + stat.uid()
                    + "; change its owner or name another");
        }
        if (stat.mode() != 0700) {
            throw new IOException("state.directory " + directory + " must have mode 0700, but has 0"
                    + Integer.toOctalString(stat.mode())
                    + "; others could put files into it: look at it, then chmod 700");
        }
    }

    /** As whom files are made: the second number of {@code Uid:} in proc_pid_status(5). */
    private static int effectiveUid() throws IOException {
        try (Stream<String> lines = Files.lines(Path.of("/proc/self/status"), StandardCharsets.ISO_8859_1)) {
            String uids =
                    lines.filter(line -> line.startsWith("Uid:")).findFirst().orElseThrow();
            return Integer.parseInt(uids.split("\\s+", -1)[2]);
        }
    }

    private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
        try {
            return channel.tryLock();
        } catch (OverlappingFileLockException e) {
            return null;
        }
    }

    private static String holder(FileChannel channel) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(20);
        int length = Math.max(channel.read(buffer, 0), 0);
        String pid = new String(buffer.array(), 0, length, StandardCharsets.US_ASCII);
        return pid.matches("[0-9]{1,20}") ? pid : "(unknown)";
    }

    private void prepare() throws IOException {
        if (!Files.isDirectory(segmentsDirectory(), LinkOption.NOFOLLOW_LINKS)) {
            Files.createDirectory(segmentsDirectory(), PRIVATE_DIRECTORY);
        }
        try {
            Optional<String> text = storeFile.read();
            if (text.isPresent()) {
                String[] words = text.get().strip().split(" ", 2);
                storeId = words[0];
                nextSequence = Long.parseLong(words[1]);
            } else {
                storeId = newStoreId();
                nextSequence = 1;
            }
        } catch (SinkException e) {
            throw new IOException(e.getMessage(), e);
        }
        reserveSequences();
        makeReserve();
    }

    /** An id for a store that is not kept. */
    static String newStoreId() {
        byte[] bytes = new byte[4];
        new SecureRandom().nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }

    private void reserveSequences() throws IOException {
        // Numbers are reserved in blocks: a crash skips some, but never gives one twice.
        try {
            storeFile.write(storeId + " " + (nextSequence + SEQUENCE_BLOCK) + "\n");
        } catch (SinkException e) {
            throw new IOException(e.getMessage(), e);
        }
        reservedSequence = nextSequence + SEQUENCE_BLOCK;
    }

    /** Makes the reserve again once there is room for it, and for what it was freed for. */
    private void makeReserve() throws IOException {
        Path reserve = directory.resolve(DurableFile.RESERVE_NAME);
        if (Files.exists(reserve, LinkOption.NOFOLLOW_LINKS)
                || Files.getFileStore(directory).getUsableSpace() < 4 * RESERVE_BYTES) {
            return;
        }
        try (FileChannel channel = FileChannel.open(
                reserve, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), PRIVATE_FILE)) {
            // Written, not only sized: a hole would reserve nothing.
            channel.write(ByteBuffer.allocate(RESERVE_BYTES));
        } catch (IOException e) {
            try {
                Files.deleteIfExists(reserve);
            } catch (IOException ignored) {
                // Tried again later.
            }
        }
    }

    /** Makes again what somebody removed of the directory. The store's id and numbers go on. */
    void restore() throws IOException {
        if (Files.exists(directory.resolve("lock"), LinkOption.NOFOLLOW_LINKS)) {
            if (!Files.exists(segmentsDirectory(), LinkOption.NOFOLLOW_LINKS)) {
                Files.createDirectory(segmentsDirectory(), PRIVATE_DIRECTORY);
            }
            makeReserve();
            return;
        }
        FileChannel old = lockChannel;
        try (StateDirectory anew = open(directory)) {
            lockChannel = anew.lockChannel;
            anew.lockChannel = old;
        } catch (HeldException e) {
            throw new IOException(e.getMessage(), e);
        }
        reserveSequences();
    }

    /** Names this state: sequence numbers compare only within it. */
    String storeId() {
        return storeId;
    }

    /** Gives the next sequence number. It is durable before it is given. */
    long takeSequence() throws IOException {
        if (nextSequence >= reservedSequence) {
            reserveSequences();
        }
        return nextSequence++;
    }

    /** The number that {@link #takeSequence} gives next. */
    long nextSequence() {
        return nextSequence;
    }

    Path segmentsDirectory() {
        return directory.resolve("segments");
    }

    /** The file for the position of a sink. */
    public Path positionFile(String sink) {
        return directory.resolve("position-" + sink);
    }

    /** The names of the sinks that have a position here. */
    public List<String> positions() throws IOException {
        List<String> names = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, "position-*")) {
            for (Path file : files) {
                String name = file.getFileName().toString().substring("position-".length());
                if (!name.endsWith(".tmp")) {
                    names.add(name);
                }
            }
        }
        return names;
    }

    /**
     * Removes all that an agent makes, whatever its files hold, and the directory itself unless there is something else.
     *
     * @return what else there is, which is left alone
     * @throws IOException when it is no directory of ours alone; the message says why and what to do
     * @throws HeldException when another process holds it
     */
    public static List<Path> purge(Path directory) throws IOException, HeldException {
        try (StateDirectory state = lock(directory)) {
            List<Path> others = new ArrayList<>();
            if (Files.isDirectory(state.segmentsDirectory(), LinkOption.NOFOLLOW_LINKS)) {
                remove(
                        state.segmentsDirectory(),
                        name -> PinName.parse(name).isPresent() || Pinning.isTemporary(name),
                        others);
            }
            if (others.isEmpty()) {
                Files.deleteIfExists(state.segmentsDirectory());
            }
            remove(
                    directory,
                    name -> name.startsWith("position-")
                            || Set.of("store", "store.tmp", "lock", DurableFile.RESERVE_NAME)
                                    .contains(name),
                    others);
            if (others.isEmpty()) {
                Files.delete(directory);
            }
            return others;
        }
    }

    private static void remove(Path folder, Predicate<String> own, List<Path> others) throws IOException {
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder)) {
            for (Path entry : entries) {
                if (own.test(entry.getFileName().toString()) && !Files.isDirectory(entry, LinkOption.NOFOLLOW_LINKS)) {
                    Files.delete(entry);
                } else {
                    others.add(entry);
                }
            }
        }
    }

    /** Lets the next process in. */
    @Override
    public void close() throws IOException {
        lockChannel.close();
    }
}
