package io.policylog.sinks.prometheus;

import io.policylog.parser.Field;
import io.policylog.parser.PolicyField;
import io.policylog.parser.PolicyRecord;
import io.policylog.parser.Side;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The two metrics of a sink. A record's series is found by the raw bytes of the fields that decide it; only bytes that
 * were not seen before are made into label values. Confined to the pipeline's thread.
 */
final class Counters {
    /** The labels of the matches metric, in the order of their names. */
    static final List<String> MATCH_LABELS = List.of("direction", "policy_kind", "policy_name", "policy_namespace");

    /** Raw keys kept for each allowed series. */
    private static final int KEYS_PER_SERIES = 2;

    private static final byte[] ALLOW = {'a', 'l', 'l', 'o', 'w'};

    private final List<ConnectionLabel> labels;
    private final Field[] keyFields;
    private final boolean matchesCounted;
    private final KeyBuffer key;
    private final Metric connections;
    private final Metric matches;
    private final SeriesMeters meters;
    private final String[] values;
    private final byte[] shapes = new byte[1];
    private final String[] recent = new String[512];
    private long nowSecond;

    private final class Metric {
        private final SeriesTable table;
        private final KeyCache keys;

        private Metric(List<String> names, int maxSeries) {
            keys = new KeyCache(maxSeries * KEYS_PER_SERIES);
            table = new SeriesTable(names, maxSeries, meters, () -> keys.clear(nowSecond));
        }

        /** Counts for the key; false if it leads to no series yet. */
        private boolean add(long hash, long count) {
            return key.isComplete() && keys.add(key, hash, count);
        }

        /** Counts for the series of these label values, to which the key leads from now on. */
        private void add(String[] labelValues, long hash, long count) {
            Series found = table.resolve(labelValues, nowSecond);
            found.add(count, nowSecond);
            if (table.isOverflow(found)) {
                // Not remembered: as soon as there is room it gets a series of its own.
                meters.overflow().increment();
            } else if (key.isComplete()) {
                keys.put(key, hash, found, nowSecond);
            }
        }

        private SeriesTable settled() {
            keys.settle(nowSecond);
            return table;
        }
    }

    Counters(CounterSettings settings, SeriesMeters meters) {
        this.labels = settings.labels();
        Set<Field> fields = EnumSet.noneOf(Field.class);
        labels.forEach(label -> fields.addAll(label.fields()));
        this.keyFields = fields.toArray(Field[]::new);
        this.key = new KeyBuffer(Math.max(keyFields.length + 1, MATCH_LABELS.size()));
        this.matchesCounted = settings.matchesMetric().isPresent();
        this.meters = meters;
        this.connections = new Metric(settings.labelNames(), settings.maxSeries());
        this.matches = new Metric(MATCH_LABELS, settings.maxSeries());
        this.values = new String[labels.size()];
    }

    /** The series of the connections metric, up to date. */
    SeriesTable connections() {
        return connections.settled();
    }

    /** The series of the matches metric, up to date. */
    SeriesTable matches() {
        return matches.settled();
    }

    /** What time it is from now on, in seconds since the epoch. */
    void now(long second) {
        nowSecond = second;
    }

    /** Counts a record, which stands for {@link PolicyRecord#count} connections. */
    void add(PolicyRecord record) {
        long count = record.count();
        addConnection(record, count);
        int policies = record.policyCount();
        if (policies > 0 && matchesCounted && isAllowed(record)) {
            for (int policy = 0; policy < policies; policy++) {
                addMatch(record, policy, count);
            }
        }
    }

    private void addConnection(PolicyRecord record, long count) {
        key.clear();
        for (Field field : keyFields) {
            addToKey(record, field);
        }
        shapes[0] = (byte) (ConnectionLabel.shape(record, Side.SRC) << 2 | ConnectionLabel.shape(record, Side.DEST));
        key.add(shapes, 0, shapes.length);
        key.end();
        long hash = key.hash();
        if (!connections.add(hash, count)) {
            for (int i = 0; i < values.length; i++) {
                values[i] = value(labels.get(i).value(record));
            }
            connections.add(values, hash, count);
        }
    }

    private void addMatch(PolicyRecord record, int policy, long count) {
        key.clear();
        addToKey(record, Field.DIRECTION);
        addToKey(record, policy, PolicyField.KIND);
        addToKey(record, policy, PolicyField.NAME);
        addToKey(record, policy, PolicyField.NAMESPACE);
        key.end();
        long hash = key.hash();
        if (!matches.add(hash, count)) {
            String[] matchValues = {
                value(record.text(Field.DIRECTION)),
                value(record.text(policy, PolicyField.KIND)),
                value(record.text(policy, PolicyField.NAME)),
                value(record.text(policy, PolicyField.NAMESPACE))
            };
            matches.add(matchValues, hash, count);
        }
    }

    private void addToKey(PolicyRecord record, Field field) {
        if (record.has(field)) {
            key.add(record.array(field), record.offset(field), record.length(field));
        } else {
            key.addEmpty();
        }
    }

    private void addToKey(PolicyRecord record, int policy, PolicyField field) {
        if (record.has(policy, field)) {
            key.add(record.array(policy, field), record.offset(policy, field), record.length(policy, field));
        } else {
            key.addEmpty();
        }
    }

    /** The label value of a text, where possible the same object as before: most values occur in many series. */
    private String value(@Nullable String text) {
        if (text == null || text.isEmpty()) {
            return "";
        }
        String value = LabelValue.of(text);
        int slot = value.hashCode() & recent.length - 1;
        String same = recent[slot];
        if (value.equals(same)) {
            return same;
        }
        recent[slot] = value;
        return value;
    }

    private static boolean isAllowed(PolicyRecord record) {
        int from = record.offset(Field.DISPOSITION);
        int to = from + record.length(Field.DISPOSITION);
        return Arrays.equals(record.array(Field.DISPOSITION), from, to, ALLOW, 0, ALLOW.length)
                || "allow".equals(record.text(Field.DISPOSITION));
    }
}
