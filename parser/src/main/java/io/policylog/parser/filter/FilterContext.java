package io.policylog.parser.filter;

import io.policylog.parser.ResourceLabels;
import java.time.InstantSource;

/**
 * What a filter may know beside the record.
 *
 * @param labels the resource the log belongs to
 * @param time what a duration such as {@code "-5m"} counts from; asked at each comparison with one
 * @param unknownIsError whether a field whose value is not known here is an error when the filter is compiled, or makes
 *     its comparison {@link Verdict#UNKNOWN}
 */
public record FilterContext(ResourceLabels labels, InstantSource time, boolean unknownIsError) {
    /** For a sink: it must not ship more than was asked, so a filter that cannot be judged is refused. */
    public static FilterContext forSink(ResourceLabels labels, InstantSource time) {
        return new FilterContext(labels, time, true);
    }

    /** For reading: a pasted filter must not go silently empty, so what cannot be judged is unknown. */
    public static FilterContext forReading(ResourceLabels labels, InstantSource time) {
        return new FilterContext(labels, time, false);
    }
}
