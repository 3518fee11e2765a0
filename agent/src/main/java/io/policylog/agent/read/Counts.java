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
import java.util.stream.IntStream;

/**
 * Adds up the connections that the selected records stand for, by the values of some fields, and prints a table of them,
 * the most frequent first.
 */
final class Counts implements RecordConsumer {
    /** More different values are counted together. */
    static final int MAX_GROUPS = 50_000;

    /** A column is not made narrower than this to fit a terminal. */
    private static final int LEAST_WIDTH = 8;

    private static final String OTHERS = "(others)";
    private static final String GAP = "  ";
    private static final String HEADING = "COUNT";

    private final Selection selection;
    private final List<CountField> fields;
    private final OutputKind kind;
    private final boolean wide;
    private final Shell shell;
    private final OutputStream out;
    private final long limit;
    private final Map<List<String>, Long> groups = new HashMap<>();

    /**
     * @param kind a table, or JSON: one object a line
     * @param wide whether the table is shown as wide as it is, also on a terminal that is narrower
     * @param limit the most rows that are printed
     */
    Counts(
            Selection selection,
            List<CountField> fields,
            OutputKind kind,
            boolean wide,
            Shell shell,
            OutputStream out,
            long limit) {
        this.selection = selection;
        this.fields = List.copyOf(fields);
        this.kind = kind;
        this.wide = wide;
        this.shell = shell;
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
        for (String line : kind == OutputKind.json ? json(rows) : table(rows)) {
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
        if (shell.outIsTerminal() && !wide) {
            fit(widths, shell.width().getAsInt());
        }
        return cells.stream()
                .map(line -> line(line, widths))
                .map(line -> shell.ascii() ? Printable.ascii(line) : line)
                .toList();
    }

    /** Makes the widest columns narrower until a line fits, if it can. */
    private static void fit(int[] widths, int terminalWidth) {
        int tooMuch = IntStream.of(widths).sum() + GAP.length() * (widths.length - 1) - terminalWidth;
        for (; terminalWidth > 0 && tooMuch > 0; tooMuch--) {
            int widest = 1;
            for (int i = 2; i < widths.length; i++) {
                widest = widths[i] > widths[widest] ? i : widest;
            }
            if (widths[widest] <= LEAST_WIDTH) {
                return;
            }
            widths[widest]--;
        }
    }

    private static String line(List<String> cells, int[] widths) {
        StringBuilder line = new StringBuilder();
        for (int i = 0; i < widths.length; i++) {
            String cell = Printable.cut(cells.get(i), widths[i]);
            String blanks = " ".repeat(widths[i] - codePoints(cell));
            line.append(i == 0 ? "" : GAP);
            line.append(i == 0 ? blanks + cell : cell + blanks);
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
        return Printable.json(members.toString());
    }
}
