package io.policylog.agent.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.policylog.agent.simulate.LogWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** System calls that fail, and a process that ends in the middle of one: injected with strace. */
final class FaultsTest {
    @TempDir
    private Path directory;

    private AgentProcess agent() throws IOException {
        return new AgentProcess(directory, "- type: stdout\n- type: prometheus");
    }

    /** @param fault what {@code strace -e inject} takes after the system calls */
    private static List<String> injecting(String calls, String fault) {
        return List.of(
                "strace",
                "--follow-forks",
                "--seccomp-bpf",
                "--quiet=all",
                "--output=/dev/null",
                "--trace=" + calls,
                "--inject=" + calls + ":" + fault);
    }

    /** Ends the agent at the n-th of some calls: pins are made, named and made durable, and positions committed, by these. */
    @ParameterizedTest
    @CsvSource({"link, 1", "link, 2", "rename, 1", "rename, 2", "rename, 3", "rename, 5", "fsync, 2", "fsync, 4"})
    void losesNothingWhenItIsKilledAtAStepOfPinningOrCommit(String call, int when) throws Exception {
        killedAt(call, when);
    }

    @ParameterizedTest
    @Tag("soak")
    @CsvSource({"link, 20", "rename, 20", "fsync, 40"})
    void losesNothingWhenItIsKilledAtAnyStep(String call, int last) throws Exception {
        for (int when = 1; when <= last; when++) {
            Path own = Files.createDirectory(directory.resolve("at-" + when));
            try (AgentProcess agent = new AgentProcess(own, "- type: stdout\n- type: prometheus")) {
                killedAt(agent, call, when);
            }
        }
    }

    private void killedAt(String call, int when) throws Exception {
        try (AgentProcess agent = agent()) {
            killedAt(agent, call, when);
        }
    }

    private static void killedAt(AgentProcess agent, String call, int when) throws Exception {
        try (LogWriter log = new LogWriter(agent.log(), TestTraffic.FILES)) {
            TestTraffic traffic = new TestTraffic(when);
            traffic.write(log, 200);
            log.rotate();
            traffic.write(log, 200);
            agent.start(injecting(call, "signal=SIGKILL:when=" + when));
            agent.await(
                    "killed, or the step did not come",
                    () -> !agent.alive() || agent.metric("network_policy_connections_total", "") > 0);
            log.rotate();
            traffic.write(log, 200);
            agent.kill9();
            agent.start();
            traffic.write(log, 200);
            assertDelivered(agent, traffic);
        }
    }

    private static void assertCounted(AgentProcess agent, TestTraffic traffic) throws Exception {
        double connections = traffic.connections();
        agent.await("counted", () -> agent.metric("network_policy_connections_total", "") >= connections);
        assertEquals(connections, agent.metric("network_policy_connections_total", ""));
    }

    /** Counted exactly, and each line at least once on the standard output. */
    private static void assertDelivered(AgentProcess agent, TestTraffic traffic) throws Exception {
        assertCounted(agent, traffic);
        agent.await("all lines", () -> new HashSet<>(Files.readAllLines(agent.stdout())).containsAll(traffic.lines()));
        assertEquals(0, agent.metric("policylog_lost_bytes_total", ""));
        assertEquals(Set.of(), leftOver(agent), "files that a crash left behind");
    }

    private static Set<String> leftOver(AgentProcess agent) throws IOException {
        Set<String> names = new HashSet<>();
        Path links = agent.log().resolve(".policylog/segments");
        if (!Files.exists(links)) {
            return names; // The state lies elsewhere, and holds no links.
        }
        try (var pins = Files.newDirectoryStream(links, ".new-*")) {
            pins.forEach(pin -> names.add(pin.getFileName().toString()));
        }
        return names;
    }

