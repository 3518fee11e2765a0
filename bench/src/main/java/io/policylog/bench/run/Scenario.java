package io.policylog.bench.run;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Something that can be measured, several times.
 *
 * @param group whose table it stands in; names all of them on the command line
 * @param about what it does and with which settings, for the table
 * @param needs what the machine lacks for it; null when nothing
 * @param reference the scenario that it is compared with; null for none
 */
record Scenario(
        String group,
        String name,
        String about,
        @Nullable String needs,
        @Nullable String reference,
        Measure measure) {
    /** A run. */
    @FunctionalInterface
    interface Measure {
        Map<Metric, Double> run(Lab lab) throws Exception;
    }

    Scenario(String group, String name, String about, Measure measure) {
        this(group, name, about, null, null, measure);
    }

    Scenario comparedWith(String name) {
        return new Scenario(group, this.name, about, needs, name, measure);
    }

    Scenario needing(@Nullable String what) {
        return new Scenario(group, name, about, what, reference, measure);
    }
}
