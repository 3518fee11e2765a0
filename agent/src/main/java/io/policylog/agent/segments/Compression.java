package io.policylog.agent.segments;

import com.github.luben.zstd.ZstdInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.zip.GZIPInputStream;

/** How the bytes of a file hold those of the log. */
enum Compression {
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

    /** The log's bytes. A file that ends too early throws {@link java.io.EOFException} or another {@link IOException}. */
    InputStream decompress(InputStream file) throws IOException {
        return switch (this) {
            case NONE -> file;
            case GZIP -> new GZIPInputStream(file, 1 << 16);
            case ZSTD -> new ZstdInputStream(file);
        };
    }
}
