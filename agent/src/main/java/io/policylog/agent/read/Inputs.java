package io.policylog.agent.read;

import io.policylog.agent.segments.SegmentFile;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/** What there is to read, in order. Closes what is open. */
final class Inputs implements Closeable {
    /** Where a node keeps its log. */
    static final Path DEFAULT_DIRECTORY = Path.of("/var/log/network");

    /** What the files of the log are called in a directory. */
    static final String GLOB = "policy_action*";

    /** Of more files in a directory only the newest are opened at once. */
    private static final int MAX_OPEN = 256;

    private static final int MAX_LISTINGS = 5;

    private final List<Input> inputs = new ArrayList<>();
    private final List<FileChannel> channels = new ArrayList<>();
    private final List<String> notes = new ArrayList<>();
    private final Predicate<Instant> wanted;

    private Inputs(Predicate<Instant> wanted) {
        this.wanted = wanted;
    }

    /**
     * Finds what paths stand for; none stands for the node's own directory.
     *
     * @param paths files, directories, and {@code -} for the standard input
     * @param wanted whether a file that was last written to at this time is wanted
     */
    static Inputs of(List<String> paths, InputStream stdin, Predicate<Instant> wanted) throws IOException {
        Inputs found = new Inputs(wanted);
        try {
            for (String path : paths.isEmpty() ? List.of(DEFAULT_DIRECTORY.toString()) : paths) {
                if (path.equals(LogOptions.STDIN)) {
                    found.inputs.add(new Input("standard input", 0, Optional.empty(), false, false, () -> stdin));
                } else if (Files.isDirectory(Path.of(path))) {
                    found.addDirectory(Path.of(path));
                } else {
                    found.addFile(Path.of(path));
                }
            }
        } catch (IOException e) {
            found.close();
            throw explained(e);
        }
        return found;
    }

    private static IOException explained(IOException e) {
        return switch (e) {
            case NoSuchFileException missing ->
                new IOException(
                        "there is no " + missing.getFile() + "; say with --log where the log is, or - for stdin", e);
            case AccessDeniedException denied ->
                new IOException("no permission to read " + denied.getFile() + "; the log belongs to root", e);
            default -> e;
        };
    }

    private void addFile(Path path) throws IOException {
        if (!Files.exists(path)) {
            throw new NoSuchFileException(path.toString());
        }
        Instant modified = Files.getLastModifiedTime(path).toInstant();
        long size = Files.isRegularFile(path) ? Files.size(path) : 0;
        add(new Input(path.toString(), size, Optional.of(modified), false, false, () -> Files.newInputStream(path)));
    }

    /**
     * Adds the log's files. They are opened at once, for while one is read the writer goes on: it would give the active
     * file another name and make a new one, and unlink the oldest.
     */
    private void addDirectory(Path directory) throws IOException {
        List<SegmentFile> files = SegmentFile.list(directory, GLOB);
        Map<SegmentFile, FileChannel> open = new HashMap<>();
        for (int listing = 1; ; listing++) {
            open(files, open);
            List<SegmentFile> now = SegmentFile.list(directory, GLOB);
            if (now.equals(files) || listing == MAX_LISTINGS) {
                break;
            }
            // What was opened by name may have been another file by then.
            for (FileChannel channel : open.values()) {
                channel.close();
            }
            open.clear();
            files = now;
        }
        channels.addAll(open.values());
        if (files.isEmpty()) {
            notes.add("there is no " + GLOB + " in " + directory
                    + ": nothing is logged, or the log is elsewhere (--log)");
        }
        for (SegmentFile file : files) {
            FileChannel channel = open.get(file);
            add(new Input(
                    file.path().toString(),
                    file.size(),
                    Optional.of(file.modified()),
                    file.active(),
                    true,
                    channel == null
                            ? () -> Channels.newInputStream(file.open())
                            : () -> Channels.newInputStream(channel)));
        }
    }

    private void open(List<SegmentFile> files, Map<SegmentFile, FileChannel> open) {
        for (SegmentFile file : files.subList(Math.max(0, files.size() - MAX_OPEN), files.size())) {
            if (wanted.test(file.modified())) {
                try {
                    open.put(file, file.open());
                } catch (IOException e) {
                    // Tried again when its turn comes, and told of then.
                }
            }
        }
    }

    private void add(Input input) {
        if (input.modified().map(wanted::test).orElse(true)) {
            inputs.add(input);
        }
    }

    /** The oldest first in each directory; else as they were named. */
    List<Input> list() {
        return List.copyOf(inputs);
    }

    /** What people should know about what was found. */
    List<String> notes() {
        return List.copyOf(notes);
    }

    /** In bytes, as they lie on the disk; 0 if that can't be told of each. */
    long totalBytes() {
        boolean known = inputs.stream()
                .allMatch(input -> input.size() > 0 || input.modified().isPresent());
        return known ? inputs.stream().mapToLong(Input::size).sum() : 0;
    }

    @Override
    public void close() throws IOException {
        for (FileChannel channel : channels) {
            channel.close();
        }
    }
}
