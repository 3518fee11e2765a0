package io.policylog.parser.filter;

import io.policylog.parser.EntryMetadata;
import io.policylog.parser.Field;
import io.policylog.parser.PolicyField;
import io.policylog.parser.PolicyRecord;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A compiled part of a query. {@code unknown} collects the names of the fields that could not be judged. */
sealed interface Condition {
    Verdict test(PolicyRecord record, EntryMetadata metadata);

    record Constant(Verdict verdict) implements Condition {
        @Override
        public Verdict test(PolicyRecord record, EntryMetadata metadata) {
            return verdict;
        }
    }

    record Not(Condition operand) implements Condition {
        @Override
        public Verdict test(PolicyRecord record, EntryMetadata metadata) {
            return operand.test(record, metadata).not();
        }
    }

    /** AND, whose {@code decisive} verdict is FALSE, or OR, whose is TRUE: it ends the evaluation. */
    final class Several implements Condition {
        private final Verdict decisive;
        private final Condition[] operands;

        Several(Verdict decisive, List<Condition> operands) {
            this.decisive = decisive;
            this.operands = operands.toArray(Condition[]::new);
        }

        @Override
        public Verdict test(PolicyRecord record, EntryMetadata metadata) {
            Verdict result = decisive.not();
            for (Condition operand : operands) {
                Verdict verdict = operand.test(record, metadata);
                if (verdict == decisive) {
                    return decisive;
                }
                if (verdict == Verdict.UNKNOWN) {
                    result = Verdict.UNKNOWN;
                }
            }
            return result;
        }
    }

    /** A known field that holds text. */
    record Text(Field field, ValueTest test) implements Condition {
        @Override
        public Verdict test(PolicyRecord record, EntryMetadata metadata) {
            return Verdict.of(record.has(field)
                    && test.value(
                            ValueTest.Kind.STRING, record.array(field), record.offset(field), record.length(field)));
        }
    }

    /** A port or the count. */
    record PortOrCount(Field field, ValueTest.Compare test) implements Condition {
        @Override
        public Verdict test(PolicyRecord record, EntryMetadata metadata) {
            if (!record.has(field)) {
                return Verdict.FALSE;
            }
            long value = switch (field) {
                case SRC_PORT -> record.srcPort();
                case DEST_PORT -> record.destPort();
                case COUNT -> record.count();
                default -> throw new IllegalStateException(field.path());
            };
            return Verdict.of(test.integer(value));
        }
    }

    /** A known field of the policies: any of them satisfies it. */
    record Policy(PolicyField field, ValueTest test) implements Condition {
        @Override
        public Verdict test(PolicyRecord record, EntryMetadata metadata) {
            ValueTest.Kind kind = field == PolicyField.REVISION ? ValueTest.Kind.NUMBER : ValueTest.Kind.STRING;
            for (int i = 0; i < record.policyCount(); i++) {
                if (record.has(i, field)
                        && test.value(kind, record.array(i, field), record.offset(i, field), record.length(i, field))) {
                    return Verdict.TRUE;
                }
            }
            return Verdict.FALSE;
        }
    }

    /** Any other path of the record. */
    record Json(JsonWalker walker, ValueTest test) implements Condition {
        @Override
        public Verdict test(PolicyRecord record, EntryMetadata metadata) {
            return Verdict.of(walker.walk(record.json(), record.jsonOffset(), test));
        }
    }

    /** {@code resource.labels.node_name}: the record's node, else the one this agent runs on. */
    record NodeName(String field, ValueTest test, @Nullable String otherwise, Set<String> unknown)
            implements Condition {
        @Override
        public Verdict test(PolicyRecord record, EntryMetadata metadata) {
            if (record.has(Field.NODE_NAME)) {
                return Verdict.of(test.value(
                        ValueTest.Kind.STRING,
                        record.array(Field.NODE_NAME),
                        record.offset(Field.NODE_NAME),
                        record.length(Field.NODE_NAME)));
            }
            return text(field, test, otherwise, unknown);
        }
    }

    record InsertId(ValueTest test, Set<String> unknown) implements Condition {
        @Override
        public Verdict test(PolicyRecord record, EntryMetadata metadata) {
            return text("insertId", test, metadata.insertId(), unknown);
        }
    }

    record Time(TimeTest test) implements Condition {
        @Override
        public Verdict test(PolicyRecord record, EntryMetadata metadata) {
            return Verdict.of(test.test(record.epochSecond(), record.nano()));
        }
    }

    record ReceiveTime(TimeTest test, Set<String> unknown) implements Condition {
        @Override
        public Verdict test(PolicyRecord record, EntryMetadata metadata) {
            Instant time = metadata.receiveTimestamp();
            if (time == null) {
                unknown.add("receiveTimestamp");
                return Verdict.UNKNOWN;
            }
            return Verdict.of(test.test(time.getEpochSecond(), time.getNano()));
        }
    }

    /** A test of {@code receiveTimestamp} as text. */
    record ReceiveTimeText(ValueTest test, Set<String> unknown) implements Condition {
        @Override
        public Verdict test(PolicyRecord record, EntryMetadata metadata) {
            Instant time = metadata.receiveTimestamp();
            return text("receiveTimestamp", test, time == null ? null : time.toString(), unknown);
        }
    }

    /** A value alone. What is not known is not searched; the identity is built last, since that costs. */
    record Anywhere(JsonWalker walker, ValueTest test) implements Condition {
        @Override
        public Verdict test(PolicyRecord record, EntryMetadata metadata) {
            if (walker.walk(record.json(), record.jsonOffset(), test)) {
                return Verdict.TRUE;
            }
            String insertId = metadata.insertId();
            return Verdict.of(insertId != null && test.text(insertId));
        }
    }

    /** {@code SEARCH}. The words may also stand in the texts that are the same for each record. */
    record Search(JsonWalker walker, SearchWords words, List<String> texts) implements Condition {
        @Override
        public Verdict test(PolicyRecord record, EntryMetadata metadata) {
            words.begin();
            for (String text : texts) {
                if (words.visit(text)) {
                    return Verdict.TRUE;
                }
            }
            return Verdict.of(walker.walk(record.json(), record.jsonOffset(), words));
        }
    }

    private static Verdict text(String field, ValueTest test, @Nullable String value, Set<String> unknown) {
        if (value == null) {
            unknown.add(field);
            return Verdict.UNKNOWN;
        }
        return Verdict.of(test.text(value));
    }
}
