package io.policylog.agent.read;

import io.policylog.parser.PolicyRecord;
import io.policylog.parser.ResourceLabels;
import io.policylog.parser.filter.Filter;
import io.policylog.parser.filter.FilterContext;
import io.policylog.parser.filter.FilterException;
import io.policylog.parser.filter.Verdict;
import java.io.PrintWriter;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** Which records are shown: those for which a query is not false. */
final class Selection {
    /** Log entries of so many resources are told apart without compiling the query anew. */
    private static final int MAX_FILTERS = 64;

    private final String query;
    private final InstantSource time;
    private final ResourceLabels ownLabels;
    private final Filter ownFilter;
    private final Map<ResourceLabels, Filter> filters = new LinkedHashMap<>();
    private final Set<String> forgottenFields = new TreeSet<>();
    private final Set<String> toldFields = new HashSet<>();
    private boolean ownUsed;

    /**
     * @param query in the Logging query language; an empty one selects every record
     * @param labels what is known of records that say nothing themselves
     */
    Selection(String query, ResourceLabels labels, InstantSource time) throws FilterException {
        this.query = query;
        this.time = time;
        this.ownLabels = labels;
        this.ownFilter = Filter.compile(query, FilterContext.forReading(labels, time));
    }

    boolean accepts(PolicyRecord record, Origin origin) {
        return query.isEmpty() || filter(origin.labels()).test(record, origin) != Verdict.FALSE;
    }

    private Filter filter(ResourceLabels labels) {
        if (labels.equals(ownLabels)) {
            ownUsed = true;
            return ownFilter;
        }
        if (filters.size() >= MAX_FILTERS && !filters.containsKey(labels)) {
            filters.values().forEach(filter -> forgottenFields.addAll(filter.unknownFields()));
            filters.clear();
        }
        return filters.computeIfAbsent(labels, this::compile);
    }

    private Filter compile(ResourceLabels labels) {
        try {
            return Filter.compile(query, FilterContext.forReading(labels, time));
        } catch (FilterException e) {
            throw new IllegalStateException("it was compiled before", e);
        }
    }

    /** What is legal but probably not meant. */
    List<String> warnings() {
        return ownFilter.warnings();
    }

    /** Tells which fields could not be judged, each once. */
    void report(PrintWriter err) {
        Set<String> unknown = new TreeSet<>(forgottenFields);
        if (ownUsed) {
            unknown.addAll(ownFilter.unknownFields());
        }
        filters.values().forEach(filter -> unknown.addAll(filter.unknownFields()));
        unknown.removeIf(field -> !toldFields.add(field));
        if (!unknown.isEmpty()) {
            err.println("policylog: not known here, so no record was left out for it: " + String.join(", ", unknown));
        }
    }
}