    @Test
    void countsAFailedSyncAndCommitsAgain() throws Exception {
        try (AgentProcess agent = agent();
                LogWriter log = new LogWriter(agent.log(), TestTraffic.FILES)) {
            TestTraffic traffic = new TestTraffic(1);
            traffic.write(log, 200);
            List<String> strace = new ArrayList<>(injecting("fsync", "error=EIO:when=1"));
            strace.add("--trace-path=" + agent.log().resolve(".policylog/position-stdout.tmp"));
            agent.start(strace);
            agent.await("a commit failed", () -> agent.metric("policylog_sink_errors_total", "kind=\"io\"") >= 1);
            traffic.write(log, 200);
            assertDelivered(agent, traffic);
            assertTrue(Files.readString(agent.stderr()).contains("Input/output error"));
        }
    }

    @Test
    void scansWhenNoDirectoryCanBeWatched() throws Exception {
        try (AgentProcess agent = agent();
                LogWriter log = new LogWriter(agent.log(), TestTraffic.FILES)) {
            TestTraffic traffic = new TestTraffic(2);
            agent.start(injecting("inotify_init,inotify_init1", "error=EMFILE"));
            traffic.write(log, 10);
            assertDelivered(agent, traffic);
            log.rotate();
            traffic.write(log, 10);
            assertDelivered(agent, traffic);
            agent.await("it says so", () -> Files.readString(agent.stderr()).contains("scanning it each"));
        }
    }

    /** Nobody reads the pipe that the standard output is: a write to it never returns. */
    @Test
    void tellsOfASinkThatNeverReturnsAndDeliversToTheOthers() throws Exception {
        Path pipe = directory.resolve("pipe");
        assertEquals(0, run("mkfifo", pipe.toString()));
        try (AgentProcess agent =
                        new AgentProcess(directory, "- {type: stdout, sinkTimeout: 1s}\n- {type: prometheus}");
                LogWriter log = new LogWriter(agent.log(), TestTraffic.FILES.withMaxBackups(2))) {
            TestTraffic traffic = new TestTraffic(6);
            agent.start(List.of("sh", "-c", "pipe=$1; shift; exec \"$@\" 1<>\"$pipe\"", "sh", pipe.toString()));
            for (int i = 0; i < 5; i++) {
                traffic.write(log, 2000);
                assertCounted(agent, traffic);
                log.rotate();
            }
            agent.await("it is reported", () -> agent.get("/livez").statusCode() == 503);
            assertTrue(agent.get("/livez").body().contains("stdout: the pipeline made no step for"));
            agent.await("what it did not take is held", () -> agent.metric("policylog_retained_bytes", "") > 0);
            assertTrue(agent.metric("policylog_lag_bytes", "stdout") > 0);
            assertEquals(0, agent.metric("policylog_lag_bytes", "prometheus"));
            traffic.write(log, 100);
            assertCounted(agent, traffic);
        }
    }

    /** Files that are gone, for a moment, between being listed and being looked at, linked or opened. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {"link | ", "newfstatat,statx,lstat | ", "openat | /dev/shm"})
    void losesNothingWhenAFileVanishesBetweenListingAndOpening(String calls, @Nullable Path otherDevice)
            throws Exception {
        Path state = otherDevice == null
                ? directory.resolve("log/.policylog")
                : Files.createTempDirectory(otherDevice, "policylog-test-").resolve("state");
        try (AgentProcess agent = agent();
                LogWriter log = new LogWriter(agent.log(), TestTraffic.FILES)) {
            TestTraffic traffic = new TestTraffic(4);
            traffic.write(log, 100);
            // Every second call for this name fails.
            List<String> strace = new ArrayList<>(injecting(calls, "error=ENOENT:when=1+2"));
            strace.add("--trace-path=" + agent.log().resolve("policy_action.log"));
            agent.start(strace, "state.directory=" + state);
            for (int i = 0; i < 3; i++) {
                log.rotate();
                traffic.write(log, 100);
                assertCounted(agent, traffic);
            }
            assertDelivered(agent, traffic);
            assertTrue(agent.alive());
        } finally {
            if (otherDevice != null) {
                run("rm", "-r", String.valueOf(state.getParent()));
            }
        }
    }

    /** So that Kubernetes shows the message as the reason. */
    @Test
    void anAgentThatCannotMakeItsStateDirectoryFails() throws Exception {
        try (AgentProcess agent = agent()) {
            agent.start(List.of(), "state.directory=/proc/state");
            assertEquals(1, agent.exitCode());
            assertTrue(Files.readString(agent.stderr()).contains("/proc/state"));
        }
    }

