package io.policylog.agent;

import io.policylog.agent.config.Configuration;
import io.policylog.agent.config.SinkConfiguration;
import java.util.ArrayList;
import java.util.List;

/** What is legal in the sinks' filters but probably not meant. */
final class FilterWarnings {
    private FilterWarnings() {}

    static List<String> of(Configuration configuration) {
        List<String> warnings = new ArrayList<>();
        for (SinkConfiguration sink : configuration.sinks()) {
            sink.filter()
                    .ifPresent(filter -> filter.warnings()
                            .forEach(warning -> warnings.add("sink " + sink.name() + ", filter, " + warning)));
        }
        return List.copyOf(warnings);
    }
}
