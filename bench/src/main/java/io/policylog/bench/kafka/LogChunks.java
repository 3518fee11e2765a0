package io.policylog.bench.kafka;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;

/** Reads files one after the other, a quarter of a megabyte of complete lines at a time. */
final class LogChunks {
    /** Takes complete lines; the array is used again. */
    @FunctionalInterface
    interface Lines {
        /**
         * Takes what was read.
         *
         * @param offset in the file, of the first line
         */
        void take(Path file, long offset, byte[] array, int length) throws Exception;
    }

    private LogChunks() {}

    static void read(List<Path> files, Lines lines) throws Exception {
        byte[] array = new byte[1 << 18];
        ByteBuffer buffer = ByteBuffer.wrap(array);
        for (Path file : files) {
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
                for (long offset = 0; offset < channel.size(); ) {
                    buffer.clear();
                    int read = channel.read(buffer, offset);
                    int end = read;
                    while (end > 0 && array[end - 1] != '\n') {
                        end--;
                    }
                    if (end <= 0) {
                        throw new IOException("no line end in " + file + " after " + offset);
                    }
                    lines.take(file, offset, array, end);
                    offset += end;
                }
            }
        }
    }
}
