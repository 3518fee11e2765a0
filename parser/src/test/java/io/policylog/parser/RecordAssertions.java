package io.policylog.parser;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.OffsetDateTime;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Compares everything a record says with the normalized tree. */
final class RecordAssertions {
    private RecordAssertions() {}

    static void assertFields(PolicyRecord record, Oracle.@Nullable Obj tree) {
        for (Field field : Field.values()) {
            Oracle.Node node = find(tree, List.of(field.path().split("\\.")));
            assertEquals(node != null, record.has(field), field.path());
            assertEquals(text(node), record.text(field), field.path());
            if (node != null) {
                String slice = new String(record.array(field), record.offset(field), record.length(field), UTF_8);
                assertEquals(node.write(), node instanceof Oracle.Text ? '"' + slice + '"' : slice, field.path());
            }
        }
        assertEquals(number(tree, "connection", "src_port"), record.srcPort());
        assertEquals(number(tree, "connection", "dest_port"), record.destPort());
        assertEquals(number(tree, "count"), record.count());
        String time = text(find(tree, List.of("timestamp")));
        OffsetDateTime expected = Oracle.time(time == null ? "" : time);
        assertEquals(expected.toEpochSecond(), record.epochSecond());
        assertEquals(expected.getNano(), record.nano());
        boolean egress = "egress".equals(text(find(tree, List.of("connection", "direction"))));
        assertEquals(egress ? Side.SRC : Side.DEST, record.enforcedSide());
        List<Oracle.Node> policies =
                find(tree, List.of("policies")) instanceof Oracle.Arr array ? array.elements() : List.of();
        assertEquals(policies.size(), record.policyCount());
        for (int i = 0; i < policies.size(); i++) {
            for (PolicyField field : PolicyField.values()) {
                Oracle.Node node = find(policies.get(i), List.of(field.key()));
                assertEquals(node != null, record.has(i, field), field.key());
                assertEquals(text(node), record.text(i, field), field.key());
                if (node != null) {
                    String slice =
                            new String(record.array(i, field), record.offset(i, field), record.length(i, field), UTF_8);
                    assertEquals(node.write(), node instanceof Oracle.Text ? '"' + slice + '"' : slice, field.key());
                }
            }
        }
    }

    private static Oracle.@Nullable Node find(Oracle.@Nullable Node tree, List<String> path) {
        Oracle.Node node = tree;
        for (String key : path) {
            node = node instanceof Oracle.Obj object ? object.get(key) : null;
        }
        return node;
    }

    private static @Nullable String text(Oracle.@Nullable Node node) {
        return switch (node) {
            case null -> null;
            case Oracle.Text text -> text.value();
            case Oracle.Node other -> other.write();
        };
    }

    private static long number(Oracle.@Nullable Obj tree, String... path) {
        return find(tree, List.of(path)) instanceof Oracle.Other number ? Long.parseLong(number.raw()) : 0;
    }
}
