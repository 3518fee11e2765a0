package io.policylog.sinks.prometheus;

import io.policylog.sinks.DurableFile;
import io.policylog.sinks.Position;
import io.policylog.sinks.SinkException;
import io.prometheus.metrics.model.snapshots.Labels;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The durable form of counters and position, which are one fact and therefore one file: after a crash every counter is
 * what it was when the position was committed. Without a state directory the text is kept in memory, so that at least a
 * sink that is opened again goes on from there. Confined to the pipeline's thread.
 *
 * <p>Lines of fields separated by tabs ({@code \\}, {@code \t}, {@code \n} and {@code \r} in a value are escaped): the
 * position; what the counters were made with; then a line for each series, {@code connection} or {@code match}, with
 * count, second of the last change, and the label values in the order of the label names.
 */
final class CounterFile {
    private static final Logger LOG = LoggerFactory.getLogger(CounterFile.class);

    private static final int BLOCK_CHARS = 1 << 13;

    private static final String LABELS = "labels";
    private static final String MATCH_LABELS = "matchLabels";
    private static final String FILTER = "filter";
    private static final String MAX_SERIES = "maxSeries";
    private static final String CONNECTION = "connection";
    private static final String MATCH = "match";

    private final String sink;
    private final CounterSettings settings;
    private final Optional<Path> path;
    private final Optional<DurableFile> file;
    private @Nullable String memory;

    CounterFile(String sink, CounterSettings settings, Optional<Path> path) {
        this.sink = sink;
        this.settings = settings;
        this.path = path;
        this.file = path.map(p -> new DurableFile(p, "counters", 1));
    }

    /** Replaces what was written before. */
    void write(Position position, Counters counters) throws SinkException {
        DurableFile.Text text = out -> {
            StringBuilder block = new StringBuilder(2 * BLOCK_CHARS);
            block.append(position.toText()).append('\n');
            line(block, LABELS, settings.labelNames());
            line(block, MATCH_LABELS, Counters.MATCH_LABELS);
            line(block, FILTER, List.of(settings.filter()));
            line(block, MAX_SERIES, List.of(Integer.toString(settings.maxSeries())));
            series(block, CONNECTION, counters.connections(), out);
            series(block, MATCH, counters.matches(), out);
            out.append(block);
        };
        if (file.isPresent()) {
            file.get().write(text);
        } else {
            StringBuilder written = new StringBuilder();
            try {
                text.writeTo(written);
            } catch (IOException e) {
                throw new UncheckedIOException(e); // A string builder does not throw it.
            }
            memory = written.toString();
        }
    }

    /**
     * Puts back what was written last; series that no longer fit the settings are dropped with a message.
     *
     * @param counters are still empty
     * @return the position; empty when nothing was ever written
     */
    Optional<Position> read(Counters counters, long nowSecond) throws SinkException {
        Restoring restoring = new Restoring(counters);
        try {
            if (file.isPresent()) {
                file.get().read(restoring);
            } else if (memory != null) {
                for (String line : memory.lines().toList()) {
                    restoring.accept(line);
                }
            }
            restoring.end(nowSecond);
        } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
            throw new SinkException(
                    SinkException.Kind.POSITION,
                    false,
                    "the counters file " + path.map(Path::toString).orElse("in memory")
                            + " can't be understood; remove the file to start anew",
                    e);
        }
        return restoring.position;
    }

    /** What the lines of a file lead to. */
    private final class Restoring implements DurableFile.Lines {
        private final Counters counters;
        private Optional<Position> position = Optional.empty();
        private List<String> labels = List.of();
        private List<String> matchLabels = List.of();
        private List<String> filter = List.of();
        private List<String> maxSeries = List.of();
        private int dropped;

        private Restoring(Counters counters) {
            this.counters = counters;
        }

        @Override
        public void accept(String line) throws SinkException {
            if (position.isEmpty()) {
                position = Optional.of(Position.parse(line));
                return;
            }
            List<String> fields = fields(line);
            List<String> rest = fields.subList(1, fields.size());
            switch (fields.getFirst()) {
                case LABELS -> labels = rest;
                case MATCH_LABELS -> matchLabels = rest;
                case FILTER -> filter = rest;
                case MAX_SERIES -> maxSeries = rest;
                case CONNECTION -> {
                    boolean fits = filter.contains(settings.filter()) && labels.equals(settings.labelNames());
                    dropped += fits ? restore(counters.connections(), rest, labels.size()) : 1;
                }
                case MATCH -> {
                    boolean fits = filter.contains(settings.filter()) && matchLabels.equals(Counters.MATCH_LABELS);
                    dropped += fits ? restore(counters.matches(), rest, matchLabels.size()) : 1;
                }
                default -> throw new IllegalArgumentException(fields.getFirst());
            }
        }

        private void end(long nowSecond) {
            dropped += counters.connections().dropSurplus(nowSecond);
            dropped += counters.matches().dropSurplus(nowSecond);
            if (dropped > 0) {
                LOG.warn(
                        "sink {}: {} series were dropped, the position stays: they were counted with labels={} maxSeries={}"
                                + " filter={}, now it is labels={} maxSeries={} filter={}",
                        sink,
                        dropped,
                        labels,
                        maxSeries,
                        filter,
                        settings.labelNames(),
                        settings.maxSeries(),
                        List.of(settings.filter()));
            }
        }
    }

    private static int restore(SeriesTable table, List<String> fields, int labels) {
        if (fields.size() != labels + 2) {
            throw new IllegalArgumentException(fields.toString());
        }
        table.restore(
                fields.subList(2, fields.size()).toArray(String[]::new),
                Long.parseLong(fields.get(0)),
                Long.parseLong(fields.get(1)));
        return 0;
    }

    private static void series(StringBuilder block, String kind, SeriesTable table, Appendable out) throws IOException {
        for (Series series : table.all()) {
            block.append(kind).append('\t').append(series.count()).append('\t').append(series.changedSecond());
            Labels labels = series.labels();
            for (int i = 0; i < labels.size(); i++) {
                escape(block.append('\t'), labels.getValue(i));
            }
            block.append('\n');
            if (block.length() >= BLOCK_CHARS) {
                out.append(block);
                block.setLength(0);
            }
        }
    }

    private static void line(StringBuilder text, String key, List<String> values) {
        text.append(key);
        values.forEach(value -> escape(text.append('\t'), value));
        text.append('\n');
    }

    private static void escape(StringBuilder text, String value) {
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c <= '\r' || c == '\\') {
                escapeFrom(text, value, i);
                return;
            }
        }
        text.append(value);
    }

    private static void escapeFrom(StringBuilder text, String value, int from) {
        text.append(value, 0, from);
        for (int i = from; i < value.length(); i++) {
            char c = value.charAt(i);
            switch (c) {
                case '\\' -> text.append("\\\\");
                case '\t' -> text.append("\\t");
                case '\n' -> text.append("\\n");
                case '\r' -> text.append("\\r");
                default -> text.append(c);
            }
        }
    }

    private static List<String> fields(String line) {
        List<String> fields = new ArrayList<>(List.of(line.split("\t", -1)));
        fields.replaceAll(String::translateEscapes);
        return fields;
    }
}
