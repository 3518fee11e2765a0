package io.policylog.bench.run;

import io.policylog.agent.simulate.LogWriterOptions;
import io.policylog.bench.kafka.KafkaProbeDrain;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** Measures the time from a program's start to the first record that a consumer sees. */
final class Starts {
    private Starts() {}

    /** The least that produces a line in a transaction, with the agent's runtime and flags and an AOT cache of its own. */
    static Map<Metric, Double> probe(Lab lab) throws Exception {
        String brokers = lab.broker().bootstrapServers();
        String name = lab.topic(1);
        try (Place place = lab.place();
                Topic topic = new Topic(brokers, name)) {
            new Load(place.log(), 1000, 1, LogWriterOptions.DEFAULT, 0).await();
            String cache = place.directory().resolve("probe.aot").toString();
            List<String> work = List.of(
                    KafkaProbeDrain.class.getName(),
                    brokers,
                    name,
                    "zstd",
                    "1000",
                    place.log().resolve("policy_action.log").toString());
            List<String> training = lab.probe("-XX:AOTCacheOutput=" + cache);
            training.addAll(work);
            ProcessMeter.run(training, Path.of("/dev/null"));
            topic.seekToEnd();
            List<String> command = lab.probe("-XX:AOTCache=" + cache);
            command.addAll(work);
            lab.quiet();
            long began = System.nanoTime();
            Process running = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            while (topic.poll(Duration.ofMillis(50)).isEmpty()) {
                if (!running.isAlive() && running.exitValue() != 0) {
                    throw new IOException("the probe ended with " + running.exitValue());
                }
            }
            double millis = (System.nanoTime() - began) / 1e6;
            running.waitFor();
            return new EnumMap<>(Map.of(Metric.FIRST_RECORD_MILLIS, millis));
        }
    }

    /** A line lies in the log when the program starts, which has been there before. */
    static Scenario.Measure firstRecord(Drain.Maker maker) {
        return lab -> {
            Contender contender = maker.make(lab);
            String brokers = lab.broker().bootstrapServers();
            String name = lab.topic(1);
            Map<String, String> variables = Map.of("topic", name, "brokers", brokers);
            try (Place place = lab.place();
                    Topic topic = new Topic(brokers, name)) {
                new Load(place.log(), 1000, 1, LogWriterOptions.DEFAULT, 0).await();
                try (Watched earlier = contender.start(place, variables, Path.of("/dev/null"))) {
                    Drain.await(earlier, place, 20, () -> topic.end() >= 1);
                }
                new Load(place.log(), 1000, 1, LogWriterOptions.DEFAULT, 0).await();
                topic.seekToEnd();
                lab.quiet();
                long began = System.nanoTime();
                try (Watched running = contender.start(place, variables, Path.of("/dev/null"))) {
                    while (topic.poll(Duration.ofMillis(50)).isEmpty()) {
                        if (!running.alive()) {
                            throw new IOException("ended early");
                        }
                    }
                    Map<Metric, Double> figures = new EnumMap<>(Metric.class);
                    figures.put(Metric.FIRST_RECORD_MILLIS, (System.nanoTime() - began) / 1e6);
                    return figures;
                }
            }
        };
    }
}
