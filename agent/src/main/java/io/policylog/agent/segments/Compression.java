package io.policylog.agent.segments;

import com.github.luben.zstd.ZstdInputStream;
import java.io.IOException;
import java.io.InputStream;

/** How the bytes of a file hold those of the log. */
public enum Compression {
    NONE(""),
    GZIP(".gz"),
    ZSTD(".zst");

    private final String suffix;

    Compression(String suffix) {
        this.suffix = suffix;
    }

    /** What a file's name ends with. */
    String suffix() {
        return suffix;
    }

    static Compression ofName(String fileName) {
        return fileName.endsWith(GZIP.suffix) ? GZIP : fileName.endsWith(ZSTD.suffix) ? ZSTD : NONE;
    }

    /** Told by the first four bytes (RFC 1952, section 2.3.1; RFC 8878, section 3.1.1); fewer are not compressed. */
    public static Compression ofContent(byte[] first, int length) {
        if (length >= 2 && first[0] == 0x1f && first[1] == (byte) 0x8b) {
            return GZIP;
        }
        boolean zstd = length >= 4
                && first[0] == 0x28
                && first[1] == (byte) 0xb5
                && first[2] == 0x2f
                && first[3] == (byte) 0xfd;
        return zstd ? ZSTD : NONE;
    }

    /** The log's bytes. A file that ends too early throws {@link java.io.EOFException} or another {@link IOException}. */
    public InputStream decompress(InputStream file) throws IOException {
        return switch (this) {
            case NONE -> file;
            case GZIP -> new GzipInput(file);
            case ZSTD -> new ZstdInputStream(file);
        };
    }
}
