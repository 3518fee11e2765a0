package io.policylog.sinks.prometheus;

import io.prometheus.metrics.model.snapshots.Labels;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The series of one metric, at most {@code maxSeries} and one for the overflow. When a new series would be one too many,
 * room is made in this order:
 *
 * <ol>
 *   <li>the source with the most series has its ports folded: its series that differ only in {@code dest_port} become
 *       one with the port {@code other}, whose count is their sum. From then on all its ports count there;
 *   <li>every series that did not change for a day is evicted;
 *   <li>what is new counts into one series whose labels are all {@code overflow}.
 * </ol>
 *
 * <p>A source is what the {@code src_} labels say. That its ports are folded is not kept apart: it is so as long as one
 * of its series has the port {@code other}, also after a restart. A series without port stays as it is.
 *
 * <p>Confined to the pipeline's thread.
 */
final class SeriesTable {
    static final String OTHER_PORT = "other";
    static final String OVERFLOW = "overflow";
    static final long EVICTION_SECONDS = 24 * 60 * 60;

    private static final String PORT_LABEL = ConnectionLabel.DEST_PORT.label();

    private final String[] names;
    private final int maxSeries;
    private final int port;
    private final SeriesMeters meters;
    private final Runnable beforeRemoval;
    private final Labels overflowLabels;
    private final Map<Labels, Series> series = new HashMap<>();
    private final Map<List<String>, Source> sources = new HashMap<>();
    private final Map<PortGroupKey, PortGroup> groups = new HashMap<>();
    private @Nullable Series overflow;
    private @Nullable List<Series> ordered;
    private int foldable;
    private long nextEvictionSecond;

    /** Who connects: its series, how many groups they form, and whether its ports are folded. */
    private static final class Source {
        private final Set<Series> members = new HashSet<>();
        private int groups;
        private boolean folded;

        private boolean isFoldable() {
            return members.size() > groups;
        }
    }

    /** Series of one source that differ in their port only. */
    private static final class PortGroup {
        private final Source source;
        private int series;

        private PortGroup(Source source) {
            this.source = source;
        }
    }

    /** All label values but the port's, of which only counts whether there is one. */
    private static final class PortGroupKey {
        private final Labels labels;
        private final int port;
        private final int hash;

        private PortGroupKey(Labels labels, int port) {
            this.labels = labels;
            this.port = port;
            int result = 0;
            for (int i = 0; i < labels.size(); i++) {
                result = 31 * result
                        + (i == port
                                ? Boolean.hashCode(labels.getValue(i).isEmpty())
                                : labels.getValue(i).hashCode());
            }
            hash = result;
        }

        @Override
        public boolean equals(@Nullable Object other) {
            if (!(other instanceof PortGroupKey that) || hash != that.hash) {
                return false;
            }
            for (int i = 0; i < labels.size(); i++) {
                String mine = labels.getValue(i);
                String theirs = that.labels.getValue(i);
                if (i == port ? mine.isEmpty() != theirs.isEmpty() : !mine.equals(theirs)) {
                    return false;
                }
            }
            return true;
        }

        @Override
        public int hashCode() {
            return hash;
        }
    }

    /**
     * @param names the label names, sorted
     * @param beforeRemoval called before series that were handed out are folded or evicted: whoever keeps them adds now
     *     what is still to be added, and forgets them
     */
    SeriesTable(List<String> names, int maxSeries, SeriesMeters meters, Runnable beforeRemoval) {
        this.names = names.toArray(String[]::new);
        this.maxSeries = maxSeries;
        this.meters = meters;
        this.beforeRemoval = beforeRemoval;
        this.port = names.indexOf(PORT_LABEL);
        String[] values = new String[this.names.length];
        Arrays.fill(values, OVERFLOW);
        this.overflowLabels = Labels.of(this.names, values);
    }

    /** The series of these label values (in the order of the names), made if need be and if there is room. */
    Series resolve(String[] values, long nowSecond) {
        Labels labels = Labels.of(names, values);
        Series known = series.get(labels);
        if (known != null) {
            return known;
        }
        if (labels.equals(overflowLabels)) {
            return overflow(0, nowSecond);
        }
        if (isFolded(labels)) {
            labels = withOtherPort(labels);
            known = series.get(labels);
            if (known != null) {
                return known;
            }
        }
        Series created = insert(new Series(labels, 0, nowSecond));
        makeRoom(nowSecond);
        if (series.size() > maxSeries) {
            remove(created);
            return overflow(0, nowSecond);
        }
        // Its own source may be the one that was folded.
        Series folded = series.get(created.labels());
        return folded != null ? folded : existing(withOtherPort(labels));
    }

    /** Whether this is the series of what found no room. */
    boolean isOverflow(Series candidate) {
        return candidate == overflow;
    }

