package io.policylog.agent.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.policylog.agent.segments.SegmentHold;
import io.policylog.agent.segments.Segments;
import io.policylog.agent.segments.TestLog;
import io.policylog.sinks.Position;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Random sequences of what writers, rotators, operators and crashes do, on a real directory, against a small model:
 * every line that could be seen is delivered exactly once and in the order of its file, and no record id stands for two
 * different lines. A failure names its seed, which replays it, and what was done.
 */
final class FollowingModelTest {
    @TempDir
    private Path directory;

    @Test
    void everyLineThatCouldBeSeenArrivesExactlyOnce() throws Exception {
        sequences(300, firstSeed());
    }

    @Test
    @Tag("soak")
    void everyLineThatCouldBeSeenArrivesExactlyOnceInManySequences() throws Exception {
        sequences(5_000, firstSeed());
    }

    /** {@code -Dpolicylog.seed=N} begins with the sequence that a failure named. */
    private static long firstSeed() {
        return Long.getLong("policylog.seed", System.nanoTime());
    }

    private void sequences(int count, long firstSeed) throws Exception {
        System.out.println("first seed " + firstSeed);
        for (int i = 0; i < count; i++) {
            Path own = Files.createDirectory(directory.resolve("s" + i));
            Model model = new Model(own, firstSeed + i);
            try {
                model.run(60);
            } catch (AssertionError | RuntimeException e) {
                throw new AssertionError("seed " + (firstSeed + i) + " after " + model.done, e);
            } finally {
                model.close();
            }
        }
    }

    /** The log as the model has it, and what was delivered. Lines are unique, so a line is its own name. */
    private static final class Model implements AutoCloseable {
        private final Random random;
        private final TestLog log;
        private LogReader reader;
        private Optional<Position> committed = Optional.empty();

        /** Lines of each file by its present name; a file that is gone keeps nothing here. */
        private final Map<Path, List<String>> files = new HashMap<>();
        /** Names whose inode the store has pinned. */
        private final Set<Path> pinned = new HashSet<>();

        private final Set<String> mustArrive = new LinkedHashSet<>();
        private final Set<String> mayArrive = new HashSet<>();
        private final Map<String, Integer> orderInFile = new HashMap<>();
        private final Map<String, Integer> fileOf = new HashMap<>();
        private int fileNumber;

        private final Map<String, String> delivered = new LinkedHashMap<>();
        private final Map<String, String> uncommitted = new LinkedHashMap<>();
        final List<String> done = new ArrayList<>();

        Model(Path directory, long seed) throws Exception {
            random = new Random(seed);
            log = new TestLog(directory, true);
            log.store().addHold(() -> SegmentHold.ALL);
            reader = newReader();
        }

        private LogReader newReader() {
            return new LogReader(() -> log.store().segments(), new ReadLimits(1000, 200), log::nanoTime, new Quiet());
        }

        void run(int steps) throws Exception {
            for (int i = 0; i < steps; i++) {
                step(random.nextInt(15));
            }
            done.add("end");
            for (int i = 0; i < 4; i++) {
                log.pass(3);
                scan();
                read(Integer.MAX_VALUE); // May end at a file that is not what the last scan saw.
            }
            commit();
            check();
        }

        private void step(int what) throws Exception {
            switch (what) {
                case 0, 1, 2, 3 -> append();
                case 4 -> torn();
                case 5 -> rotate();
                case 6 -> rotateNumbered();
                case 7 -> copyTruncate();
                case 8 -> compress();
                case 9 -> delete();
                case 10 -> touch();
                case 11 -> crash();
                case 12 -> truncate();
                case 13 -> {
                    done.add("commit");
                    commit();
                }
                default -> {}
            }
            if (random.nextInt(3) > 0) {
                scan();
            }
            if (random.nextBoolean()) {
                read(random.nextInt(6));
            }
            if (random.nextInt(4) == 0) {
                log.pass(random.nextInt(4));
            }
        }

        private List<String> active() {
            return files.computeIfAbsent(log.active(), f -> new ArrayList<>());
        }

        private void wrote(String line) {
            if (active().isEmpty()) {
                fileNumber++;
            }
            orderInFile.put(line, active().size());
            fileOf.put(line, fileNumber);
            active().add(line);
            mustArrive.add(line);
        }

        private void append() throws Exception {
            int count = 1 + random.nextInt(8);
            done.add("append " + count);
            log.append(count).forEach(this::wrote);
        }

        /** A line in two writes. */
        private void torn() throws Exception {
            done.add("torn");
            String line = log.line();
            log.appendText(log.active(), line.substring(0, 9));
            if (random.nextBoolean()) {
                scan();
                read(3);
            }
            log.appendText(log.active(), line.substring(9) + "\n");
            wrote(line);
        }

        private void rotate() throws Exception {
            if (Files.exists(log.active())) {
                done.add("rotate");
                Path backup = log.rotate();
                moved(log.active(), backup);
            }
        }

        private void moved(Path from, Path to) {
            List<String> lines = files.remove(from);
            files.put(to, lines == null ? new ArrayList<>() : lines);
            pinned.remove(to);
            if (pinned.remove(from)) {
                pinned.add(to);
            }
        }

        private void rotateNumbered() throws Exception {
            if (Files.exists(log.active()) && !Files.exists(numbered(10))) {
                done.add("rotate numbered");
                log.rotateNumbered();
                for (int i = 9; i > 0; i--) {
                    if (files.containsKey(numbered(i))) {
                        moved(numbered(i), numbered(i + 1));
                    }
                }
                moved(log.active(), numbered(1));
            }
        }

