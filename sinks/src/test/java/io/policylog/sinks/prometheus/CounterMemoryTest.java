package io.policylog.sinks.prometheus;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import io.policylog.sinks.Position;
import io.policylog.sinks.Sink;
import io.policylog.sinks.SinkException;
import io.policylog.sinks.testing.Line;
import io.policylog.sinks.testing.Line.Peer;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What counters take of the heap, however long the names in the log are; the figures are those of docs/metrics.md. */
class CounterMemoryTest {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final int MAX_SERIES = 2_000;

    @TempDir
    private Path state;

    private static long usedBytes() {
        long least = Long.MAX_VALUE;
        for (int i = 0; i < 3; i++) {
            System.gc();
            least = Math.min(
                    least,
                    ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed());
        }
        return least;
    }

    @ParameterizedTest
    @CsvSource({"30, 2000", "253, 3000", "1000, 3000"})
    void aSeriesTakesBoundedMemory(int nameLength, long boundBytes) throws Exception {
        long before = usedBytes();
        AgentProcess process = new AgentProcess();
        Sink sink = process.sink(
                "prometheus",
                Optional.of(state.resolve("prometheus")),
                Clock.systemUTC(),
                AgentProcess.NEVER,
                Map.of("maxSeries", (long) MAX_SERIES));
        sink.open();
        Position position = fill(sink, nameLength);
        long bytes = (usedBytes() - before) / (2 * MAX_SERIES);
        assertTrue(bytes <= boundBytes, bytes + " bytes a series");
        long allocatedBefore = THREADS.getCurrentThreadAllocatedBytes();
        sink.commit(position);
        long allocated = THREADS.getCurrentThreadAllocatedBytes() - allocatedBefore;
        long written = Files.size(state.resolve("prometheus"));
        // Small blocks, one after the other, and not the whole text several times over.
        assertTrue(allocated < 4 * written, "a commit of " + written + " bytes allocates " + allocated);
        // Here, so that nothing of it was garbage before.
        assertEquals(
                MAX_SERIES + 1,
                process.scrape("network_policy_connections_total").size());
        assertEquals(
                MAX_SERIES + 1, process.scrape("network_policy_matches_total").size());
        sink.close();
    }

    /** Counts for more series than there may be, with names that are all different. */
    private static Position fill(Sink sink, int nameLength) throws SinkException {
        String name = "n".repeat(nameLength - 6);
        List<Position> committed = new ArrayList<>();
        for (int block = 0; block < 12; block++) {
            List<Line> lines = new ArrayList<>();
            for (int i = 0; i < MAX_SERIES / 10; i++) {
                String own = "%05d".formatted(block * MAX_SERIES / 10 + i) + name;
                lines.add(Line.allowed(
                        Peer.pod("Deployment", "a" + own, "b" + own),
                        Peer.pod("Deployment", "c" + own, "d" + own),
                        1 + i,
                        new Line.Policy("NetworkPolicy", "e" + own, "f" + own)));
            }
            committed.add(
                    AgentProcess.writeAndCommit(sink, Traffic.segment(lines).batch(0)));
        }
        return committed.getLast();
    }
}