    /** Puts a series back as it was. The table may hold too many until {@link #dropSurplus}. */
    void restore(String[] values, long count, long changedSecond) {
        Labels labels = Labels.of(names, values);
        if (labels.equals(overflowLabels)) {
            overflow(count, changedSecond);
        } else {
            insert(new Series(labels, count, changedSecond));
        }
    }

    /** Makes restored series fit: as for new ones, but what still finds no room is dropped, the longest unchanged first. */
    int dropSurplus(long nowSecond) {
        makeRoom(nowSecond);
        int surplus = series.size() - maxSeries;
        if (surplus <= 0) {
            return 0;
        }
        series.values().stream()
                .sorted(Comparator.comparingLong(Series::changedSecond))
                .limit(surplus)
                .toList()
                .forEach(this::remove);
        return surplus;
    }

    /** All series in the order of their labels, as an exposition wants them: it sorts, and has nothing left to do. */
    List<Series> all() {
        if (ordered == null) {
            List<Series> all = new ArrayList<>(series.values());
            if (overflow != null) {
                all.add(overflow);
            }
            all.sort(Comparator.comparing(Series::labels));
            ordered = all;
        }
        return ordered;
    }

    private Series overflow(long count, long second) {
        if (overflow == null) {
            overflow = new Series(overflowLabels, count, second);
            ordered = null;
        }
        return overflow;
    }

    private Series existing(Labels labels) {
        Series found = series.get(labels);
        if (found == null) {
            throw new IllegalStateException("no series " + labels);
        }
        return found;
    }

    private Series insert(Series added) {
        series.put(added.labels(), added);
        ordered = null;
        if (port >= 0) {
            Source source = sources.computeIfAbsent(sourceOf(added.labels()), key -> new Source());
            PortGroup group = groups.computeIfAbsent(new PortGroupKey(added.labels(), port), key -> {
                source.groups++;
                return new PortGroup(source);
            });
            foldable += group.series == 0 ? 0 : 1;
            group.series++;
            source.members.add(added);
            source.folded |= added.labels().getValue(port).equals(OTHER_PORT);
        }
        return added;
    }

    private void remove(Series removed) {
        Labels labels = removed.labels();
        series.remove(labels);
        ordered = null;
        if (port < 0) {
            return;
        }
        PortGroupKey key = new PortGroupKey(labels, port);
        PortGroup group = groups.get(key);
        if (group == null) {
            throw new IllegalStateException("no group for " + labels);
        }
        Source source = group.source;
        source.members.remove(removed);
        if (--group.series == 0) {
            groups.remove(key);
            source.groups--;
        } else {
            foldable--;
        }
        if (source.members.isEmpty()) {
            sources.remove(sourceOf(labels));
        }
    }

    private void makeRoom(long nowSecond) {
        while (series.size() > maxSeries && foldable > 0) {
            fold(sources.values().stream()
                    .filter(Source::isFoldable)
                    .max(Comparator.comparingInt(source -> source.members.size()))
                    .orElseThrow());
        }
        if (series.size() > maxSeries && nowSecond >= nextEvictionSecond) {
            evict(nowSecond);
        }
    }

    private void fold(Source source) {
        beforeRemoval.run();
        for (Series member : List.copyOf(source.members)) {
            if (!member.labels().getValue(port).isEmpty()) {
                Labels labels = withOtherPort(member.labels());
                Series into = series.get(labels);
                if (into == null) {
                    into = insert(new Series(labels, 0, 0));
                }
                if (into != member) {
                    into.add(member.count(), Math.max(into.changedSecond(), member.changedSecond()));
                    remove(member);
                    meters.folded().increment();
                }
            }
        }
    }

    private void evict(long nowSecond) {
        beforeRemoval.run();
        List<Series> unchanged = series.values().stream()
                .filter(candidate -> candidate.changedSecond() <= nowSecond - EVICTION_SECONDS)
                .toList();
        unchanged.forEach(this::remove);
        meters.evicted().increment(unchanged.size());
        // Nothing gets older than the oldest that is left: until then there is nothing to look for.
        nextEvictionSecond =
                series.values().stream().mapToLong(Series::changedSecond).min().orElse(nowSecond) + EVICTION_SECONDS;
    }

    private boolean isFolded(Labels labels) {
        if (port < 0 || labels.getValue(port).isEmpty()) {
            return false;
        }
        Source source = sources.get(sourceOf(labels));
        return source != null && source.folded;
    }

    private List<String> sourceOf(Labels labels) {
        List<String> source = new ArrayList<>(names.length);
        for (int i = 0; i < names.length; i++) {
            if (names[i].startsWith("src_")) {
                source.add(labels.getValue(i));
            }
        }
        return source;
    }

    private Labels withOtherPort(Labels labels) {
        String[] values = new String[names.length];
        for (int i = 0; i < names.length; i++) {
            values[i] = i == port ? OTHER_PORT : labels.getValue(i);
        }
        return Labels.of(names, values);
    }
}
