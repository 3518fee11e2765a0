package io.policylog.agent.segments;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A file of a log directory as somebody finds it who only looks: nothing is pinned, nothing is written. Two are equal when
 * they are the same file under the same name. Immutable.
 */
public final class SegmentFile {
    private final Path path;
    private final FileStat stat;
    private final SegmentName name;

    private SegmentFile(Path path, FileStat stat, SegmentName name) {
        this.path = path;
        this.stat = stat;
        this.name = name;
    }

    /**
     * The log's files in a directory, oldest first, by the hints that order what is seen for the first time. Of a file and
     * its compressed copy beside it only the file itself is listed; what is no regular file is not.
     *
     * @param glob what the names of the log's files match
     */
    public static List<SegmentFile> list(Path directory, String glob) throws IOException {
        List<SegmentFile> found = new ArrayList<>();
        Set<String> plain = new HashSet<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory, glob)) {
            for (Path path : entries) {
                String fileName = String.valueOf(path.getFileName());
                SegmentName name = SegmentName.of(fileName);
                FileStat stat = stat(path);
                if (stat != null && stat.regular()) {
                    found.add(new SegmentFile(path, stat, name));
                    if (name.compression() == Compression.NONE) {
                        plain.add(fileName);
                    }
                }
            }
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
        found.removeIf(file -> file.name.compression() != Compression.NONE && plain.contains(file.uncompressedName()));
        found.sort(Comparator.comparing(SegmentFile::hints));
        return List.copyOf(found);
    }

    private static @Nullable FileStat stat(Path path) throws IOException {
        try {
            return FileStat.of(path);
        } catch (NoSuchFileException e) {
            return null; // Unlinked since it was listed.
        }
    }

    private String uncompressedName() {
        String fileName = String.valueOf(path.getFileName());
        return fileName.substring(
                0, fileName.length() - name.compression().suffix().length());
    }

    private OrderingHints hints() {
        return new OrderingHints(
                active(), stat.modified(), name.time(), stat.key().inode());
    }

    public Path path() {
        return path;
    }

    /** Whether the writer appends to it, going by its name. */
    public boolean active() {
        return name.kind() == SegmentName.Kind.ACTIVE;
    }

    /** In bytes, as they lie on the disk. */
    public long size() {
        return stat.size();
    }

    /** When it was last written to. */
    public Instant modified() {
        return stat.modified().toInstant();
    }

    /** Opens what now has the name. */
    public FileChannel open() throws IOException {
        return FileChannel.open(path, StandardOpenOption.READ);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof SegmentFile file
                && path.equals(file.path)
                && stat.key().equals(file.stat.key());
    }

    @Override
    public int hashCode() {
        return path.hashCode();
    }

    @Override
    public String toString() {
        return path.toString();
    }
}
