package io.policylog.agent.segments;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import java.util.zip.ZipException;

/**
 * The bytes in the members of a gzip file (RFC 1952), one after the other. Unlike {@link java.util.zip.GZIPInputStream},
 * for which whatever follows the first member and is damaged is the end of the file, this one tells of it. Confined to
 * one thread.
 */
final class GzipInput extends InputStream {
    private static final int BUFFER_BYTES = 1 << 16;
    private static final int TRAILER_BYTES = 8;

    // Section 2.3.1: what the flags say is in the header.
    private static final int DEFLATE = 8;
    private static final int HEADER_CRC = 2;
    private static final int EXTRA = 4;
    private static final int NAME = 8;
    private static final int COMMENT = 16;
    private static final int RESERVED = 0xe0;

    private final InputStream file;
    private final byte[] buffer = new byte[BUFFER_BYTES];
    private final Inflater inflater = new Inflater(true);
    private final CRC32 checksum = new CRC32();
    private int at;
    private int filled;
    private boolean ended;

    /** Reads the first header. Closing this closes the file. */
    GzipInput(InputStream file) throws IOException {
        this.file = file;
        try {
            readHeader();
        } catch (IOException e) {
            inflater.end();
            throw e;
        }
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
        while (!ended && length > 0) {
            int read = inflate(bytes, offset, length);
            if (read > 0) {
                checksum.update(bytes, offset, read);
                return read;
            }
            if (inflater.finished()) {
                endMember();
            } else if (inflater.needsDictionary()) {
                throw new ZipException("not gzip: it needs a dictionary");
            } else {
                fill();
                if (filled == 0) {
                    throw new EOFException("the gzip data ends too early");
                }
                inflater.setInput(buffer, 0, filled);
                at = filled;
            }
        }
        return ended ? -1 : 0;
    }

    private int inflate(byte[] bytes, int offset, int length) throws ZipException {
        try {
            return inflater.inflate(bytes, offset, length);
        } catch (DataFormatException e) {
            ZipException damaged = new ZipException("the gzip data is damaged: " + e.getMessage());
            damaged.initCause(e);
            throw damaged;
        }
    }

    private void endMember() throws IOException {
        at = filled - inflater.getRemaining();
        long expectedChecksum = little(TRAILER_BYTES / 2);
        long expectedSize = little(TRAILER_BYTES / 2);
        if (expectedChecksum != checksum.getValue() || expectedSize != (inflater.getBytesWritten() & 0xffffffffL)) {
            throw new ZipException("the gzip data is damaged: checksum or size is wrong");
        }
        skipPadding();
        if (more()) {
            inflater.reset();
            checksum.reset();
            readHeader();
        } else {
            ended = true;
        }
    }

    /** Zeros after a member are what a power cut or a block device leaves; gzip(1) takes no offence at them either. */
    private void skipPadding() throws IOException {
        while (more() && buffer[at] == 0) {
            at++;
        }
    }

    private void readHeader() throws IOException {
        if (next() != 0x1f || next() != 0x8b) {
            throw new ZipException("what follows is not gzip");
        }
        int method = next();
        int flags = next();
        if (method != DEFLATE || (flags & RESERVED) != 0) {
            throw new ZipException("a gzip header of an unknown kind: method " + method + ", flags " + flags);
        }
        little(6); // The time, and where it was made.
        if ((flags & EXTRA) != 0) {
            for (long left = little(2); left > 0; left--) {
                next();
            }
        }
        if ((flags & NAME) != 0) {
            skipText();
        }
        if ((flags & COMMENT) != 0) {
            skipText();
        }
        if ((flags & HEADER_CRC) != 0) {
            little(2);
        }
        inflater.setInput(buffer, at, filled - at);
        at = filled;
    }

    private void skipText() throws IOException {
        while (next() != 0) {}
    }

    private long little(int bytes) throws IOException {
        long value = 0;
        for (int i = 0; i < bytes; i++) {
            value |= (long) next() << (8 * i);
        }
        return value;
    }

    private int next() throws IOException {
        if (!more()) {
            throw new EOFException("the gzip data ends too early");
        }
        return buffer[at++] & 0xff;
    }

    private boolean more() throws IOException {
        if (at == filled) {
            fill();
        }
        return at < filled;
    }

    private void fill() throws IOException {
        at = 0;
        filled = Math.max(0, file.read(buffer, 0, BUFFER_BYTES));
    }

    @Override
    public void close() throws IOException {
        ended = true;
        inflater.end();
        file.close();
    }
}