    /** A mount over it, so that the agent meets in its own folder what a failed disk gives: nothing can be written. */
    @Test
    void losesNothingWhenTheStateDirectoryBecomesReadOnly() throws Exception {
        try (AgentProcess agent = agent();
                LogWriter log = new LogWriter(agent.log(), TestTraffic.FILES)) {
            TestTraffic traffic = new TestTraffic(5);
            traffic.write(log, 100);
            agent.start();
            assertDelivered(agent, traffic);
            String state = agent.log().resolve(".policylog").toString();
            mount("--bind", state, state);
            try {
                mount("-o", "remount,ro,bind", state);
                log.rotate();
                traffic.write(log, 100);
                agent.await("commits fail", () -> agent.metric("policylog_sink_errors_total", "kind=\"io\"") >= 1);
                agent.await("no link can be made", () -> agent.metric("policylog_descriptor_pins", "") == 1);
                assertTrue(Files.readString(agent.stderr()).contains("Read-only file system"));
                assertEquals(200, agent.get("/livez").statusCode(), "a restart would not help");
            } finally {
                assertEquals(0, run("umount", "--lazy", state));
            }
            log.rotate();
            traffic.write(log, 100);
            assertDelivered(agent, traffic);
            agent.await("links are made again", () -> agent.metric("policylog_descriptor_pins", "") == 0);
        }
    }

    /** A log and state directory of 16 MiB that another file fills: the reserve makes room for positions. */
    @Test
    void commitsPositionsOnAFullDisk() throws Exception {
        try (AgentProcess agent = agent()) {
            mount("-t", "tmpfs", "-o", "size=16m", "tmpfs", agent.log().toString());
            try (LogWriter log = new LogWriter(agent.log(), TestTraffic.FILES)) {
                TestTraffic traffic = new TestTraffic(3);
                agent.start();
                traffic.write(log, 100);
                assertDelivered(agent, traffic);
                Path reserve = agent.log().resolve(".policylog/reserve");
                assertTrue(Files.exists(reserve));
                Path filler = fill(agent.log());
                agent.kill9();
                agent.start();
                assertDelivered(agent, traffic);
                agent.await("committed by its position", () -> agent.metric("policylog_lag_bytes", "stdout") == 0);
                Files.delete(filler);
                traffic.write(log, 100);
                assertDelivered(agent, traffic);
                agent.await("the reserve is there again", () -> Files.exists(reserve));
            } finally {
                agent.kill9();
                assertEquals(0, run("umount", "--lazy", agent.log().toString()));
            }
        }
    }

    private static Path fill(Path log) throws IOException {
        Path filler = log.resolve("filler");
        byte[] block = new byte[4096];
        try (var out = Files.newOutputStream(filler)) {
            while (true) {
                out.write(block);
            }
        } catch (IOException full) {
            assertTrue(full.getMessage() != null && full.getMessage().contains("No space left"), full::toString);
        }
        return filler;
    }

    private static void mount(String... arguments) throws Exception {
        String[] command = new String[arguments.length + 1];
        command[0] = "mount";
        System.arraycopy(arguments, 0, command, 1, arguments.length);
        assertEquals(0, run(command));
    }

    private static int run(String... command) throws Exception {
        return new ProcessBuilder(command).inheritIO().start().waitFor();
    }
}
