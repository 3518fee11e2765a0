package io.policylog.agent.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.policylog.agent.segments.Segment;
import io.policylog.agent.segments.SegmentInput;
import io.policylog.agent.segments.TestLog;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;

/**
 * A real log with those who follow it, and a small model of what they must be given. Lines are unique, so a line is its
 * own name. What a step can't do as things stand it leaves.
 *
 * <p>Without a state directory order and place go by hints after a restart; what would mislead those is left out then:
 * dates that lie, late lines, and the loss of what is newer than something that stays.
 */
final class FollowingModel implements AutoCloseable {
    private static final int MAX_SINKS = 3;

    /** What a file of the log holds, whatever its name. */
    private static final class Content {
        final int number;
        final List<String> lines = new ArrayList<>();
        int linesEver;
        /** Bytes after the last complete line. */
        String tail = "";
        /** Whether the agent holds the bytes, or has a file that it will take them from: unlinking does not lose them. */
        boolean held;

        Content(int number) {
            this.number = number;
        }

        int bytes() {
            return lines.stream().mapToInt(l -> l.length() + 1).sum() + tail.length();
        }
    }

    private record Place(int file, int order) {}

    private final TestLog log;
    private final boolean linking;
    private final Optional<FullDisk> disk;
    private final List<FollowingSink> sinks = new ArrayList<>();
    private final Map<Path, Content> files = new HashMap<>();
    /** Held without a name. */
    private final List<Content> unlinked = new ArrayList<>();

    private final Map<String, Place> places = new HashMap<>();
    /** What counts as a line when no more can follow. Not unique, so not looked at more closely. */
    private final Set<String> tails = new HashSet<>();

    private final List<String> done = new ArrayList<>();
    private int contents;
    private int sinksEver;
    private boolean running = true;
    private boolean copiedWhileStopped;

    /** @param fillable whether the directory lies on a small disk that may be filled */
    FollowingModel(Path directory, boolean linking, boolean fillable) throws Exception {
        this.log = new TestLog(directory, linking);
        this.linking = linking;
        this.disk = linking && fillable ? Optional.of(new FullDisk(directory)) : Optional.empty();
        newSink(StartAt.BEGINNING);
        newSink(StartAt.BEGINNING);
        started();
    }

    /** What the steps did, for people. */
    List<String> done() {
        return done;
    }

    void run(List<FollowingStep> steps) throws Exception {
        for (FollowingStep step : steps) {
            int before = done.size();
            apply(step.operation(), step.random());
            for (int i = before; i < done.size(); i++) {
                done.set(i, step + " " + done.get(i));
            }
        }
        done.add("end");
        freeDisk();
        start();
        for (int i = 0; i < 6; i++) {
            log.pass(3);
            scan();
            for (FollowingSink sink : sinks) {
                sink.read(Integer.MAX_VALUE); // May end at a file that is not what the last scan saw.
            }
        }
        for (FollowingSink sink : sinks) {
            sink.commit(log.store());
            check(sink);
        }
    }

    private void apply(FollowingStep.Operation operation, RandomGenerator random) throws Exception {
        switch (operation) {
            case WRITE -> write(1 + random.nextInt(8));
            case WRITE_IN_PARTS -> writeInParts(random);
            case ROTATE -> rotate();
            case ROTATE_NUMBERED -> rotateNumbered();
            case COPY_TRUNCATE -> copyTruncate();
            case TRUNCATE -> truncate();
            case COMPRESS -> compress(random);
            case DELETE -> delete(random);
            case REUSE_INODE -> reuseInode(random);
            case WRITE_LATE -> writeLate(random);
            case TOUCH -> touch(random);
            case STEP_CLOCK -> {
                if (linking) {
                    done.add("the clock steps");
                    log.stepClock(random.nextInt(200_000) - 100_000);
                }
            }
            case CUT_BACK -> cutBack(random);
            case POWER_CUT -> powerCut(random);
            case STOP -> stop();
            case CRASH -> crash();
            case START -> start();
            case ADD_SINK -> {
                if (sinks.size() < MAX_SINKS) {
                    stop();
                    newSink(random.nextBoolean() ? StartAt.BEGINNING : StartAt.END);
                    start();
                }
            }
            case RENAME_SINK -> {
                stop();
                done.add("gone is " + sinks.remove(random.nextInt(sinks.size())).name());
                newSink(StartAt.BEGINNING);
                start();
            }
            case FILL_DISK -> {
                if (disk.isPresent()) {
                    done.add("disk full");
                    disk.get().fill(random.nextBoolean());
                }
            }
            case FREE_DISK -> freeDisk();
            case SCAN -> scan();
            case READ -> {
                if (running) {
                    FollowingSink sink = any(sinks, random);
                    done.add(sink.name() + " reads " + sink.read(1 + random.nextInt(6)));
                }
            }
            case COMMIT -> {
                if (running) {
                    FollowingSink sink = any(sinks, random);
                    done.add(sink.name() + " commits");
                    sink.commit(log.store());
                }
            }
            case PASS -> pass(1 + random.nextInt(3));
            case PASS_LONG -> pass(70);
        }
    }

