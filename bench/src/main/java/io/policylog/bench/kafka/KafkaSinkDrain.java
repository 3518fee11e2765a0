package io.policylog.bench.kafka;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.policylog.parser.Limits;
import io.policylog.parser.MalformedLine;
import io.policylog.parser.Parser;
import io.policylog.parser.PolicyRecord;
import io.policylog.sinks.Batch;
import io.policylog.sinks.LineVisitor;
import io.policylog.sinks.NodeIdentity;
import io.policylog.sinks.Position;
import io.policylog.sinks.Sink;
import io.policylog.sinks.SinkContext;
import io.policylog.sinks.SinkException;
import io.policylog.sinks.SinkOption;
import io.policylog.sinks.SinkOptions;
import io.policylog.sinks.kafka.KafkaSinkFactory;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Parses a log and hands it to the Kafka sink, as a pipeline does, with a commit each interval. */
public final class KafkaSinkDrain implements Batch {
    private final Parser parser = new Parser(Limits.DEFAULT, "bench");
    private String segmentId = "";
    private byte[] array = {};
    private int length;
    private long offset;
    private long lines;

    private KafkaSinkDrain() {}

    /**
     * Runs one drain, and prints the number of lines.
     *
     * @param args address, {@code delivery}, producer properties as {@code key=value,…}, commit interval in milliseconds,
     *     and the files
     */
    public static void main(String[] args) throws Exception {
        KafkaSinkDrain drain = new KafkaSinkDrain();
        Duration interval = Duration.ofMillis(Long.parseLong(args[3]));
        Map<String, Object> options = new HashMap<>(Map.of(
                "bootstrapServers",
                args[0],
                "topic",
                KafkaBenchBroker.TOPIC,
                "malformedTopic",
                "none",
                "delivery",
                args[1],
                "commitInterval",
                interval,
                "properties",
                properties(args[2])));
        for (SinkOption option : new KafkaSinkFactory().options()) {
            if (option.kind() == SinkOption.Kind.CHOICE || option.kind() == SinkOption.Kind.TEXT) {
                if (option.defaultValue() != null) {
                    options.putIfAbsent(option.key(), option.defaultValue());
                }
            }
        }
        NodeIdentity node = new NodeIdentity("bench", Optional.empty(), Optional.empty(), Optional.of("bench"));
        SinkContext context = new SinkContext(
                "drain-" + ProcessHandle.current().pid(),
                node,
                Optional.empty(),
                new SimpleMeterRegistry(),
                Clock.systemUTC(),
                wait -> true);
        try (Sink sink = new KafkaSinkFactory().create(new SinkOptions(options), context)) {
            sink.open();
            drain.run(
                    sink,
                    interval.toNanos(),
                    Arrays.stream(args).skip(4).map(Path::of).toList());
        }
        System.out.println(drain.lines);
    }

    private static Map<String, String> properties(String text) {
        Map<String, String> properties = new HashMap<>();
        for (String property : text.split(",", -1)) {
            String[] keyAndValue = property.split("=", 2);
            properties.put(keyAndValue[0], keyAndValue[1]);
        }
        return properties;
    }

    private void run(Sink sink, long intervalNanos, List<Path> files) throws Exception {
        long[] begun = {System.nanoTime()};
        LogChunks.read(files, (file, at, bytes, end) -> {
            segmentId = String.format(Locale.ROOT, "%032x", files.indexOf(file));
            array = bytes;
            length = end;
            offset = at;
            sink.write(this);
            if (System.nanoTime() - begun[0] >= intervalNanos) {
                sink.commit(position());
                begun[0] = System.nanoTime();
            }
        });
        sink.commit(position());
    }

    private Position position() {
        return new Position("be5cbe5c", 1, segmentId, offset + length, 0, List.of(), List.of());
    }

    @Override
    public String segmentId() {
        return segmentId;
    }

    @Override
    public void forEach(LineVisitor visitor) throws SinkException {
        byte[] bytes = array;
        for (int start = 0; start < length; ) {
            int end = start;
            while (bytes[end] != '\n') {
                end++;
            }
            switch (parser.parse(bytes, start, end)) {
                case PolicyRecord r -> visitor.record(r, offset + start);
                case MalformedLine m -> visitor.malformed(m, offset + start);
            }
            lines++;
            start = end + 1;
        }
    }
}
