package io.policylog.agent.read;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.policylog.agent.logging.LogFormat;
import io.policylog.agent.logging.ProgramLog;
import io.policylog.agent.pipeline.CommitRequests;
import io.policylog.agent.pipeline.LineFilter;
import io.policylog.agent.pipeline.Pipeline;
import io.policylog.agent.pipeline.ReadLimits;
import io.policylog.agent.pipeline.StartAt;
import io.policylog.agent.segments.Retention;
import io.policylog.agent.segments.Segment;
import io.policylog.agent.segments.SegmentScanner;
import io.policylog.agent.segments.SegmentStore;
import io.policylog.parser.Limits;
import io.policylog.parser.Parser;
import io.policylog.parser.ResourceLabels;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.slf4j.event.Level;

/**
 * Shows records as they are written: a pipeline like the agent's, whose sink is the terminal and whose state is none.
 * What it has not read yet it holds by open descriptors, so a rotation loses nothing.
 */
final class Follow {
    private static final String NAME = "read";
    private static final long MAX_RETAINED_BYTES = 1L << 30;
    private static final int MAX_RETAINED_FILES = 10_000;
    private static final Duration FLUSH = Duration.ofMillis(200);

    private final Path directory;
    private final String glob;
    private final LongSupplier nanoTime;

    /**
     * @param path the log's directory, or its active file
     * @param nanoTime how much time is between messages
     */
    Follow(String path, LongSupplier nanoTime) throws IOException {
        this.nanoTime = nanoTime;
        Path log = Path.of(path);
        if (Files.isDirectory(log)) {
            directory = log;
            glob = Inputs.GLOB;
        } else if (Files.exists(log)) {
            directory = Optional.ofNullable(log.toAbsolutePath().getParent()).orElse(log);
            glob = globOf(String.valueOf(log.getFileName()));
        } else {
            throw new IOException("there is no " + path + "; say with --log where the log is");
        }
    }

    /** What a file and those that it is rotated to are called: by the writer, by another rotator, or compressed. */
    private static String globOf(String fileName) {
        int dot = fileName.lastIndexOf('.');
        String stem = escaped(dot > 0 ? fileName.substring(0, dot) : fileName);
        String extension = escaped(dot > 0 ? fileName.substring(dot) : "");
        String name = stem + extension;
        String backup = stem + "-[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T*" + extension;
        return "{" + String.join(",", name, name + ".gz", name + ".zst", name + "[.-][0-9]*", backup, backup + ".gz")
                + "}";
    }

    private static String escaped(String name) {
        return name.replaceAll("[\\\\*?\\[\\]{},]", "\\\\$0");
    }

    /** What messages call a segment: where it lies, else its id. */
    private String nameOf(SegmentStore store, String segmentId) {
        return store.segments().list().stream()
                .filter(segment -> segment.id().equals(segmentId))
                .findFirst()
                .flatMap(Segment::name)
                .map(name -> directory.resolve(name).toString())
                .orElse("segment " + segmentId);
    }

    /** Shows records until there were enough, or whoever read them has gone. */
    void run(
            Selection selection,
            Window window,
            ResourceLabels labels,
            Formats formats,
            Output out,
            long limit,
            PrintWriter err)
            throws IOException, InterruptedException {
        ProgramLog.configure(Level.WARN, LogFormat.TEXT);
        try (SegmentStore store = new SegmentStore(
                directory,
                glob,
                Optional.empty(),
                new Retention(MAX_RETAINED_BYTES, MAX_RETAINED_FILES, 0),
                System::nanoTime,
                InstantSource.system())) {
            SegmentScanner scanner = new SegmentScanner(store, directory, System::nanoTime);
            FollowSink sink = new FollowSink(
                    selection, window, labels, formats, out, limit, err, nanoTime, id -> nameOf(store, id));
            Pipeline pipeline = new Pipeline(
                    NAME,
                    sink,
                    window.since().isPresent() ? StartAt.BEGINNING : StartAt.END,
                    new CommitRequests(),
                    new Parser(Limits.DEFAULT, labels.nodeName()),
                    LineFilter.ALL,
                    new ReadLimits(Limits.DEFAULT.maxLineBytes(), ReadLimits.DEFAULT_BUFFER_BYTES),
                    store,
                    scanner,
                    new SimpleMeterRegistry(),
                    System::nanoTime);
            sink.whenDone(pipeline::stop);
            store.addHold(pipeline);
            scanner.addWake(pipeline::wake);
            store.scan();
            pipeline.logScanned();
            Thread scanning = Thread.ofPlatform().name("segments").daemon().start(scanner);
            try {
                pipeline.run();
            } finally {
                scanner.stop();
                scanning.join();
                boolean _ = ProgramLog.flush(FLUSH);
            }
            sink.report();
        }
    }
}
