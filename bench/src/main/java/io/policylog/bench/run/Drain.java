package io.policylog.bench.run;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Measures how fast, and at what cost, a program takes in a log that is there already; its start is included. */
final class Drain {
    private static final Duration PATIENCE = Duration.ofMinutes(5);

    /** More often the scrapes themselves would show in the figures. */
    private static final long SCRAPE_MILLIS = 200;

    /** How it is seen that all is delivered. */
    enum Until {
        /** So many records are committed in the topic. */
        TOPIC,
        /** So many lines are in the output. */
        OUTPUT,
        /** policylog says that it has read all of the log. */
        READ,
        /** policylog says that all of the log is behind the committed position of each sink. */
        COMMITTED
    }

    private Drain() {}

    /** Of a command that reads the files and ends; when {@code counts}, with their number of lines as its output. */
    static Scenario.Measure command(long maxLines, boolean counts, List<String> command) {
        return lab -> {
            DataSet data = lab.data().first(maxLines);
            List<String> all = new ArrayList<>(command);
            all.addAll(data.paths());
            lab.quiet();
            Path output = counts ? Files.createTempFile("bench", ".output") : Path.of("/dev/null");
            ProcessMeter.Cost cost = ProcessMeter.run(all, output);
            if (counts) {
                String said = Files.readString(output).strip();
                Files.delete(output);
                String last = said.substring(said.lastIndexOf('\n') + 1).strip();
                if (!last.split(" ", -1)[0].equals(Long.toString(data.lines()))) {
                    throw new IOException("counted '" + last + "' where there are " + data.lines() + " lines");
                }
            }
            return figures(data, cost.seconds(), cost.cpuSeconds(), cost.peakMebibytes());
        };
    }

    /** Makes a contender for a lab. */
    @FunctionalInterface
    interface Maker {
        Contender make(Lab lab) throws IOException;
    }

    static Scenario.Measure contender(Until until, Maker maker) {
        return lab -> contender(lab, lab.data(), until, maker.make(lab));
    }

    static Map<Metric, Double> contender(Lab lab, DataSet data, Until until, Contender contender) throws Exception {
        boolean kafka = contender.config().contains("${topic}");
        String name = kafka ? lab.topic(1) : "";
        Map<String, String> variables =
                kafka ? Map.of("topic", name, "brokers", lab.broker().bootstrapServers()) : Map.of();
        try (Place place = lab.place().with(data)) {
            lab.quiet();
            long began = System.nanoTime();
            try (Watched running =
                    contender.start(place, variables, until == Until.OUTPUT ? place.output() : Path.of("/dev/null"))) {
                switch (until) {
                    case TOPIC -> {
                        try (Topic topic = new Topic(lab.broker().bootstrapServers(), name)) {
                            await(running, place, 20, () -> topic.end() >= data.lines());
                        }
                    }
                    case OUTPUT -> {
                        LineCount lines = new LineCount(place.output());
                        await(running, place, 20, () -> lines.count() >= data.lines());
                    }
                    case COMMITTED ->
                        await(
                                running,
                                place,
                                SCRAPE_MILLIS,
                                () -> each(contender, "policylog_committed_bytes_total", data.bytes()));
                    case READ ->
                        await(
                                running,
                                place,
                                SCRAPE_MILLIS,
                                () -> each(contender, "policylog_read_bytes_total", data.bytes()));
                }
                return figures(data, (System.nanoTime() - began) / 1e9, running.cpuSeconds(), running.peakMebibytes());
            }
        }
    }

    /** Whether a metric says so much of each of policylog's sinks. */
    private static boolean each(Contender contender, String metric, long bytes) throws InterruptedException {
        List<Double> samples = Place.metric(metric);
        long sinks = contender
                .config()
                .lines()
                .filter(line -> line.contains("{type:"))
                .count();
        return samples.size() == sinks && samples.stream().allMatch(value -> value >= bytes);
    }

    /** Something that comes to be. */
    @FunctionalInterface
    interface Condition {
        boolean holds() throws Exception;
    }

    static void await(Watched running, Place place, long pollMillis, Condition condition) throws Exception {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.holds()) {
            if (!running.alive() || System.nanoTime() > deadline) {
                throw new IOException("ended early, or came to no end: " + Files.readString(place.messages()));
            }
            TimeUnit.MILLISECONDS.sleep(pollMillis);
        }
    }

    private static Map<Metric, Double> figures(DataSet data, double seconds, double cpuSeconds, double peakMebibytes) {
        Map<Metric, Double> figures = new EnumMap<>(Metric.class);
        figures.put(Metric.MEGABYTES_PER_SECOND, data.bytes() / 1e6 / seconds);
        figures.put(Metric.RECORDS_PER_SECOND, data.lines() / seconds);
        figures.put(Metric.CPU_SECONDS_PER_MILLION, cpuSeconds / data.lines() * 1e6);
        figures.put(Metric.MEGABYTES_PER_CPU_SECOND, data.bytes() / 1e6 / cpuSeconds);
        figures.put(Metric.PEAK_MEBIBYTES, peakMebibytes);
        return figures;
    }

    /** Counts the lines of a file that grows, each time what is new. */
    private static final class LineCount {
        private final Path file;
        private final byte[] buffer = new byte[1 << 20];
        private long at;
        private long lines;

        LineCount(Path file) {
            this.file = file;
        }

        long count() throws IOException {
            if (!Files.exists(file)) {
                return 0;
            }
            try (InputStream in = Files.newInputStream(file)) {
                in.skipNBytes(at);
                for (int length = in.read(buffer); length > 0; length = in.read(buffer)) {
                    lines += NewlineScan.count(buffer, length);
                    at += length;
                }
            }
            return lines;
        }
    }
}
