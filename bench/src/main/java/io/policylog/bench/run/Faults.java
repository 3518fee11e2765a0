package io.policylog.bench.run;

import io.policylog.agent.simulate.LineConsumer;
import io.policylog.agent.simulate.LogWriter;
import io.policylog.agent.simulate.LogWriterOptions;
import io.policylog.agent.simulate.TrafficGenerator;
import io.policylog.agent.simulate.TrafficOptions;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Counts the lines that a program loses and repeats, to the topic, when something goes wrong. */
final class Faults {
    private static final long DRAINED_LINES = 300_000;

    /** When nothing came for so long nothing comes any more: a program that lost lines is not waited for. */
    private static final long SILENCE_SECONDS = 12;

    /** The same after an outage, which programs wait out: policylog up to 30 s, so that nodes do not come back at once. */
    private static final long SILENCE_AFTER_OUTAGE_SECONDS = 60;

    private Faults() {}

    /** A contender at work. */
    private static final class Work implements AutoCloseable {
        private final Contender contender;
        private final Map<String, String> variables;
        private final Topic topic;
        final Place place;
        Watched running;

        Work(Lab lab, Contender contender, Place place) throws Exception {
            this.contender = contender;
            this.place = place;
            String name = lab.topic(1);
            String brokers = lab.broker().bootstrapServers();
            variables = Map.of("topic", name, "brokers", brokers);
            topic = new Topic(brokers, name);
            running = contender.start(place, variables, Path.of("/dev/null"));
        }

        void killAndStartAgain() throws IOException {
            running.kill();
            running = contender.start(place, variables, Path.of("/dev/null"));
        }

        /** Waits for so many records; not for those that are lost: until nothing came for so long. */
        void awaitRecords(long count, long silenceSeconds) throws InterruptedException {
            long end = topic.end();
            long changed = System.nanoTime();
            while (end < count && System.nanoTime() - changed < TimeUnit.SECONDS.toNanos(silenceSeconds)) {
                TimeUnit.MILLISECONDS.sleep(5);
                long now = topic.end();
                if (now != end) {
                    end = now;
                    changed = System.nanoTime();
                }
            }
        }

        /** What came of the lines, once nothing comes any more. */
        Map<Metric, Double> result(Collection<String> expected, long silenceSeconds) throws InterruptedException {
            awaitRecords(Long.MAX_VALUE, silenceSeconds);
            Map<String, Integer> found = topic.timestamps();
            double lost = 0;
            double duplicated = 0;
            for (String timestamp : expected) {
                int times = found.getOrDefault(timestamp, 0);
                lost += times == 0 ? 1 : 0;
                duplicated += Math.max(0, times - 1);
            }
            Map<Metric, Double> figures = new EnumMap<>(Metric.class);
            figures.put(Metric.LOST_LINES, lost);
            figures.put(Metric.DUPLICATED_LINES, duplicated);
            return figures;
        }

        @Override
        public void close() {
            running.close();
            topic.close();
        }
    }

    /** kill -9 twice, a third and two thirds of the way through a backlog. */
    static Scenario.Measure killedInMidDrain(Drain.Maker maker) {
        return lab -> {
            DataSet data = lab.data(DRAINED_LINES);
            try (Place place = lab.place().with(data);
                    Work work = new Work(lab, maker.make(lab), place)) {
                work.awaitRecords(DRAINED_LINES / 3, SILENCE_SECONDS);
                work.killAndStartAgain();
                work.awaitRecords(DRAINED_LINES * 2 / 3, SILENCE_SECONDS);
                work.killAndStartAgain();
                return work.result(timestamps(data), SILENCE_SECONDS);
            }
        };
    }

    /** 20,000 lines a second, renamed away every 200 ms, five kept. */
    static Scenario.Measure rotatedOften(Drain.Maker maker) {
        return lab -> {
            try (Place place = lab.place();
                    Work work = new Work(lab, maker.make(lab), place)) {
                new Load(place.log(), 100, 100, LogWriterOptions.DEFAULT, 0).await();
                work.awaitRecords(100, SILENCE_SECONDS);
                Load load = new Load(place.log(), 20_000, 200_000, LogWriterOptions.DEFAULT, 200);
                load.await();
                return work.result(load.timestamps(), SILENCE_SECONDS);
            }
        };
    }

    /** 2,000 lines a second; the broker dies and is back after 30 s, while the writer rotates each second and keeps five. */
    static Scenario.Measure brokerOutage(boolean killed, Drain.Maker maker) {
        return lab -> {
            try (Place place = lab.place();
                    Work work = new Work(lab, maker.make(lab), place)) {
                new Load(place.log(), 100, 100, LogWriterOptions.DEFAULT, 0).await();
                work.awaitRecords(100, SILENCE_SECONDS);
                Load load = new Load(place.log(), 2_000, 80_000, LogWriterOptions.DEFAULT, 1_000);
                TimeUnit.SECONDS.sleep(5);
                lab.broker().kill9();
                TimeUnit.SECONDS.sleep(15);
                if (killed) {
                    work.killAndStartAgain();
                }
                TimeUnit.SECONDS.sleep(15);
                lab.broker().restart();
                load.await();
                return work.result(load.timestamps(), SILENCE_AFTER_OUTAGE_SECONDS);
            }
        };
    }

    /** Good lines with bad ones between: invalid JSON, invalid UTF-8, empty, of 40 KB, 2 MB and 20 MB. */
    static Scenario.Measure badLines(Drain.Maker maker) {
        return lab -> {
            try (Place place = lab.place()) {
                List<String> good = new ArrayList<>();
                TrafficGenerator traffic =
                        new TrafficGenerator(TrafficOptions.seeded(9).withDenyShare(0));
                List<byte[]> bad = List.of(
                        "{\"connection\":{\"src_ip\":".getBytes(StandardCharsets.UTF_8),
                        "{\"a\":\"\u00ff\u00fe\"}".getBytes(StandardCharsets.ISO_8859_1),
                        new byte[0],
                        "x".repeat(40_000).getBytes(StandardCharsets.UTF_8),
                        "x".repeat(2_000_000).getBytes(StandardCharsets.UTF_8),
                        "x".repeat(20_000_000).getBytes(StandardCharsets.UTF_8));
                try (LogWriter log = new LogWriter(place.log(), LogWriterOptions.DEFAULT.withMaxFileBytes(100 << 20))) {
                    LineConsumer write = (buffer, offset, length) -> {
                        good.add(Topic.timestamp(buffer, offset, length));
                        log.write(buffer, offset, length);
                    };
                    for (byte[] line : bad) {
                        traffic.generate(1_000, write);
                        log.write(line, 0, line.length);
                        log.write(new byte[] {'\n'}, 0, 1);
                    }
                    traffic.generate(1_000, write);
                }
                try (Work work = new Work(lab, maker.make(lab), place)) {
                    work.awaitRecords(1, SILENCE_SECONDS);
                    return work.result(good, SILENCE_SECONDS);
                }
            }
        };
    }

    private static List<String> timestamps(DataSet data) throws IOException {
        List<String> timestamps = new ArrayList<>();
        for (DataSet.LogFile file : data.files()) {
            for (String line : Files.readAllLines(file.path(), StandardCharsets.ISO_8859_1)) {
                timestamps.add(Topic.timestamp(line.getBytes(StandardCharsets.ISO_8859_1)));
            }
        }
        return timestamps;
    }
}
