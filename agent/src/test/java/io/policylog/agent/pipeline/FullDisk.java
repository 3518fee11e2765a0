package io.policylog.agent.pipeline;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Fills a small disk, with bytes or with inodes, and keeps it full. */
final class FullDisk {
    private static final int ROOM_BYTES = 1 << 18;
    private static final int ROOM_FILES = 4;

    private final Path data;
    private final Path inodes;
    private int files;

    FullDisk(Path directory) {
        data = directory.resolve("filler");
        inodes = directory.resolve("fillers");
    }

    boolean full() {
        return files > 0 || Files.exists(data);
    }

    void fill(boolean withBytes) throws IOException {
        if (!full()) {
            if (withBytes) {
                Files.createFile(data);
            } else {
                Files.createDirectory(inodes);
                Files.createFile(inodes.resolve("0"));
                files = 1;
            }
            fillAgain();
        }
    }

    /** Takes what is free, if the disk shall be full. */
    void fillAgain() throws IOException {
        try {
            if (files > 0) {
                while (true) {
                    Files.createFile(inodes.resolve(String.valueOf(files)));
                    files++;
                }
            } else if (full()) {
                try (FileChannel channel = FileChannel.open(data, StandardOpenOption.APPEND)) {
                    ByteBuffer block = ByteBuffer.allocate(ROOM_BYTES);
                    while (true) {
                        channel.write(block.clear());
                    }
                }
            }
        } catch (IOException e) {
            if (!String.valueOf(e.getMessage()).contains("No space left")) {
                throw e;
            }
        }
    }

    /** Frees a little, for somebody who writes. */
    void makeRoom() throws IOException {
        if (files > 0) {
            for (int i = 0; i < ROOM_FILES; i++) {
                Files.deleteIfExists(inodes.resolve(String.valueOf(--files)));
            }
        } else if (full()) {
            try (FileChannel channel = FileChannel.open(data, StandardOpenOption.WRITE)) {
                channel.truncate(Math.max(0, channel.size() - ROOM_BYTES));
            }
        }
    }

    void free() throws IOException {
        while (files > 0) {
            Files.deleteIfExists(inodes.resolve(String.valueOf(--files)));
        }
        Files.deleteIfExists(inodes);
        Files.deleteIfExists(data);
    }
}
