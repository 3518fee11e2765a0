package io.policylog.agent;

import io.policylog.agent.config.Configuration;
import io.policylog.agent.config.SinkConfiguration;
import io.policylog.parser.filter.Filter;
import io.policylog.parser.filter.FilterContext;
import io.policylog.parser.filter.FilterException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;

/** What is legal in the sinks' filters but probably not meant. */
final class FilterWarnings {
    private FilterWarnings() {}

    static List<String> of(Configuration configuration) {
        List<String> warnings = new ArrayList<>();
        for (SinkConfiguration sink : configuration.sinks()) {
            if (sink.filter().isEmpty()) {
                continue;
            }
            try {
                Filter filter = Filter.compile(
                        sink.filter().get(),
                        FilterContext.forSink(configuration.identity().labels(), InstantSource.system()));
                filter.warnings().forEach(warning -> warnings.add("sink " + sink.name() + ", filter, " + warning));
            } catch (FilterException e) {
                throw new IllegalStateException("a filter that was checked with the configuration", e);
            }
        }
        return List.copyOf(warnings);
    }
}
