package io.policylog.parser.format;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.policylog.parser.EntryMetadata;
import io.policylog.parser.Field;
import io.policylog.parser.PolicyField;
import io.policylog.parser.PolicyRecord;
import io.policylog.parser.Printable;
import io.policylog.parser.Side;
import java.io.IOException;
import java.io.OutputStream;
import org.jspecify.annotations.Nullable;

/**
 * One line a record: time, verdict, direction, source → destination:port/protocol, policies, count; with {@code wide} both
 * pods and the node before the policies.
 *
 * <p>On a terminal source and destination get a share of the line, the policies what is left, and what does not fit ends
 * in {@code …}. Everything from the log is shown in the form of {@link Printable}; only the colour of the verdict is an
 * escape sequence.
 */
final class TableFormat implements RecordFormat {
    private static final int SECONDS_LENGTH = "2024-08-20T14:02:57".length();
    private static final int NANOS_OF_MILLI = 1_000_000;
    private static final int VERDICT_WIDTH = "allow".length();
    private static final int DIRECTION_WIDTH = "ingress".length();
    private static final String GAP = "  ";
    private static final String ARROW = " → ";
    private static final String ASCII_ARROW = " -> ";

    /** A narrower terminal is shown whole seconds. */
    private static final int WIDTH_FOR_MILLIS = 120;

    private static final int LEAST_SOURCE = 12;
    private static final int LEAST_DESTINATION = 16;
    private static final int USUAL_WIDTH = 24;
    private static final int WIDEST = 60;

    private static final String RED = "\u001b[31m";
    private static final String GREEN = "\u001b[32m";
    private static final String NO_COLOUR = "\u001b[0m";

    private final TableOptions options;
    private final boolean isCut;
    private final boolean hasMillis;
    private final TableColumn verdict;
    private final TableColumn direction;
    private final TableColumn source;
    private final TableColumn destination;
    private final TableColumn sourcePod = TableColumn.growing(USUAL_WIDTH, WIDEST);
    private final TableColumn destinationPod = TableColumn.growing(USUAL_WIDTH, WIDEST);
    private final TableColumn node = TableColumn.growing(USUAL_WIDTH, WIDEST);
    private final StringBuilder line = new StringBuilder(200);

    TableFormat(TableOptions options) {
        this.options = options;
        isCut = options.width() > 0 && !options.wide();
        hasMillis = !isCut || options.width() >= WIDTH_FOR_MILLIS;
        if (isCut) {
            int left = options.width()
                    - (SECONDS_LENGTH + (hasMillis ? ".123Z" : "Z").length())
                    - VERDICT_WIDTH
                    - DIRECTION_WIDTH
                    - 3 * GAP.length();
            verdict = TableColumn.fixed(VERDICT_WIDTH);
            direction = TableColumn.fixed(DIRECTION_WIDTH);
            source = TableColumn.fixed(Math.clamp(left * 3 / 10, LEAST_SOURCE, WIDEST));
            destination = TableColumn.fixed(Math.clamp(left * 4 / 10, LEAST_DESTINATION, WIDEST));
        } else {
            verdict = TableColumn.growing(VERDICT_WIDTH, VERDICT_WIDTH);
            direction = TableColumn.growing(DIRECTION_WIDTH, DIRECTION_WIDTH);
            source = TableColumn.growing(USUAL_WIDTH, WIDEST);
            destination = TableColumn.growing(USUAL_WIDTH, WIDEST);
        }
    }

    @Override
    public void write(PolicyRecord record, EntryMetadata metadata, OutputStream out) throws IOException {
        line.setLength(0);
        appendTime(record);
        line.append(GAP);
        int verdictStart = line.length();
        String disposition = text(record, Field.DISPOSITION);
        verdict.append(line, disposition);
        int verdictEnd = line.length();
        line.append(GAP);
        direction.append(line, text(record, Field.DIRECTION));
        line.append(GAP);
        source.append(line, SideName.of(record, Side.SRC));
        line.append(options.ascii() ? ASCII_ARROW : ARROW);
        appendDestination(record);
        line.append(GAP);
        if (options.wide()) {
            sourcePod.append(line, text(record, Field.SRC_POD_NAME));
            line.append(GAP);
            destinationPod.append(line, text(record, Field.DEST_POD_NAME));
            line.append(GAP);
            node.append(line, text(record, Field.NODE_NAME));
            line.append(GAP);
        }
        appendPolicies(record);
        if (options.ascii()) {
            String ascii = Printable.ascii(line);
            line.setLength(0);
            line.append(ascii);
        }
        trim();
        if (options.colour() && verdictEnd <= line.length()) {
            colour(disposition, verdictStart, verdictEnd);
        }
        out.write(line.append('\n').toString().getBytes(UTF_8));
    }

    private void appendTime(PolicyRecord record) {
        line.append(text(record, Field.TIMESTAMP), 0, SECONDS_LENGTH);
        if (hasMillis) {
            int millis = record.nano() / NANOS_OF_MILLI;
            line.append('.').append(millis / 100).append(millis / 10 % 10).append(millis % 10);
        }
        line.append('Z');
    }

    private void appendDestination(PolicyRecord record) {
        String name = SideName.of(record, Side.DEST);
        String protocol = "/" + text(record, Field.PROTOCOL);
        if (record.destPort() == 0) {
            destination.append(line, name, protocol);
        } else {
            // An IPv6 address ends where its bracket does (RFC 3986, section 3.2.2), not at a colon.
            boolean isBracketed = name.indexOf(':') >= 0;
            destination.append(
                    line, isBracketed ? "[" + name : name, (isBracketed ? "]:" : ":") + record.destPort() + protocol);
        }
    }

    private void appendPolicies(PolicyRecord record) {
        StringBuilder names = new StringBuilder();
        for (int i = 0; i < record.policyCount(); i++) {
            String name = record.text(i, PolicyField.NAME);
            if (name != null) {
                names.append(names.isEmpty() ? "" : ",").append(Printable.of(name));
            }
        }
        String count = record.count() > 1 ? "×" + record.count() : "";
        String gap = names.isEmpty() || count.isEmpty() ? "" : GAP;
        if (isCut) {
            int left = options.width() - line.codePointCount(0, line.length()) - gap.length() - count.length();
            line.append(Printable.cut(names.toString(), left));
        } else {
            line.append(names);
        }
        line.append(gap).append(count);
    }

    /** Cuts what is too much even for the least widths, and the blanks at the end. */
    private void trim() {
        if (isCut && line.codePointCount(0, line.length()) > options.width()) {
            String cut = Printable.cut(line.toString(), options.width());
            line.setLength(0);
            line.append(options.ascii() ? cut.replace('…', '~') : cut);
        }
        int end = line.length();
        while (line.charAt(end - 1) == ' ') {
            end--;
        }
        line.setLength(end);
    }

    private void colour(String disposition, int start, int end) {
        String colour = switch (disposition) {
            case "allow" -> GREEN;
            case "deny" -> RED;
            default -> "";
        };
        if (!colour.isEmpty()) {
            line.insert(end, NO_COLOUR).insert(start, colour);
        }
    }

    private static String text(PolicyRecord record, Field field) {
        @Nullable String text = record.text(field);
        return text == null ? "-" : Printable.of(text);
    }
}
