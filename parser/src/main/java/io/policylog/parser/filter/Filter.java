package io.policylog.parser.filter;

import io.policylog.parser.EntryMetadata;
import io.policylog.parser.PolicyRecord;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * A query in the Logging query language, compiled once and tested against each record. Remembers results of earlier
 * records to be faster, within fixed bounds, so an instance belongs to one thread. What is supported, and where it differs
 * from Cloud Logging, is in docs/query-language.md.
 */
public final class Filter {
    private final Condition condition;
    private final List<String> warnings;
    private final Set<String> unknownFields;

    private Filter(Condition condition, List<String> warnings, Set<String> unknownFields) {
        this.condition = condition;
        this.warnings = warnings;
        this.unknownFields = unknownFields;
    }

    /**
     * Compiles a query of at most 20,000 characters. An empty one accepts every record.
     *
     * @throws FilterException if the text is not a query, compares a number with something else, names a function that
     *     does not exist, or (see {@link FilterContext#unknownIsError}) asks for a field that is not known here
     */
    public static Filter compile(String query, FilterContext context) throws FilterException {
        List<String> warnings = new ArrayList<>();
        Set<String> unknownFields = new LinkedHashSet<>();
        Expression expression = QueryParser.parse(query, warnings);
        Condition condition = new FilterCompiler(query, context, warnings, unknownFields).compile(expression);
        return new Filter(condition, List.copyOf(warnings), unknownFields);
    }

    /**
     * Whether the record satisfies the query. Never throws for what a record holds.
     *
     * @param record must stay valid during the call only
     */
    public Verdict test(PolicyRecord record, EntryMetadata metadata) {
        return condition.test(record, metadata);
    }

    /** What is legal but probably not meant, each with its place; for people. */
    public List<String> warnings() {
        return warnings;
    }

    /** The fields that could not be judged so far: those not known at all, and those some record did not say. */
    public Set<String> unknownFields() {
        return Collections.unmodifiableSet(unknownFields);
    }
}
