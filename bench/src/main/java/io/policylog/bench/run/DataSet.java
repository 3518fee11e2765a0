package io.policylog.bench.run;

import io.policylog.agent.simulate.LogWriter;
import io.policylog.agent.simulate.LogWriterOptions;
import io.policylog.agent.simulate.TrafficGenerator;
import io.policylog.agent.simulate.TrafficOptions;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;

/**
 * A simulated log on disk.
 *
 * @param seed what it was made with
 * @param fingerprint of the simulator's output for this seed, so that figures of other data are not compared
 * @param files oldest first
 */
record DataSet(long seed, String fingerprint, List<LogFile> files) {
    private static final int FINGERPRINT_LINES = 10_000;
    private static final int BATCH_BYTES = 1 << 20;

    record LogFile(Path path, long bytes, long lines) {}

    /** The log with so many lines below {@code root}: as it was made before, or newly made. */
    static DataSet cached(Path root, long seed, long lines) throws IOException {
        String fingerprint = fingerprint(seed);
        Path directory = root.resolve("seed-" + seed + "-lines-" + lines + "-" + fingerprint);
        if (!Files.exists(directory)) {
            Path incomplete = Files.createDirectories(root).resolve(directory.getFileName() + ".incomplete");
            delete(incomplete);
            make(Files.createDirectories(incomplete), seed, lines);
            Files.move(incomplete, directory);
        }
        List<LogFile> files = new ArrayList<>();
        try (Stream<Path> found = Files.list(directory)) {
            // Backups carry their time and sort before the active file.
            for (Path path : found.sorted(Comparator.comparing(Path::toString)).toList()) {
                files.add(new LogFile(path, Files.size(path), countLines(path)));
            }
        }
        return new DataSet(seed, fingerprint, files);
    }

    /** The first files, until there are at least so many lines. */
    DataSet first(long atLeastLines) {
        List<LogFile> first = new ArrayList<>();
        long lines = 0;
        for (LogFile file : files) {
            if (lines >= atLeastLines) {
                break;
            }
            first.add(file);
            lines += file.lines();
        }
        return new DataSet(seed, fingerprint, first);
    }

    long bytes() {
        return files.stream().mapToLong(LogFile::bytes).sum();
    }

    long lines() {
        return files.stream().mapToLong(LogFile::lines).sum();
    }

    List<String> paths() {
        return files.stream().map(file -> file.path().toString()).toList();
    }

    private static void make(Path directory, long seed, long lines) throws IOException {
        LogWriterOptions keepAll = LogWriterOptions.DEFAULT.withMaxBackups(0).withBatchBytes(BATCH_BYTES);
        try (LogWriter log = new LogWriter(directory, keepAll)) {
            new TrafficGenerator(TrafficOptions.seeded(seed)).generate(lines, log::write);
        }
    }

    private static String fingerprint(long seed) throws IOException {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            new TrafficGenerator(TrafficOptions.seeded(seed)).generate(FINGERPRINT_LINES, digest::update);
            return HexFormat.of().formatHex(digest.digest(), 0, 8);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    private static long countLines(Path path) throws IOException {
        try (InputStream in = new BufferedInputStream(Files.newInputStream(path), BATCH_BYTES)) {
            long lines = 0;
            for (int b = in.read(); b >= 0; b = in.read()) {
                lines += b == '\n' ? 1 : 0;
            }
            return lines;
        }
    }

    static void delete(Path directory) throws IOException {
        if (Files.exists(directory)) {
            try (Stream<Path> found = Files.walk(directory)) {
                for (Path path : found.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(path);
                }
            }
        }
    }
}
