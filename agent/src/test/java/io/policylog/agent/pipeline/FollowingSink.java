package io.policylog.agent.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.policylog.agent.segments.SegmentHold;
import io.policylog.agent.segments.SegmentStore;
import io.policylog.agent.segments.TestLog;
import io.policylog.sinks.Position;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A sink of a {@link FollowingModel}, with its reader: as a transactional one it has what was committed; as one without
 * transactions it has everything that was handed on, so that what a crash repeats must come under the same ids.
 */
final class FollowingSink {
    private final String name;
    private final StartAt startAt;
    private @Nullable LogReader reader;
    private Optional<Position> committed = Optional.empty();
    private long heldFrom = SegmentHold.ALL;
    private boolean isNew = true;

    private final Set<String> expected = new LinkedHashSet<>();
    private final Set<String> late = new HashSet<>();
    private final Set<String> repeatable = new HashSet<>();
    private final List<String> delivered = new ArrayList<>();

    private final Set<String> committedIds = new HashSet<>();
    private final Map<String, String> uncommitted = new LinkedHashMap<>();
    /** What each record id ever stood for. */
    private final Map<String, String> ids = new HashMap<>();
    /** Ids that a crash kept from being committed. */
    private final Set<String> abandoned = new HashSet<>();

    private boolean cutSinceCommit;

    FollowingSink(String name, StartAt startAt) {
        this.name = name;
        this.startAt = startAt;
    }

    String name() {
        return name;
    }

    // ---- what it must be given

    void expect(String line) {
        expected.add(line);
    }

    void lose(List<String> lines) {
        lines.forEach(expected::remove);
    }

    void mayComeLate(String line) {
        late.add(line);
    }

    boolean mayBeLate(String line) {
        return late.contains(line);
    }

    boolean mayRepeat(String line) {
        return repeatable.contains(line);
    }

    Set<String> expected() {
        return expected;
    }

    List<String> delivered() {
        return delivered;
    }

    /**
     * A file was cut back. What is left of it may be read again. A process that died before it committed left no trace of
     * what it had handed on behind the cut, so those ids can come again.
     */
    void wasCut(List<String> left) {
        repeatable.addAll(left);
        cutSinceCommit = true;
        ids.keySet().removeAll(abandoned);
        abandoned.clear();
    }

    // ---- what it is given

    private LogReader reader() {
        if (reader == null) {
            throw new IllegalStateException("not running");
        }
        return reader;
    }

    void started(TestLog log) {
        heldFrom = SegmentHold.ALL;
        log.store().addHold(() -> heldFrom);
        reader = new LogReader(
                () -> log.store().segments(), new ReadLimits(1000, 200), log::nanoTime, new Places.Quiet());
    }

    boolean isNew() {
        return isNew;
    }

    void resume(SegmentStore store) throws IOException {
        isNew = false;
        if (committed.isEmpty() && startAt == StartAt.END) {
            expected.clear();
        }
        reader().resume(committed, startAt);
        if (committed.isPresent()) {
            stands(reader().position(store.storeId(), 0));
        }
    }

    private void stands(Optional<Position> position) {
        heldFrom = position.map(Position::sequence).orElse(SegmentHold.ALL);
    }

    /** Takes so many chunks at most, and gives the number of lines. */
    int read(int chunks) throws IOException {
        int lines = 0;
        for (int i = 0; i < chunks; i++) {
            @Nullable Chunk chunk = reader().read();
            if (chunk == null) {
                return lines;
            }
            String text = new String(chunk.buffer(), 0, chunk.length(), StandardCharsets.UTF_8);
            long offset = chunk.offset();
            for (String line : text.split("\n", 0)) {
                take(chunk.segmentId() + ":" + offset, line);
                offset += line.length() + 1;
                lines++;
            }
        }
        return lines;
    }

    private void take(String id, String line) {
        assertFalse(uncommitted.containsKey(id) || committedIds.contains(id), () -> name + " read twice: " + id);
        uncommitted.put(id, line);
        assertEquals(ids.getOrDefault(id, line), line, () -> name + ": what the id " + id + " stands for");
        ids.put(id, line);
    }

    void commit(SegmentStore store) throws IOException {
        Optional<Position> position = reader().position(store.storeId(), 0);
        if (position.isPresent()) {
            committed = position;
            stands(position);
            delivered.addAll(uncommitted.values());
            committedIds.addAll(uncommitted.keySet());
            abandoned.removeAll(uncommitted.keySet());
            uncommitted.clear();
            cutSinceCommit = false;
        }
    }

    void crash() throws IOException {
        if (cutSinceCommit) {
            ids.keySet().removeAll(uncommitted.keySet());
        } else {
            abandoned.addAll(uncommitted.keySet());
        }
        uncommitted.clear();
        cutSinceCommit = false;
        close();
    }

    void close() throws IOException {
        if (reader != null) {
            reader.close();
            reader = null;
        }
    }
}
