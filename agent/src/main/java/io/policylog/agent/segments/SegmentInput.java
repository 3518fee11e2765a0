package io.policylog.agent.segments;

import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

/**
 * Positional reads of a segment's bytes, whatever the file that holds them. Belongs to the thread that opened it.
 */
public sealed interface SegmentInput extends Closeable {
    /**
     * Reads into the buffer, which has an array, what lies at an offset, as much as is there and fits.
     *
     * @return how many bytes were read; 0 at the end
     */
    int read(ByteBuffer buffer, long offset) throws IOException;

    /** How many bytes of the log the file holds now. */
    long size() throws IOException;

    /** A file that holds the bytes as they are. */
    final class Plain implements SegmentInput {
        private final FileChannel channel;
        private final boolean owned;

        /** @param owned whether closing this closes the channel; a descriptor that is a pin is not the reader's */
        Plain(FileChannel channel, boolean owned) {
            this.channel = channel;
            this.owned = owned;
        }

        @Override
        public int read(ByteBuffer buffer, long offset) throws IOException {
            int total = 0;
            while (buffer.hasRemaining()) {
                int read = channel.read(buffer, offset + total);
                if (read <= 0) {
                    break;
                }
                total += read;
            }
            return total;
        }

        @Override
        public long size() throws IOException {
            return channel.size();
        }

        @Override
        public void close() throws IOException {
            if (owned) {
                channel.close();
            }
        }
    }

    /** A compressed file: read forwards, and from its beginning again when a read goes back. */
    final class Decompressed implements SegmentInput {
        private final FileChannel channel;
        private final boolean owned;
        private final Compression compression;
        private final long size;
        private InputStream stream;
        private long streamOffset;

        /** @param size the length of the log's bytes in it, found when it was first read to its end */
        Decompressed(FileChannel channel, boolean owned, Compression compression, long size) throws IOException {
            this.channel = channel;
            this.owned = owned;
            this.compression = compression;
            this.size = size;
            try {
                this.stream = fromBeginning();
            } catch (IOException e) {
                if (owned) {
                    channel.close();
                }
                throw e;
            }
        }

        private InputStream fromBeginning() throws IOException {
            // The channel may be shared, so its own position is not used. Closing this leaves it open.
            return compression.decompress(new InputStream() {
                private long at;
                private final byte[] one = new byte[1];

                @Override
                public int read() throws IOException {
                    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
                }

                @Override
                public int read(byte[] bytes, int offset, int length) throws IOException {
                    int read = channel.read(ByteBuffer.wrap(bytes, offset, length), at);
                    at += Math.max(read, 0);
                    return read;
                }
            });
        }

        @Override
        public int read(ByteBuffer buffer, long offset) throws IOException {
            if (offset >= size) {
                return 0;
            }
            if (offset < streamOffset) {
                stream.close(); // Gives back the decompressor's native memory.
                stream = fromBeginning();
                streamOffset = 0;
            }
            try {
                stream.skipNBytes(offset - streamOffset);
            } catch (EOFException e) {
                return 0;
            }
            streamOffset = offset;
            int read = stream.readNBytes(buffer.array(), buffer.arrayOffset() + buffer.position(), buffer.remaining());
            buffer.position(buffer.position() + read);
            streamOffset += read;
            return read;
        }

        @Override
        public long size() {
            return size;
        }

        @Override
        public void close() throws IOException {
            stream.close();
            if (owned) {
                channel.close();
            }
        }
    }
}
