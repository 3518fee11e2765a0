package io.policylog.agent.read;

import io.policylog.parser.ResourceLabels;
import io.policylog.parser.format.RecordFormat;
import io.policylog.parser.format.TableOptions;
import java.util.Optional;

/** Chooses the format of each record: a log entry says itself what it belongs to. */
final class Formats {
    private final OutputKind kind;
    private final Shell shell;
    private final RecordFormat format;
    private Optional<ResourceLabels> lastLabels = Optional.empty();
    private RecordFormat lastLogEntry;

    /** @param wide whether the table shows the pods and the node too */
    Formats(OutputKind kind, boolean wide, Shell shell) {
        this.kind = kind;
        this.shell = shell;
        boolean terminal = shell.outIsTerminal();
        this.format = switch (kind) {
            case table -> {
                int width = terminal && !wide ? shell.width().getAsInt() : 0;
                yield RecordFormat.table(new TableOptions(shell.colour(), width, wide, shell.ascii()));
            }
            case json -> json(RecordFormat.json());
            case logentry -> json(RecordFormat.logEntry(ResourceLabels.UNKNOWN));
            case raw -> terminal ? RecordFormat.printable() : RecordFormat.raw();
        };
        this.lastLogEntry = format;
    }

    RecordFormat of(Origin origin) {
        if (kind != OutputKind.logentry) {
            return format;
        }
        ResourceLabels labels = origin.labels();
        if (!lastLabels.equals(Optional.of(labels))) {
            lastLabels = Optional.of(labels);
            lastLogEntry = json(RecordFormat.logEntry(labels));
        }
        return lastLogEntry;
    }

    /** Whether a record's identity is shown. */
    boolean identified() {
        return kind == OutputKind.logentry;
    }

    private RecordFormat json(RecordFormat json) {
        return shell.outIsTerminal() ? RecordFormat.escaped(json) : json;
    }
}