    private static <T> T any(List<T> list, RandomGenerator random) {
        return list.get(random.nextInt(list.size()));
    }

    private void pass(int seconds) {
        done.add(seconds + " s pass");
        log.pass(seconds);
    }

    // ---- the writer

    private Content active() {
        return files.computeIfAbsent(log.active(), f -> new Content(contents++));
    }

    private void write(int count) throws Exception {
        done.add("write " + count);
        for (int i = 0; i < count; i++) {
            String line = log.line();
            withRoom(() -> log.appendText(log.active(), line + "\n"));
            wrote(line);
        }
    }

    private void writeInParts(RandomGenerator random) throws Exception {
        done.add("write a line in parts");
        String line = log.line();
        int first = 1 + random.nextInt(line.length() - 1);
        withRoom(() -> log.appendText(log.active(), line.substring(0, first)));
        if (random.nextBoolean()) {
            scan();
            readAll();
        }
        withRoom(() -> log.appendText(log.active(), line.substring(first) + "\n"));
        wrote(line);
    }

    private void wrote(String written) {
        Content content = active();
        String line = content.tail + written;
        content.tail = "";
        content.lines.add(line);
        places.put(line, new Place(content.number, content.linesEver++));
        sinks.forEach(sink -> sink.expect(line));
    }

    // ---- rotators and operators

    private void moved(Path from, Path to) {
        Content content = files.remove(from);
        if (content != null) {
            files.put(to, content);
        }
    }

    private void rotate() throws Exception {
        if (Files.exists(log.active())) {
            withRoom(() -> {
                Path backup = log.rotate();
                moved(log.active(), backup);
                done.add("rotate to " + backup.getFileName());
            });
        }
    }

    private Path numbered(int number) {
        return log.directory().resolve("policy_action.log." + number);
    }

    private void rotateNumbered() throws Exception {
        if (Files.exists(log.active()) && !Files.exists(numbered(10))) {
            done.add("rotate by numbers");
            withRoom(log::rotateNumbered);
            for (int i = 9; i > 0; i--) {
                moved(numbered(i), numbered(i + 1));
            }
            moved(log.active(), numbered(1));
        }
    }

    /** As logrotate does it: the copy has all that was written before, nothing is written meanwhile, the agent looks. */
    private void copyTruncate() throws Exception {
        Content content = active();
        if (!content.lines.isEmpty() && !Files.exists(numbered(1)) && !full()) {
            done.add("copytruncate");
            copiedWhileStopped |= !running;
            scan(); // Else nobody could know that what is truncated was ever there.
            log.copyTruncate();
            moved(log.active(), numbered(1));
            active().held = content.held;
            content.held = false;
            scan();
        }
    }

    private void truncate() throws Exception {
        if (Files.exists(log.active()) && linking && !full()) {
            done.add("truncate");
            Content content = active();
            lose(content.lines);
            log.truncate(log.active(), 0);
            files.remove(log.active());
            active().held = content.held;
        }
    }

    /** The rotated files that there are, oldest first. */
    private List<Path> rotated() {
        return files.keySet().stream()
                .filter(f -> !f.equals(log.active()))
                .sorted(Comparator.comparingInt(f -> Objects.requireNonNull(files.get(f)).number))
                .toList();
    }

    private void compress(RandomGenerator random) throws Exception {
        List<Path> plain = rotated().stream()
                .filter(f -> !f.toString().endsWith(".gz") && !Files.exists(Path.of(f + ".gz")))
                .filter(f -> !Objects.requireNonNull(files.get(f)).lines.isEmpty())
                .toList();
        if (!plain.isEmpty()) {
            Path file = any(plain, random);
            done.add("compress " + file.getFileName());
            boolean looks = random.nextBoolean();
            withRoom(() -> {
                Path zipped = log.gzip(file, () -> {
                    if (looks) {
                        scan();
                    }
                });
                files.put(zipped, Objects.requireNonNull(files.remove(file)));
            });
        }
    }

