package io.policylog.agent.pipeline;

import io.policylog.parser.MalformedLine;
import io.policylog.parser.PolicyRecord;
import io.policylog.sinks.Batch;
import io.policylog.sinks.CommitPolicy;
import io.policylog.sinks.LineVisitor;
import io.policylog.sinks.Position;
import io.policylog.sinks.Sink;
import io.policylog.sinks.SinkException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.IntPredicate;

/**
 * A sink that keeps what it is given as a transactional destination would: lines count when they are committed, and what
 * was not committed is gone when it is closed. It can be told to fail. Thread-safe.
 */
final class RecordingSink implements Sink {
    private final CommitPolicy policy;
    /** Told the number of the call; true makes it fail. */
    private final IntPredicate fails;

    private final List<String> committedLines = new ArrayList<>();
    private final List<String> openLines = new ArrayList<>();
    private Optional<Position> position = Optional.empty();
    private boolean open;
    private int calls;
    private int commits;
    private int failures;

    RecordingSink(CommitPolicy policy, IntPredicate fails) {
        this.policy = policy;
        this.fails = fails;
    }

    private void mayFail() throws SinkException {
        if (fails.test(calls++)) {
            failures++;
            throw new SinkException(SinkException.Kind.UNAVAILABLE, true, "told to fail");
        }
    }

    @Override
    public synchronized Optional<Position> open() throws SinkException {
        mayFail();
        open = true;
        return position;
    }

    @Override
    public CommitPolicy commitPolicy() {
        return policy;
    }

    @Override
    public synchronized void write(Batch batch) throws SinkException {
        mayFail();
        batch.forEach(new LineVisitor() {
            @Override
            public void record(PolicyRecord record, long offset) throws SinkException {
                mayFail();
                openLines.add(
                        new String(record.line(), record.lineOffset(), record.lineLength(), StandardCharsets.UTF_8));
            }

            @Override
            public void malformed(MalformedLine line, long offset) {
                openLines.add(line.reason().label() + " " + line.lineLength());
            }
        });
    }

    @Override
    public synchronized void commit(Position newPosition) throws SinkException {
        mayFail();
        commits++;
        committedLines.addAll(openLines);
        openLines.clear();
        position = Optional.of(newPosition);
    }

    @Override
    public synchronized void close() {
        openLines.clear();
        open = false;
    }

    synchronized List<String> committed() {
        return List.copyOf(committedLines);
    }

    synchronized List<String> written() {
        List<String> all = new ArrayList<>(committedLines);
        all.addAll(openLines);
        return all;
    }

    synchronized int commits() {
        return commits;
    }

    synchronized int failures() {
        return failures;
    }

    synchronized boolean isOpen() {
        return open;
    }

    synchronized Optional<Position> position() {
        return position;
    }
}
