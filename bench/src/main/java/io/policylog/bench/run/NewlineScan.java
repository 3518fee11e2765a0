package io.policylog.bench.run;

import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** The least a Java program does with a log: reads it and finds the lines. What more costs than this is the program's own. */
final class NewlineScan {
    private static final int BUFFER_BYTES = 256 * 1024;

    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long NEWLINES = 0x0a0a0a0a0a0a0a0aL;
    private static final long LOW_BITS = 0x7f7f7f7f7f7f7f7fL;

    private NewlineScan() {}

    /** Prints the number of lines in the files. */
    public static void main(String[] paths) throws IOException {
        ByteBuffer direct = ByteBuffer.allocateDirect(BUFFER_BYTES);
        byte[] bytes = new byte[BUFFER_BYTES];
        long lines = 0;
        for (String path : paths) {
            try (FileChannel channel = FileChannel.open(Path.of(path), StandardOpenOption.READ)) {
                while (channel.read(direct.clear()) > 0) {
                    int length = direct.flip().remaining();
                    direct.get(bytes, 0, length);
                    lines += count(bytes, length);
                }
            }
        }
        System.out.println(lines);
    }

    /** Eight bytes at a time; the test for a zero byte is the exact one, so that each newline counts once. */
    static long count(byte[] bytes, int length) {
        long lines = 0;
        int at = 0;
        for (; at <= length - Long.BYTES; at += Long.BYTES) {
            long differs = (long) LONGS.get(bytes, at) ^ NEWLINES;
            long zeros = ~(((differs & LOW_BITS) + LOW_BITS) | differs | LOW_BITS);
            lines += Long.bitCount(zeros);
        }
        for (; at < length; at++) {
            lines += bytes[at] == '\n' ? 1 : 0;
        }
        return lines;
    }
}