    private void delete(RandomGenerator random) throws Exception {
        List<Path> rotated = rotated();
        if (linking && random.nextInt(8) == 0 && Files.exists(log.active())) {
            unlink(log.active());
        } else if (!rotated.isEmpty()) {
            unlink(linking ? any(rotated, random) : rotated.getFirst());
        }
    }

    private void unlink(Path file) throws IOException {
        done.add("delete " + file.getFileName());
        Files.delete(file);
        forget(file);
    }

    private void forget(Path file) {
        Content content = files.remove(file);
        if (content != null) {
            if (content.held) {
                unlinked.add(content);
            } else {
                lose(content.lines);
            }
        }
    }

    private void lose(List<String> lines) {
        sinks.forEach(sink -> sink.lose(lines));
    }

    /** A file that nobody holds is unlinked, and the writer's next file gets its inode. */
    private void reuseInode(RandomGenerator random) throws Exception {
        List<Path> free = rotated().stream()
                .filter(f -> !Objects.requireNonNull(files.get(f)).held && links(f) == 1)
                .toList();
        boolean noActive = !Files.exists(log.active()) || active().bytes() == 0;
        if (!free.isEmpty()
                && noActive
                && (linking || (!running && free.getFirst().equals(rotated().getFirst())))) {
            Path file = linking ? any(free, random) : free.getFirst();
            done.add("reuse the inode of " + file.getFileName());
            forget(file);
            files.remove(log.active());
            log.truncate(file, 0);
            Files.deleteIfExists(log.active());
            Files.move(file, log.active());
        }
    }

    /** A process writes to a file that was renamed under it: shipped late, or too late. */
    private void writeLate(RandomGenerator random) throws Exception {
        List<Path> open = rotated().stream()
                .filter(f -> f.toString().contains(".log.") && !f.toString().endsWith(".gz"))
                .filter(f -> Objects.requireNonNull(files.get(f)).tail.isEmpty())
                .toList();
        if (linking && !open.isEmpty()) {
            Path file = any(open, random);
            done.add("write to " + file.getFileName());
            String line = log.line();
            withRoom(() -> log.appendText(file, line + "\n"));
            Content content = Objects.requireNonNull(files.get(file));
            content.lines.add(line);
            places.put(line, new Place(content.number, content.linesEver++));
            sinks.forEach(sink -> sink.mayComeLate(line));
        }
    }

    /** The date of a file says nothing about the order of what was seen before. */
    private void touch(RandomGenerator random) throws Exception {
        for (Path file : files.keySet().stream().sorted().toList()) {
            if (linking && random.nextBoolean() && Files.exists(file)) {
                done.add("touch " + file.getFileName());
                Files.setLastModifiedTime(file, FileTime.from(Instant.ofEpochSecond(random.nextInt(2_000_000_000))));
            }
        }
    }

    /** The end of the active file is gone while everybody reads on, and everybody looks before more is written. */
    private void cutBack(RandomGenerator random) throws Exception {
        Content content = active();
        if (running && linking && content.held && !content.lines.isEmpty() && !full()) {
            int first = content.lines.getFirst().length() + 1;
            cut(content, first + random.nextInt(content.bytes() - first + 1), 0);
            scan();
            readAll();
        }
    }

    private void powerCut(RandomGenerator random) throws Exception {
        crash();
        Content content = active();
        int first = linking || content.lines.isEmpty()
                ? 0
                : content.lines.getFirst().length() + 1;
        if (content.bytes() > 0) {
            int to = first + random.nextInt(content.bytes() - first + 1);
            cut(content, to, random.nextBoolean() ? random.nextInt(300) : 0);
        }
    }

    private void cut(Content content, int length, int nuls) throws Exception {
        done.add("cut back from " + content.bytes() + " to " + length + ", " + nuls + " NUL");
        StringBuilder bytes = new StringBuilder();
        content.lines.forEach(line -> bytes.append(line).append('\n'));
        bytes.append(content.tail).setLength(length);
        int kept = (int) bytes.chars().filter(c -> c == '\n').count();
        List<String> gone = content.lines.subList(kept, content.lines.size());
        lose(List.copyOf(gone));
        gone.clear();
        content.tail = bytes.substring(bytes.lastIndexOf("\n") + 1) + "\0".repeat(nuls);
        List<String> left = new ArrayList<>(content.lines);
        left.add(content.tail);
        sinks.forEach(sink -> sink.wasCut(left));
        log.truncate(log.active(), length);
        withRoom(() -> log.appendText(log.active(), "\0".repeat(nuls)));
        tails.add(content.tail);
    }

    // ---- the disk

    private interface Writing {
        void run() throws Exception;
    }

