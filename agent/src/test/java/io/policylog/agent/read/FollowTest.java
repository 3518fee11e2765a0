package io.policylog.agent.read;

import static io.policylog.agent.read.Lines.allow;
import static io.policylog.agent.read.Lines.deny;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
final class FollowTest {
    private final CountDownLatch written = new CountDownLatch(1);
    private final TestShell shell = new TestShell().onWrite(written::countDown);

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it
    private Path folder;

    @Test
    void recordsAreShownAcrossARotation() throws Exception {
        Path active = folder.resolve("policy_action.log");
        Files.writeString(active, allow(1, "a", "x") + deny(2, "b", "x", 2));
        CompletableFuture<Integer> command = CompletableFuture.supplyAsync(() -> shell.read(
                "--follow",
                "--log",
                folder.toString(),
                "--since",
                "2h",
                "--format",
                "raw",
                "--limit",
                "3",
                "disposition=allow"));
        assertTrue(written.await(30, TimeUnit.SECONDS));
        Files.move(active, folder.resolve("policy_action-2026-01-01T12-00-00.000.log"));
        Files.writeString(active, "not json\n" + allow(3, "c", "x") + deny(4, "d", "x", 2) + allow(5, "e", "x"));
        assertEquals(0, command.get(30, TimeUnit.SECONDS));
        assertEquals(allow(1, "a", "x") + allow(3, "c", "x") + allow(5, "e", "x"), shell.out());
        assertTrue(shell.err().startsWith("policylog: 1 line is no record (1 not-json)"), shell.err());
        try (Stream<Path> files = Files.list(folder)) {
            assertEquals(2, files.count(), "nothing but the log is there");
        }
    }

    @Test
    void whatGoesWrongIsToldOfWhileItGoesOnButNotEachTime() throws Exception {
        Semaphore told = new Semaphore(0);
        Semaphore shown = new Semaphore(0);
        AtomicLong nanos = new AtomicLong();
        shell.onMessage(told::release).onWrite(shown::release).clock(nanos::get);
        Path active = folder.resolve("policy_action.log");
        Files.writeString(active, "\u001b[2Jjunk\n");
        Files.writeString(folder.resolve("policy_action_other.log"), "other\n");
        CompletableFuture<Integer> command = CompletableFuture.supplyAsync(() -> shell.read(
                "-f", "--log", active.toString(), "--since", "2h", "--limit", "5", "resource.labels.location=x"));
        assertTrue(told.tryAcquire(30, TimeUnit.SECONDS));
        assertEquals(List.of(1), reported());
        assertTrue(shell.err().endsWith(" " + active + ", byte 0: \"\\x1b[2Jjunk\"\n"), shell.err());
        for (int i = 1; i <= 3; i++) {
            Files.writeString(active, "junk\n" + allow(i, "a", "x"), StandardOpenOption.APPEND);
            assertTrue(shown.tryAcquire(30, TimeUnit.SECONDS));
        }
        assertEquals(List.of(1), reported());
        nanos.addAndGet(TimeUnit.SECONDS.toNanos(10));
        Files.writeString(active, "junk\n" + allow(4, "a", "x"), StandardOpenOption.APPEND);
        while (reported().size() < 2) {
            assertTrue(told.tryAcquire(30, TimeUnit.SECONDS), shell::err);
        }
        Files.writeString(active, allow(5, "a", "x"), StandardOpenOption.APPEND);
        assertEquals(0, command.get(30, TimeUnit.SECONDS));
        assertEquals(5, reported().stream().mapToInt(Integer::intValue).sum(), shell::err);
        assertEquals(
                1,
                shell.err()
                        .lines()
                        .filter(line -> line.endsWith("no record was left out for it: resource.labels.location"))
                        .count(),
                shell::err);
    }

    /** How many lines each message is about that some are no record. */
    private List<Integer> reported() {
        return Pattern.compile("policylog: ([0-9]+) lines? (?:is|are) no record ")
                .matcher(shell.err())
                .results()
                .map(message -> Integer.valueOf(message.group(1)))
                .toList();
    }

    @Test
    void pairsThatMakeNoSenseAreWrongUsage() {
        assertEquals(2, shell.read("--follow", "--log", "-"));
        assertEquals(2, shell.read("--follow", "--until", "1h"));
        assertEquals(2, shell.read("--follow", "--count-by", "disposition"));
        assertEquals(2, shell.read("--follow", "--order", "desc", "--limit", "1"));
    }
}
