package io.policylog.agent.simulate;

/**
 * How {@link LogWriter} keeps its files.
 *
 * @param maxFileBytes a line that would make the file longer goes to a new one
 * @param maxBackups rotated files that are kept; 0 keeps all
 * @param batchBytes lines are collected up to so many bytes before they are written; 0 writes each line by itself
 * @param rotation how a full file makes room
 * @param gzip whether a rotated file is compressed at once, by whoever rotates; the node's writer never does
 */
public record LogWriterOptions(long maxFileBytes, int maxBackups, int batchBytes, Rotation rotation, boolean gzip) {
    /** The node's own: 10 MiB, five backups, a write call a line. */
    public static final LogWriterOptions DEFAULT = new LogWriterOptions(10 << 20, 5, 0, Rotation.WRITER, false);

    public LogWriterOptions {
        if (maxFileBytes < 1 || maxBackups < 0 || batchBytes < 0) {
            throw new IllegalArgumentException(
                    "maxFileBytes must be at least 1, maxBackups and batchBytes not negative:" + " maxFileBytes="
                            + maxFileBytes + " maxBackups=" + maxBackups + " batchBytes=" + batchBytes);
        }
        if (gzip && rotation == Rotation.WRITER) {
            throw new IllegalArgumentException(
                    "gzip needs another rotation than the writer's own, which never compresses");
        }
    }

    public LogWriterOptions withMaxFileBytes(long bytes) {
        return new LogWriterOptions(bytes, maxBackups, batchBytes, rotation, gzip);
    }

    public LogWriterOptions withMaxBackups(int backups) {
        return new LogWriterOptions(maxFileBytes, backups, batchBytes, rotation, gzip);
    }

    public LogWriterOptions withBatchBytes(int bytes) {
        return new LogWriterOptions(maxFileBytes, maxBackups, bytes, rotation, gzip);
    }

    public LogWriterOptions withRotation(Rotation how, boolean compress) {
        return new LogWriterOptions(maxFileBytes, maxBackups, batchBytes, how, compress);
    }
}
