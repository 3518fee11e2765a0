package io.policylog.bench.run;

import io.policylog.agent.simulate.LogWriterOptions;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Measures how soon a program has caught up after its broker was away while the log went on. */
final class Outage {
    private static final int RATE = 2_000;
    private static final int SECONDS = 30;

    private Outage() {}

    /** Until all that was written before the broker came back is committed; the broker's own start counts. */
    static Scenario.Measure catchUp(Drain.Maker maker) {
        return lab -> {
            Contender contender = maker.make(lab);
            String brokers = lab.broker().bootstrapServers();
            String name = lab.topic(1);
            LogWriterOptions options = LogWriterOptions.DEFAULT.withMaxFileBytes(4 << 20);
            try (Place place = lab.place();
                    Topic topic = new Topic(brokers, name);
                    Watched running =
                            contender.start(place, Map.of("topic", name, "brokers", brokers), Path.of("/dev/null"))) {
                new Load(place.log(), RATE, RATE, options, 0).await();
                Drain.await(running, place, 20, () -> topic.end() >= RATE);
                lab.broker().kill9();
                Load load = new Load(place.log(), RATE, (long) RATE * SECONDS, options, 0);
                TimeUnit.SECONDS.sleep(SECONDS);
                load.await();
                long began = System.nanoTime();
                lab.broker().restart();
                Map<Metric, Double> figures = new EnumMap<>(Metric.class);
                Drain.await(running, place, 20, () -> topic.end() >= (long) RATE * (SECONDS + 1));
                figures.put(Metric.SECONDS, (System.nanoTime() - began) / 1e9);
                figures.put(Metric.PEAK_MEBIBYTES, running.peakMebibytes());
                return figures;
            }
        };
    }
}