    /** Writers find a little room where the agent finds none: what matters is what the agent makes of it. */
    private void withRoom(Writing writing) throws Exception {
        if (disk.isPresent()) {
            disk.get().makeRoom();
        }
        writing.run();
        if (disk.isPresent()) {
            disk.get().fillAgain();
        }
    }

    private boolean full() {
        return disk.isPresent() && disk.get().full();
    }

    private void freeDisk() throws IOException {
        if (full()) {
            done.add("disk free");
            disk.orElseThrow().free();
        }
    }

    // ---- the agent

    private void newSink(StartAt startAt) {
        FollowingSink sink = new FollowingSink("sink" + sinksEver++, startAt);
        done.add("new is " + sink.name() + " at " + startAt);
        sinks.add(sink);
    }

    private void crash() throws Exception {
        if (running) {
            done.add("crash");
            for (FollowingSink sink : sinks) {
                sink.crash();
            }
            ended();
        }
    }

    private void stop() throws Exception {
        if (running) {
            done.add("stop");
            for (FollowingSink sink : sinks) {
                sink.commit(log.store());
                sink.crash();
            }
            ended();
        }
    }

    private void ended() throws IOException {
        running = false;
        log.stop();
        if (!linking) {
            files.values().forEach(content -> content.held = false);
            unlinked.forEach(content -> lose(content.lines));
            unlinked.clear();
        }
    }

    private void start() throws Exception {
        if (!running) {
            if (copiedWhileStopped) {
                freeDisk(); // A copy that can't be linked at the start is a known limitation.
                copiedWhileStopped = false;
            }
            try {
                log.start();
            } catch (IOException e) {
                assertTrue(full(), e::toString);
                done.add("can't start: " + e);
                return;
            }
            done.add("start");
            started();
        }
    }

    private void started() throws Exception {
        running = true;
        for (FollowingSink sink : sinks) {
            sink.started(log);
        }
        scan();
        for (FollowingSink sink : sinks) {
            if (sink.isNew()) {
                files.values().forEach(content -> content.lines.forEach(sink::expect));
                held().stream().filter(places::containsKey).forEach(sink::expect);
            }
            sink.resume(log.store());
        }
    }

    /** The complete lines of what the agent holds. */
    private List<String> held() throws IOException {
        List<String> lines = new ArrayList<>();
        for (Segment segment : log.store().segments().list()) {
            for (Segment.Copy copy : segment.copies()) {
                try (SegmentInput input = copy.open()) {
                    ByteBuffer bytes = ByteBuffer.allocate((int) input.size());
                    input.read(bytes, 0);
                    String text = new String(bytes.array(), 0, bytes.position(), StandardCharsets.UTF_8);
                    lines.addAll(List.of(
                            text.substring(0, text.lastIndexOf('\n') + 1).split("\n", 0)));
                }
            }
        }
        return lines;
    }

    private void scan() {
        if (running) {
            done.add("scan");
            log.scan();
            files.forEach((file, content) -> content.held |= !content.lines.isEmpty() && (!full() || links(file) > 1));
        }
    }

    private static int links(Path file) {
        try {
            return (Integer) Files.getAttribute(file, "unix:nlink");
        } catch (IOException e) {
            return 0;
        }
    }

    private void readAll() throws IOException {
        if (running) {
            for (FollowingSink sink : sinks) {
                done.add(sink.name() + " reads " + sink.read(Integer.MAX_VALUE));
            }
        }
    }

    // ---- what must hold

    private void check(FollowingSink sink) {
        Set<String> seen = new HashSet<>();
        Map<Integer, Integer> lastOfFile = new HashMap<>();
        for (String line : sink.delivered()) {
            if (tails.contains(line)) {
                continue;
            }
            String what = sink.name() + ": " + line;
            Place place = places.get(line);
            assertTrue(place != null, () -> "never written, to " + what);
            if (seen.add(line)) {
                if (!sink.mayBeLate(line) && !sink.mayRepeat(line)) {
                    int last = lastOfFile.getOrDefault(place.file(), -1);
                    assertTrue(last < place.order(), () -> "out of order, to " + what);
                    lastOfFile.put(place.file(), place.order());
                }
            } else {
                assertTrue(sink.mayRepeat(line), () -> "twice, to " + what);
            }
        }
        Set<String> missing = new LinkedHashSet<>(sink.expected());
        missing.removeAll(seen);
        assertEquals(Set.of(), missing, "lost, to " + sink.name());
    }

    @Override
    public void close() throws IOException {
        for (FollowingSink sink : sinks) {
            sink.close();
        }
        if (running) {
            log.close();
        }
    }
}
