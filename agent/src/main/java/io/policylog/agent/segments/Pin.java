package io.policylog.agent.segments;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** What keeps a file's bytes when the writer unlinks it. The segment store alone makes, renames and releases pins. */
sealed interface Pin {
    /** A channel to the pinned file; see {@link #owned}. */
    FileChannel open() throws IOException;

    /** Whether a channel that {@link #open} gave belongs to the caller, who then closes it. */
    boolean owned();

    FileStat stat() throws IOException;

    /** Lets go of the bytes. */
    void release() throws IOException;

    /** A hard link in the state directory: survives the agent. */
    record Link(Path path) implements Pin {
        @Override
        public FileChannel open() throws IOException {
            return FileChannel.open(path, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS);
        }

        @Override
        public boolean owned() {
            return true;
        }

        @Override
        public FileStat stat() throws IOException {
            return FileStat.of(path);
        }

        @Override
        public void release() throws IOException {
            Files.deleteIfExists(path);
        }
    }

    /**
     * An open descriptor: survives unlinking, but not the agent. {@code lastStat} is what the directory last said of
     * the file; there is no {@code fstat} for link counts in Java.
     */
    record Descriptor(FileChannel channel, FileStat lastStat) implements Pin {
        @Override
        public FileChannel open() {
            return channel;
        }

        @Override
        public boolean owned() {
            return false;
        }

        @Override
        public FileStat stat() throws IOException {
            return new FileStat(
                    lastStat.key(),
                    0,
                    channel.size(),
                    lastStat.modified(),
                    true,
                    false,
                    lastStat.uid(),
                    lastStat.mode());
        }

        @Override
        public void release() throws IOException {
            channel.close();
        }
    }
}
