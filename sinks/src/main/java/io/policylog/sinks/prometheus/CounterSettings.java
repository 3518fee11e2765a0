package io.policylog.sinks.prometheus;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * What a sink counts.
 *
 * @param metric the name of the connections metric, with {@code _total}
 * @param matchesMetric the name of the policy matches metric, with {@code _total}; empty for none
 * @param labels the connections metric's labels, in the order of their names
 * @param maxSeries the most series of each of the two metrics, the overflow not counted
 * @param filter the pipeline's filter as it stands in the configuration; empty when there is none
 */
record CounterSettings(
        String metric, Optional<String> matchesMetric, List<ConnectionLabel> labels, int maxSeries, String filter) {

    CounterSettings {
        // As the exposition sorts them, so that the order in the configuration means nothing.
        labels = labels.stream()
                .sorted(Comparator.comparing(ConnectionLabel::label))
                .toList();
    }

    List<String> labelNames() {
        return labels.stream().map(ConnectionLabel::label).toList();
    }
}
