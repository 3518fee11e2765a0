package io.policylog.agent.segments;

import io.policylog.sinks.DurableFile;
import io.policylog.sinks.FullDisk;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes and names pins: hard links in the state directory, or open descriptors where links are impossible. Belongs to
 * the segment store's thread, but for {@link #linking}.
 */
final class Pinning {
    private static final String TEMPORARY_PREFIX = ".new-";

    private final Logger log = LoggerFactory.getLogger(Pinning.class);
    private final Optional<Path> links;
    private long temporaryNumber;
    private volatile boolean linking;

    /** @param links the folder for hard links; without one all pins are descriptors */
    Pinning(Optional<Path> links) {
        this.links = links;
        this.linking = links.isPresent();
    }

    /** Whether new pins are hard links. Any thread. */
    boolean linking() {
        return linking;
    }

    /** A pin and what it holds, which may be something else than what the directory entry was a moment before. */
    record Pinned(Pin pin, FileStat stat) {}

    /** Pins what now is at a path. One file that can't be linked does not keep the others from it. */
    Pinned pin(Path path, FileStat listed) throws IOException {
        String refused = "";
        if (links.isPresent()) {
            Path link = temporaryName(Compression.ofName(path.toString()));
            try {
                Files.createLink(link, path);
                linking = true;
                return new Pinned(new Pin.Link(link), FileStat.of(link));
            } catch (NoSuchFileException e) {
                if (Files.exists(links.get(), LinkOption.NOFOLLOW_LINKS)) {
                    throw e; // Gone since it was listed.
                }
                refused = "no such directory";
            } catch (FileSystemException e) {
                refused = String.valueOf(e.getReason());
                if (FullDisk.isCauseOf(e)) {
                    throw e;
                }
            }
        }
        FileChannel channel = open(path, listed);
        if (linking) {
            linking = false;
            log.warn(
                    "can't hard-link {} into {}: {}; open descriptors hold what is not yet read, so it does not"
                            + " survive a restart once the writer has unlinked it",
                    path,
                    links.orElseThrow(),
                    refused);
        }
        return new Pinned(new Pin.Descriptor(channel, listed), listed);
    }

    /** Opens what was listed; the same name again leads to the same file, so it was not swapped in between. */
    private static FileChannel open(Path path, FileStat listed) throws IOException {
        FileChannel channel = FileChannel.open(path, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS);
        try {
            if (FileStat.of(path).key().equals(listed.key())) {
                return channel;
            }
        } catch (IOException e) {
            channel.close();
            throw e;
        }
        channel.close();
        throw new NoSuchFileException(path.toString(), null, "replaced since it was listed");
    }

    /** Takes a pin's final name away, because its file is another segment now. */
    Pin unname(Pin pin) throws IOException {
        return pin instanceof Pin.Link(Path path)
                ? new Pin.Link(Files.move(
                        path, temporaryName(Compression.ofName(path.toString())), StandardCopyOption.ATOMIC_MOVE))
                : pin;
    }

    /** Gives a pin its final name, durably, before anything of the segment is read. */
    Pin name(Pin pin, long sequence, String id, Compression compression) throws IOException {
        if (!(pin instanceof Pin.Link(Path path))) {
            return pin;
        }
        Path target;
        int copy = 0;
        do {
            target = path.resolveSibling(new PinName(sequence, id, copy++, compression).toString());
        } while (Files.exists(target, LinkOption.NOFOLLOW_LINKS));
        Files.move(path, target, StandardCopyOption.ATOMIC_MOVE);
        DurableFile.syncDirectory(path.resolveSibling("."));
        return new Pin.Link(target);
    }

    /** Says how the file is compressed, because after a crash nothing else does. */
    private Path temporaryName(Compression compression) {
        Path name;
        do {
            name = links.orElseThrow().resolve(TEMPORARY_PREFIX + temporaryNumber++ + compression.suffix());
        } while (Files.exists(name, LinkOption.NOFOLLOW_LINKS)); // What a crash left is still in use.
        return name;
    }

    /** Whether a file in the folder of the links is one that a crash left without a final name. */
    static boolean isTemporary(String name) {
        return name.startsWith(TEMPORARY_PREFIX);
    }
}
