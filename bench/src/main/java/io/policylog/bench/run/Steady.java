package io.policylog.bench.run;

import io.policylog.agent.simulate.LogWriterOptions;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** Measures what a program costs under a steady load, and how soon it delivers. */
final class Steady {
    /** Until the JVM has compiled what it will. */
    private static final int WARM_UP_SECONDS = 20;

    private Steady() {}

    /** Who sees the records come. */
    private interface Consumer extends AutoCloseable {
        /** Waits a moment for records, and notes those that came. */
        void poll(Latencies latencies) throws IOException;

        @Override
        void close();
    }

    /**
     * To the consumer of a topic, or of the standard output when the configuration names no topic.
     *
     * @param rate lines a second; 0 for none, after a few at the start
     */
    static Scenario.Measure load(double rate, int partitions, Drain.Maker maker) {
        return lab -> {
            Contender contender = maker.make(lab);
            boolean kafka = contender.config().contains("${topic}");
            boolean piped = !kafka && contender.config().contains("type: stdout");
            String topic = kafka ? lab.topic(partitions) : "";
            Map<String, String> variables =
                    kafka ? Map.of("topic", topic, "brokers", lab.broker().bootstrapServers()) : Map.of();
            try (Place place = lab.place();
                    Watched running = contender.start(place, variables, piped ? null : Path.of("/dev/null"))) {
                Consumer consumer =
                        kafka ? topic(lab.broker().bootstrapServers(), topic) : piped ? output(running) : none();
                try (consumer) {
                    return measure(lab, rate, place, running, consumer, kafka);
                }
            }
        };
    }

    private static Map<Metric, Double> measure(
            Lab lab, double rate, Place place, Watched running, Consumer consumer, boolean kafka) throws Exception {
        Latencies latencies = new Latencies();
        AtomicBoolean done = new AtomicBoolean();
        AtomicReference<@Nullable Exception> failure = new AtomicReference<>();
        LogWriterOptions options = LogWriterOptions.DEFAULT;
        // The first lines create the log, and find the program ready.
        new Load(place.log(), 100, 100, options, 0).await();
        long seconds = rate == 0 ? Math.max(lab.seconds(), 60) : lab.seconds();
        Load load = new Load(place.log(), Math.max(rate, 0.1), (long) (rate * (WARM_UP_SECONDS + seconds)), options, 0);
        Thread reader = Thread.ofPlatform().name("bench-consumer").start(() -> {
            try {
                while (!done.get()) {
                    consumer.poll(latencies);
                }
            } catch (IOException | RuntimeException e) {
                // Not the end of the output, maybe in mid-line, of a process that was ended.
                if (!done.get()) {
                    failure.set(e);
                }
            }
        });
        TimeUnit.SECONDS.sleep(WARM_UP_SECONDS);
        double cpuSeconds = running.cpuSeconds();
        long wakeUps = running.wakeUps();
        double brokerCpuSeconds = kafka ? Watched.cpuSeconds(lab.broker().pid()) : 0;
        double transactions = commits();
        int before = latencies.size();
        long began = System.nanoTime();
        TimeUnit.SECONDS.sleep(seconds);
        double took = (System.nanoTime() - began) / 1e9;
        Map<Metric, Double> figures = new EnumMap<>(Metric.class);
        figures.put(Metric.CPU_PERCENT, 100 * (running.cpuSeconds() - cpuSeconds) / took);
        figures.put(Metric.WAKE_UPS_PER_SECOND, (running.wakeUps() - wakeUps) / took);
        figures.put(Metric.RESIDENT_MEBIBYTES, running.residentMebibytes());
        figures.put(Metric.PEAK_MEBIBYTES, running.peakMebibytes());
        if (kafka && rate > 0) {
            figures.put(
                    Metric.BROKER_CPU_PERCENT,
                    100 * (Watched.cpuSeconds(lab.broker().pid()) - brokerCpuSeconds) / took);
            if (transactions > 0) {
                figures.put(Metric.TRANSACTIONS_PER_SECOND, (commits() - transactions) / took);
            }
        }
        load.await();
        done.set(true);
        running.close();
        reader.join();
        if (failure.get() != null) {
            throw new IOException("not all that came was seen", failure.get());
        }
        if (rate > 0 && latencies.size() > 0) {
            latencies.from(before).into(figures);
        }
        return figures;
    }

    /** Of policylog's Kafka sink; 0 of other programs. */
    private static double commits() throws InterruptedException {
        return Place.metric("policylog_commit_seconds_count{pipeline=\"kafka").stream()
                .mapToDouble(Double::doubleValue)
                .sum();
    }

    private static Consumer none() {
        return new Consumer() {
            @Override
            public void poll(Latencies latencies) {
                LockSupport.parkNanos(10_000_000);
            }

            @Override
            public void close() {}
        };
    }

    private static Consumer topic(String brokers, String name) {
        Topic topic = new Topic(brokers, name);
        topic.seekToEnd();
        return new Consumer() {
            @Override
            public void poll(Latencies latencies) {
                for (byte[] value : topic.poll(Duration.ofMillis(100))) {
                    latencies.came(Topic.timestamp(value));
                }
            }

            @Override
            public void close() {
                topic.close();
            }
        };
    }

    private static Consumer output(Watched running) {
        BufferedReader lines =
                new BufferedReader(new InputStreamReader(running.output(), StandardCharsets.ISO_8859_1), 1 << 16);
        return new Consumer() {
            @Override
            public void poll(Latencies latencies) throws IOException {
                String line = lines.readLine();
                if (line == null) {
                    throw new IOException("the end");
                }
                latencies.came(Topic.timestamp(line.getBytes(StandardCharsets.ISO_8859_1)));
            }

            @Override
            public void close() {}
        };
    }
}
