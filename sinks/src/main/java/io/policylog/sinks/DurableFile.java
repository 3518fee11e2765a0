package io.policylog.sinks;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.channels.Channels;
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
import java.util.HexFormat;
import java.util.Optional;
import java.util.Set;
import java.util.zip.CRC32C;
import java.util.zip.CheckedOutputStream;

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

    private static final int TRAILER_BYTES = "crc32c=00000000\n".length();
    private static final int BUFFER_BYTES = 1 << 15;

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
        StringBuilder text = new StringBuilder();
        return read(line -> text.append(line).append('\n')) ? Optional.of(text.toString()) : Optional.empty();
    }

    /** Takes the lines of a text one after the other, without their ends. */
    @FunctionalInterface
    public interface Lines {
        void accept(String line) throws SinkException;
    }

    /**
     * As {@link #read()}, line by line, so that a long text need not be in memory as a whole; false when there never was
     * one. Nothing is handed on before the file was found to be whole.
     */
    public boolean read(Lines lines) throws SinkException {
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            check(channel);
            BufferedReader reader = new BufferedReader(Channels.newReader(channel.position(0), StandardCharsets.UTF_8));
            reader.readLine(); // The header; and the last one is the trailer.
            String line = reader.readLine();
            for (String next = reader.readLine(); line != null && next != null; next = reader.readLine()) {
                lines.accept(line);
                line = next;
            }
            return true;
        } catch (NoSuchFileException e) {
            return false;
        } catch (IOException e) {
            throw new SinkException(SinkException.Kind.IO, true, "can't read " + path + ": " + e, e);
        }
    }

    private void check(FileChannel channel) throws IOException, SinkException {
        InputStream in = Channels.newInputStream(channel);
        byte[] block = in.readNBytes(BUFFER_BYTES);
        int firstEnd = 0;
        while (firstEnd < block.length && block[firstEnd++] != '\n') {}
        String first = new String(block, 0, firstEnd, StandardCharsets.UTF_8);
        if (!first.equals(header) && first.matches("policylog " + kind + " v[0-9]{1,9}\n")) {
            throw unusable("was written by another release (\"" + first.strip() + "\", this one reads \""
                    + header.strip() + "\"); run the release that wrote it, or remove the file to start anew");
        }
        long end = channel.size() - TRAILER_BYTES;
        CRC32C crc = new CRC32C();
        channel.position(0);
        for (long left = end; left > 0 && block.length > 0; left -= block.length) {
            block = in.readNBytes((int) Math.min(left, BUFFER_BYTES));
            crc.update(block);
        }
        String trailer = new String(in.readNBytes(TRAILER_BYTES + 1), StandardCharsets.UTF_8);
        if (!first.equals(header) || end < firstEnd || !trailer.equals(trailer(crc))) {
            throw unusable("is damaged; remove the file to start anew");
        }
    }

    /** A text that is written piece by piece, so that a long one need not be in memory as a whole. */
    @FunctionalInterface
    public interface Text {
        /** Writes it, the same each time. It must end with a line end. */
        void writeTo(Appendable out) throws IOException;
    }

    /** Replaces the text. */
    public void write(Text text) throws SinkException {
        try {
            try {
                replace(text);
            } catch (IOException e) {
                if (!FullDisk.isCauseOf(e) || !Files.deleteIfExists(path.resolveSibling(RESERVE_NAME))) {
                    throw e;
                }
                replace(text);
            }
        } catch (IOException e) {
            throw new SinkException(SinkException.Kind.IO, true, "can't write " + path + ": " + e, e);
        }
    }

    /** Replaces the text. It must end with a line end. */
    public void write(String text) throws SinkException {
        write(out -> out.append(text));
    }

    private void replace(Text text) throws IOException {
        Path temporary = path.resolveSibling(path.getFileName() + ".tmp");
        CRC32C crc = new CRC32C();
        try (FileChannel channel = FileChannel.open(
                        temporary,
                        CREATE,
                        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
                Writer writer = new BufferedWriter(
                        new OutputStreamWriter(
                                new CheckedOutputStream(Channels.newOutputStream(channel), crc),
                                StandardCharsets.UTF_8),
                        BUFFER_BYTES)) {
            writer.write(header);
            text.writeTo(writer);
            writer.flush();
            writer.write(trailer(crc));
            writer.flush();
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

    private static String trailer(CRC32C crc) {
        return "crc32c=" + HexFormat.of().toHexDigits((int) crc.getValue()) + "\n";
    }

    private SinkException unusable(String what) {
        return new SinkException(SinkException.Kind.POSITION, false, "the " + kind + " file " + path + " " + what);
    }
}
