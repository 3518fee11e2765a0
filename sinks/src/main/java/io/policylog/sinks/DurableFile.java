package io.policylog.sinks;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.Set;

/**
 * A small text that survives crashes as a whole: after {@link #write} has returned the new text is durable, and at no
 * moment is there anything but the old or the new one. One thread writes.
 *
 * <p>The file's first line names kind and version, the last one is a CRC-32C over all before it. Mode 0600.
 */
public final class DurableFile {
    /** Lies in the state directory so that there is something to free when the disk is full. */
    public static final String RESERVE_NAME = "reserve";

    private static final Set<OpenOption> CREATE = Set.of(
            StandardOpenOption.WRITE,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            LinkOption.NOFOLLOW_LINKS);

    private final Path path;
    private final String header;
    private final String kind;

    /**
     * @param path where the file lies; its folder exists and is private
     * @param kind what the text is, one word
     * @param version the version of its format that this release writes and reads
     */
    public DurableFile(Path path, String kind, int version) {
        this.path = path;
        this.kind = kind;
        this.header = "policylog " + kind + " v" + version + "\n";
    }

    /**
     * The text last written, or empty when there never was one.
     *
     * @throws SinkException of kind {@code POSITION} when the file is damaged or of another version, {@code IO} when it
     *     can't be read
     */
    public Optional<String> read() throws SinkException {
        String content;
        try {
            content = new String(Files.readAllBytes(path), StandardCharsets.UTF_8);
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw new SinkException(SinkException.Kind.IO, true, "can't read " + path + ": " + e, e);
        }
        int firstEnd = content.indexOf('\n');
        String first = content.substring(0, firstEnd + 1);
        if (!first.equals(header) && first.matches("policylog " + kind + " v[0-9]{1,9}\n")) {
            throw unusable("was written by another release (\"" + first.strip() + "\", this one reads \""
                    + header.strip() + "\"); run the release that wrote it, or remove the file to start anew");
        }
        int checksum = content.lastIndexOf("crc32c=");
        if (!first.equals(header)
                || checksum < first.length()
                || !content.substring(checksum).equals(trailer(content.substring(0, checksum)))) {
            throw unusable("is damaged; remove the file to start anew");
        }
        return Optional.of(content.substring(first.length(), checksum));
    }

    /** Replaces the text. It must end with a line end. */
    public void write(String text) throws SinkException {
        String content = header + text;
        byte[] bytes = (content + trailer(content)).getBytes(StandardCharsets.UTF_8);
        try {
            try {
                replace(bytes);
            } catch (IOException e) {
                // The JDK tells a full disk (ENOSPC) only by the text of the message.
                boolean full = String.valueOf(e.getMessage()).contains("No space left on device");
                if (!full || !Files.deleteIfExists(path.resolveSibling(RESERVE_NAME))) {
                    throw e;
                }
                replace(bytes);
            }
        } catch (IOException e) {
            throw new SinkException(SinkException.Kind.IO, true, "can't write " + path + ": " + e, e);
        }
    }

    private void replace(byte[] bytes) throws IOException {
        Path temporary = path.resolveSibling(path.getFileName() + ".tmp");
        try (FileChannel channel = FileChannel.open(
                temporary,
                CREATE,
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
            ByteBuffer buffer = ByteBuffer.wrap(bytes);
            while (buffer.hasRemaining()) {
                channel.write(buffer);
            }
            // A crash before this leaves a torn temporary file, which the next write truncates.
            channel.force(true);
        }
        // A crash here leaves the old text in place.
        Files.move(temporary, path, StandardCopyOption.ATOMIC_MOVE);
        // Without this a power cut could bring back the old name.
        syncDirectory(path.resolveSibling("."));
    }

    /** Makes the names in a directory durable. */
    public static void syncDirectory(Path directory) throws IOException {
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    private static String trailer(String content) {
        return "crc32c=" + Checksum.of(content) + "\n";
    }

    private SinkException unusable(String what) {
        return new SinkException(SinkException.Kind.POSITION, false, "the " + kind + " file " + path + " " + what);
    }
}