        private Path numbered(int number) {
            return log.directory().resolve("policy_action.log." + number);
        }

        /** As logrotate does it: the copy has all that was written before, and nothing is written meanwhile. */
        private void copyTruncate() throws Exception {
            if (Files.exists(log.active()) && !active().isEmpty() && !Files.exists(numbered(1))) {
                done.add("copytruncate");
                log.copyTruncate();
                List<String> lines = files.remove(log.active());
                boolean wasPinned = pinned.contains(log.active());
                files.put(numbered(1), lines == null ? List.of() : lines);
                pinned.remove(log.active());
                if (!wasPinned) {
                    scan(); // Else nobody could know that what is truncated was ever there.
                }
                scan(); // The copy is pinned when it appears.
            }
        }

        private void compress() throws Exception {
            Optional<Path> file = anyRotated();
            if (file.isPresent()
                    && !file.get().toString().endsWith(".gz")
                    && !files.getOrDefault(file.get(), List.of()).isEmpty()) {
                done.add("compress " + file.get().getFileName());
                Path zipped = log.gzip(file.get());
                List<String> lines = files.remove(file.get());
                files.put(zipped, lines == null ? List.of() : lines);
                pinned.remove(file.get());
            }
        }

        private Optional<Path> anyRotated() {
            List<Path> rotated = files.keySet().stream()
                    .filter(f -> !f.equals(log.active()))
                    .sorted(Comparator.comparing(Path::toString))
                    .toList();
            return rotated.isEmpty() ? Optional.empty() : Optional.of(rotated.get(random.nextInt(rotated.size())));
        }

        private void delete() throws Exception {
            Optional<Path> file = anyRotated();
            if (file.isPresent()) {
                done.add("delete " + file.get().getFileName());
                Files.delete(file.get());
                List<String> lines = files.remove(file.get());
                if (!pinned.remove(file.get()) && lines != null) {
                    lose(lines);
                }
            }
        }

        private void lose(List<String> lines) {
            mustArrive.removeAll(lines);
            mayArrive.addAll(lines);
        }

        private void truncate() throws Exception {
            if (Files.exists(log.active())) {
                done.add("truncate");
                lose(active().stream()
                        .filter(l -> !uncommitted.containsValue(l))
                        .toList());
                lose(List.copyOf(active()));
                log.truncate(log.active(), 0);
                files.remove(log.active());
                pinned.remove(log.active());
            }
        }

        /** Neither a touched file nor a stepped clock says anything about order. */
        private void touch() throws Exception {
            try (var all = Files.list(log.directory())) {
                for (Path file : all.filter(Files::isRegularFile).sorted().toList()) {
                    if (random.nextBoolean() && pinned.contains(file)) {
                        done.add("touch " + file.getFileName());
                        Files.setLastModifiedTime(
                                file, FileTime.from(Instant.ofEpochSecond(random.nextInt(2_000_000_000))));
                    }
                }
            }
        }

        private void scan() {
            done.add("scan");
            log.scan();
            files.forEach((file, lines) -> {
                if (!lines.isEmpty()) {
                    pinned.add(file);
                }
            });
        }

        private void read(int chunks) throws IOException {
            done.add("read " + chunks);
            for (int i = 0; i < chunks; i++) {
                @Nullable Chunk chunk = reader.read();
                if (chunk == null) {
                    return;
                }
                String text = new String(chunk.buffer(), 0, chunk.length(), StandardCharsets.UTF_8);
                long offset = chunk.offset();
                for (String line : text.lines().toList()) {
                    String id = chunk.segmentId() + ":" + offset;
                    String before = uncommitted.put(id, line);
                    assertTrue(before == null, () -> "read twice: " + id);
                    offset += line.length() + 1;
                }
            }
        }

        private void commit() throws IOException {
            committed = reader.position(log.store().storeId(), 0);
            uncommitted.forEach((id, line) -> assertEquals(null, delivered.put(id, line), "the id " + id));
            uncommitted.clear();
        }

        private void crash() throws Exception {
            done.add("crash");
            uncommitted.clear();
            reader.close();
            log.restart();
            log.store().addHold(() -> SegmentHold.ALL);
            scan();
            reader = newReader();
            reader.resume(committed, StartAt.BEGINNING);
        }

        private void check() {
            Set<String> seen = new HashSet<>();
            Map<Integer, Integer> lastOfFile = new HashMap<>();
            for (String line : delivered.values()) {
                assertTrue(seen.add(line), () -> "twice: " + line);
                assertTrue(mustArrive.contains(line) || mayArrive.contains(line), () -> "never written: " + line);
                int file = Objects.requireNonNull(fileOf.get(line));
                int order = Objects.requireNonNull(orderInFile.get(line));
                assertTrue(lastOfFile.getOrDefault(file, -1) < order, () -> "out of order: " + line);
                lastOfFile.put(file, order);
            }
            Set<String> missing = new LinkedHashSet<>(mustArrive);
            missing.removeAll(seen);
            assertEquals(Set.of(), missing, "lost");
        }

        @Override
        public void close() throws IOException {
            reader.close();
            log.close();
        }
    }

    private static final class Quiet implements LogReader.ReaderEvents {
        @Override
        public void lost(Segments.Lost segment, long bytes) {}

        @Override
        public void reread(long bytes, String segmentId) {}

        @Override
        public void gap(String segmentId) {}

        @Override
        public void rescan() {}
    }
}
