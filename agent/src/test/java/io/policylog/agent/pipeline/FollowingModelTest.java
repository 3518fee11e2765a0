package io.policylog.agent.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.policylog.agent.pipeline.FollowingStep.Operation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Random sequences of what writers, rotators, operators and crashes do, on a real directory, against a small model:
 * every line that could be seen is delivered exactly once and in the order of its file, and no record id stands for two
 * different lines. A sequence that fails is shrunk: steps are left out as long as it still fails; what is left is named,
 * with the seed, which replays it.
 */
final class FollowingModelTest {
    private static final int STEPS = 100;

    @TempDir
    private Path directory;

    private Optional<Path> disk = Optional.empty();
    private int runs;

    /** A small disk in memory, which a test can fill, where this process may mount one. */
    @BeforeEach
    void mount() throws Exception {
        Path mountPoint = Files.createDirectory(directory.resolve("disk"));
        if (run("mount", "-t", "tmpfs", "-o", "size=16m,nr_inodes=400", "tmpfs", mountPoint.toString())) {
            disk = Optional.of(mountPoint);
        } else {
            System.out.println("no file system can be mounted: the disk never becomes full");
        }
    }

    @AfterEach
    void unmount() throws Exception {
        if (disk.isPresent()) {
            run("umount", "--lazy", disk.get().toString());
        }
    }

    private static boolean run(String... command) throws Exception {
        return new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .start()
                        .waitFor()
                == 0;
    }

    @Test
    void everyLineThatCouldBeSeenArrivesExactlyOnce() throws Exception {
        sequences(250, firstSeed());
    }

    @Test
    @Tag("soak")
    void everyLineThatCouldBeSeenArrivesExactlyOnceInManySequences() throws Exception {
        sequences(5_000, firstSeed());
    }

    /** What failed once, as it was shrunk. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                // A compressed file that was pinned before it was whole, then a restart.
                "WRITE(499), ROTATE(485), WRITE(185), POWER_CUT(909), ROTATE_NUMBERED(677), START(270), COMPRESS(887),"
                        + " ADD_SINK(218)",
                "FILL_DISK(547), WRITE_IN_PARTS(124), ROTATE(236), ROTATE_NUMBERED(597), COMPRESS(237), STOP(78)",
                // Files that were found after the active one, because there was no room to pin them, or no line in
                // them.
                "WRITE(765), TRUNCATE(483), ROTATE_NUMBERED(552), COPY_TRUNCATE(777), ROTATE_NUMBERED(954),"
                        + " WRITE_IN_PARTS(543), SCAN(51), WRITE_LATE(598), WRITE_LATE(359), WRITE_IN_PARTS(326)",
                "FILL_DISK(235), WRITE(417), ROTATE(249), COPY_TRUNCATE(888), ROTATE(56), DELETE(522), SCAN(773),"
                        + " WRITE(738), SCAN(611), POWER_CUT(120)",
                "FILL_DISK(564), WRITE(264), ROTATE_NUMBERED(379), ROTATE_NUMBERED(494), WRITE(83), COMPRESS(757),"
                        + " ADD_SINK(891), WRITE(516)",
                // A compressed copy that there was no room to pin until what it was made of had been let go.
                "WRITE(310), COPY_TRUNCATE(572), WRITE(531), SCAN(708), TRUNCATE(175), WRITE(431), CUT_BACK(150),"
                        + " FILL_DISK(60), COMPRESS(101), RENAME_SINK(661), READ(171), PASS_LONG(292), COMMIT(441),"
                        + " SCAN(655)",
                "WRITE(517), FILL_DISK(794), ROTATE(315), WRITE(364), ROTATE(193), WRITE(964), WRITE(219),"
                        + " POWER_CUT(950), WRITE(472), WRITE(805), START(416), DELETE(874), SCAN(833), WRITE(727),"
                        + " WRITE(469), WRITE(527), POWER_CUT(508)"
            })
    void doesNotFailAsItDid(String steps) throws Exception {
        assumeTrue(
                disk.isPresent() || !steps.contains(Operation.FILL_DISK.name()),
                "a small disk to fill can't be mounted; only root may");
        Optional<Failure> failure = failure(FollowingStep.parse(steps), true);
        assertEquals(Optional.empty(), failure);
    }

    /** {@code -Dpolicylog.seed=N} begins with the sequence that a failure named. */
    private static long firstSeed() {
        return Long.getLong("policylog.seed", System.nanoTime());
    }

    private void sequences(int count, long firstSeed) throws Exception {
        System.out.println("first seed " + firstSeed);
        long before = System.nanoTime();
        for (long seed = firstSeed; seed < firstSeed + count; seed++) {
            check(seed);
        }
        System.out.println(
                count + " sequences in " + TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - before) + " ms");
    }

    private void check(long seed) throws Exception {
        boolean linking = seed % 3 != 0;
        List<FollowingStep> steps = FollowingStep.sequence(seed, STEPS);
        if (failure(steps, linking).isPresent()) {
            List<FollowingStep> shrunk =
                    shrink(steps, candidate -> failure(candidate, linking).isPresent());
            Failure failure = failure(shrunk, linking).orElseThrow();
            throw new AssertionError(
                    "seed " + seed + (linking ? ", links" : ", no state") + ", shrunk to " + shrunk + ":\n  "
                            + String.join("\n  ", failure.done()),
                    failure.cause());
        }
    }

    private record Failure(List<String> done, Throwable cause) {}

    private Optional<Failure> failure(List<FollowingStep> steps, boolean linking) throws Exception {
        Path own = Files.createDirectory(disk.orElse(directory).resolve("s" + runs++));
        FollowingModel model = new FollowingModel(own, linking, disk.isPresent());
        try {
            model.run(steps);
            return Optional.empty();
        } catch (AssertionError | Exception e) {
            return Optional.of(new Failure(model.done(), e));
        } finally {
            model.close();
            remove(own);
        }
    }

    private static void remove(Path tree) throws IOException {
        try (Stream<Path> paths = Files.walk(tree)) {
            for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }

    private interface Failing {
        boolean test(List<FollowingStep> steps) throws Exception;
    }

    /** Leaves out what is not needed for the failure: halves, quarters… of the steps, at last single ones. */
    private static List<FollowingStep> shrink(List<FollowingStep> failing, Failing fails) throws Exception {
        List<FollowingStep> steps = failing;
        int size = steps.size();
        while (size > 0) {
            boolean less = false;
            for (int from = 0; from < steps.size(); ) {
                List<FollowingStep> candidate = new ArrayList<>(steps.subList(0, from));
                candidate.addAll(steps.subList(Math.min(from + size, steps.size()), steps.size()));
                if (fails.test(candidate)) {
                    steps = candidate;
                    less = true;
                } else {
                    from += size;
                }
            }
            if (!less || size > 1) {
                size /= 2;
            }
        }
        return steps;
    }

    @Test
    void shrinksToTheStepsThatMatter() throws Exception {
        List<FollowingStep> steps = FollowingStep.sequence(1, STEPS);
        List<FollowingStep> needed = List.of(steps.get(17), steps.get(18), steps.get(71));
        assertEquals(needed, shrink(steps, candidate -> isSubsequence(needed, candidate)));
    }

    private static boolean isSubsequence(List<FollowingStep> some, List<FollowingStep> all) {
        int found = 0;
        for (FollowingStep step : all) {
            if (found < some.size() && step.equals(some.get(found))) {
                found++;
            }
        }
        return found == some.size();
    }
}
