package io.policylog.agent.read;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import io.policylog.parser.PolicyRecord;
import io.policylog.parser.Printable;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Adds up the connections that the selected records stand for, by the values of some fields, and prints a table of them,
 * the most frequent first.
 */
final class Counts implements RecordConsumer {
    /** More different values are counted together. */
    static final int MAX_GROUPS = 50_000;

    private static final String OTHERS = "(others)";
    private static final String GAP = "  ";
    private static final String HEADING = "COUNT";

    private final Selection selection;
    private final List<CountField> fields;
    private final boolean json;
    private final OutputStream out;
    private final long limit;
    private final Map<List<String>, Long> groups = new HashMap<>();

    /**
     * @param json whether the table is written as JSON, one object a line
     * @param limit the most rows that are printed
     */
    Counts(Selection selection, List<CountField> fields, boolean json, OutputStream out, long limit) {
        this.selection = selection;
        this.fields = List.copyOf(fields);
        this.json = json;
        this.out = out;
        this.limit = limit;
    }

    @Override
    public boolean record(PolicyRecord record, Origin origin) {
        if (selection.accepts(record, origin)) {
            List<String> key =
                    fields.stream().map(field -> field.value().apply(record)).toList();
            boolean full = groups.size() >= MAX_GROUPS && !groups.containsKey(key);
            groups.merge(full ? fields.stream().map(field -> OTHERS).toList() : key, record.count(), Long::sum);
        }
        return true;
    }

    @Override
    public void finish() throws IOException {
        List<Map.Entry<List<String>, Long>> rows = groups.entrySet().stream()
                .sorted(Comparator.comparingLong((Map.Entry<List<String>, Long> row) -> -row.getValue())
                        .thenComparing(row -> String.join("\0", row.getKey())))
                .limit(limit)
                .toList();
        for (String line : json ? json(rows) : table(rows)) {
            out.write((line + "\n").getBytes(UTF_8));
        }
    }

    private List<String> table(List<Map.Entry<List<String>, Long>> rows) {
        List<List<String>> cells = new ArrayList<>();
        List<String> heading = new ArrayList<>(List.of(HEADING));
        fields.forEach(field -> heading.add(field.path()));
        cells.add(heading);
        for (Map.Entry<List<String>, Long> row : rows) {
            List<String> line = new ArrayList<>(List.of(Long.toString(row.getValue())));
            row.getKey().forEach(value -> line.add(value.isEmpty() ? "-" : Printable.of(value)));
            cells.add(line);
        }
        int[] widths = new int[fields.size() + 1];
        for (List<String> line : cells) {
            for (int i = 0; i < widths.length; i++) {
                widths[i] = Math.max(widths[i], codePoints(line.get(i)));
            }
        }
        return cells.stream().map(line -> line(line, widths)).toList();
    }

    private static String line(List<String> cells, int[] widths) {
        StringBuilder line = new StringBuilder();
        for (int i = 0; i < widths.length; i++) {
            String blanks = " ".repeat(widths[i] - codePoints(cells.get(i)));
            line.append(i == 0 ? "" : GAP);
            line.append(i == 0 ? blanks + cells.get(i) : cells.get(i) + blanks);
        }
        return line.toString().stripTrailing();
    }

    private static int codePoints(String text) {
        return text.codePointCount(0, text.length());
    }

    private List<String> json(List<Map.Entry<List<String>, Long>> rows) {
        return rows.stream()
                .map(row -> "{\"count\":" + row.getValue() + members(row.getKey()) + "}")
                .toList();
    }

    private String members(List<String> values) {
        StringBuilder members = new StringBuilder();
        for (int i = 0; i < values.size(); i++) {
            members.append(",\"").append(fields.get(i).path()).append("\":\"");
            members.append(JsonStringEncoder.getInstance().quoteAsString(values.get(i)))
                    .append('"');
        }
        return members.toString()
                .codePoints()
                .mapToObj(c -> Printable.isPrintable(c) ? Character.toString(c) : escaped(c))
                .collect(Collectors.joining());
    }

    private static String escaped(int codePoint) {
        StringBuilder escaped = new StringBuilder();
        for (char unit : Character.toChars(codePoint)) {
            escaped.append(String.format("\\u%04x", (int) unit));
        }
        return escaped.toString();
    }
}
