package io.policylog.agent.segments;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;

/** A real log directory, a segment store on it, and a clock that only moves when it is told to. */
public final class TestLog implements AutoCloseable {
    private final Path directory;
    private final boolean withState;
    private final AtomicLong nanos = new AtomicLong(1_000_000_000_000L);
    private Retention retention = new Retention(1L << 30, 10_000, 0);
    private Optional<StateDirectory> state = Optional.empty();
    private SegmentStore store;
    private long written;
    private int rotations;
    private Instant modified = Instant.parse("2026-01-01T00:00:00Z");

    public TestLog(Path directory, boolean withState) throws Exception {
        this.directory = directory;
        this.withState = withState;
        this.store = newStore();
    }

    private SegmentStore newStore() throws Exception {
        state = withState ? Optional.of(StateDirectory.open(stateDirectory())) : Optional.empty();
        return new SegmentStore(directory, "policy_action*", state, retention, nanos::get, () -> modified);
    }

    public Path directory() {
        return directory;
    }

    public Path stateDirectory() {
        return directory.resolve(".policylog");
    }

    public Path active() {
        return directory.resolve("policy_action.log");
    }

    public SegmentStore store() {
        return store;
    }

    public long nanoTime() {
        return nanos.get();
    }

    /** Lets time pass without a scan. */
    public TestLog pass(long seconds) {
        nanos.addAndGet(TimeUnit.SECONDS.toNanos(seconds));
        return this;
    }

    /** Lets a moment pass, and scans. */
    public TestLog scan() {
        nanos.addAndGet(TimeUnit.MILLISECONDS.toNanos(50));
        store.scan();
        return this;
    }

    /** Lets files come to rest: scans, waits longer than a quiet time, scans. */
    public TestLog settle() {
        return scan().pass(3).scan();
    }

    /** Ends the store as a crash would, and makes a new one on what is there. */
    public TestLog restart() throws Exception {
        return stop().start();
    }

    /** Ends the store as a crash would. */
    public TestLog stop() throws IOException {
        store.close();
        return this;
    }

    public TestLog start() throws Exception {
        store = newStore();
        return this;
    }

    public TestLog retention(Retention bound) throws Exception {
        retention = bound;
        return restart();
    }

    /** Gives a sequence number away, as if a segment had been found. */
    void takeSequence() throws IOException {
        state.orElseThrow().takeSequence();
    }

    /** A line that was never written before. */
    public String line() {
        return "{\"line\":" + written++ + ",\"padding\":\"" + "x".repeat(20) + "\"}";
    }

    /** Appends that many complete lines to the active file. */
    public List<String> append(int count) throws IOException {
        List<String> lines = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            lines.add(line());
        }
        appendText(active(), String.join("\n", lines) + "\n");
        return lines;
    }

    public void appendText(Path file, String text) throws IOException {
        Files.writeString(file, text, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        touch(file);
    }

    /** Gives a file the next modification time: real ones are too coarse for files made in one go. */
    public void touch(Path file) throws IOException {
        modified = modified.plusSeconds(1);
        Files.setLastModifiedTime(file, FileTime.from(modified));
    }

    /** Rotates as the writer does, and gives the name of the backup. */
    public Path rotate() throws IOException {
        Path backup = directory.resolve("policy_action-2026-01-01T00-00-00.%03d.log".formatted(rotations++));
        Files.move(active(), backup);
        Files.createFile(active());
        return backup;
    }

    /** Rotates as logrotate does by default. */
    public void rotateNumbered() throws IOException {
        for (int i = 9; i > 0; i--) {
            Path from = directory.resolve("policy_action.log." + i);
            if (Files.exists(from)) {
                Files.move(
                        from, directory.resolve("policy_action.log." + (i + 1)), StandardCopyOption.REPLACE_EXISTING);
            }
        }
        Files.move(active(), directory.resolve("policy_action.log.1"));
        Files.createFile(active());
    }

    public Path copyTruncate() throws IOException {
        Path copy = directory.resolve("policy_action.log.1");
        Files.copy(active(), copy, StandardCopyOption.REPLACE_EXISTING);
        touch(copy);
        truncate(active(), 0);
        return copy;
    }

    public void truncate(Path file, long size) throws IOException {
        try (var channel = java.nio.channels.FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.truncate(size);
        }
        touch(file);
    }

    public Path gzip(Path file) throws IOException {
        return gzip(file, () -> {});
    }

    /** Compresses a file as gzip(1) does, which keeps its date, and lets something happen half way. */
    public Path gzip(Path file, Runnable halfWay) throws IOException {
        ByteArrayOutputStream compressed = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(compressed)) {
            out.write(Files.readAllBytes(file));
        }
        Path zipped = Path.of(file + ".gz");
        try (OutputStream out = Files.newOutputStream(zipped)) {
            int half = compressed.size() / 2;
            out.write(compressed.toByteArray(), 0, half);
            halfWay.run();
            out.write(compressed.toByteArray(), half, compressed.size() - half);
        }
        Files.setLastModifiedTime(zipped, Files.getLastModifiedTime(file));
        Files.delete(file);
        return zipped;
    }

    /** Lets the clock that files are dated by jump. */
    public void stepClock(long seconds) {
        modified = modified.plusSeconds(seconds);
    }

    /** Every segment's bytes as text, in order. */
    public List<String> contents() throws IOException {
        List<String> contents = new ArrayList<>();
        for (Segment segment : store.segments().list()) {
            try (SegmentInput input = segment.copies().getFirst().open()) {
                java.nio.ByteBuffer bytes = java.nio.ByteBuffer.allocate((int) input.size());
                int read = input.read(bytes, 0);
                contents.add(new String(bytes.array(), 0, read, StandardCharsets.UTF_8));
            }
        }
        return contents;
    }

    /** Removes a file, or a directory with all that is in it. */
    public static void removeAll(Path path) throws IOException {
        try (Stream<Path> files = Files.walk(path)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    public List<String> pins() throws IOException {
        try (var files = Files.list(stateDirectory().resolve("segments"))) {
            return files.map(f -> f.getFileName().toString()).sorted().toList();
        }
    }

    @Override
    public void close() throws IOException {
        store.close();
    }
}
