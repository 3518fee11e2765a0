package io.policylog.parser.filter;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import io.policylog.parser.Field;
import io.policylog.parser.PolicyField;
import io.policylog.parser.ResourceLabels;
import io.policylog.parser.filter.Expression.And;
import io.policylog.parser.filter.Expression.Call;
import io.policylog.parser.filter.Expression.Comparison;
import io.policylog.parser.filter.Expression.Not;
import io.policylog.parser.filter.Expression.Or;
import io.policylog.parser.filter.Expression.Path;
import io.policylog.parser.filter.Expression.Restriction;
import io.policylog.parser.filter.Expression.Value;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Gives a query its meaning: finds out what each field is, and checks each comparison against that. */
final class FilterCompiler {
    /** How large the programs of a query's regular expressions may become together, in instructions. */
    private static final int MAX_REGEX_SIZE = 5_000;

    /** How many results a query's regular expressions remember together. */
    private static final int REMEMBERED_RESULTS = 1 << 14;

    private static final int MIN_REMEMBERED = 1 << 4;
    private static final int MAX_REMEMBERED = 1 << 12;

    private static final List<String> SEVERITIES =
            List.of("DEFAULT", "DEBUG", "INFO", "NOTICE", "WARNING", "ERROR", "CRITICAL", "ALERT", "EMERGENCY");
    private static final int SEVERITY_STEP = 100;
    private static final String SEVERITY = "DEFAULT";

    private final String query;
    private final FilterContext context;
    private final List<String> warnings;
    private final Set<String> unknownFields;
    private int regexSize;
    private int remembered;

    FilterCompiler(String query, FilterContext context, List<String> warnings, Set<String> unknownFields) {
        this.query = query;
        this.context = context;
        this.warnings = warnings;
        this.unknownFields = unknownFields;
    }

    Condition compile(Expression expression) throws FilterException {
        int patterns = Math.max(1, patterns(expression));
        remembered = Integer.highestOneBit(Math.clamp(REMEMBERED_RESULTS / patterns, MIN_REMEMBERED, MAX_REMEMBERED));
        return condition(expression);
    }

    private static int patterns(Expression expression) {
        return switch (expression) {
            case And and ->
                and.operands().stream().mapToInt(FilterCompiler::patterns).sum();
            case Or or ->
                or.operands().stream().mapToInt(FilterCompiler::patterns).sum();
            case Not not -> patterns(not.operand());
            case Comparison comparison -> comparison.operator().isRegex() ? 1 : 0;
            case Restriction _, Call _ -> 0;
        };
    }

    private Condition condition(Expression expression) throws FilterException {
        return switch (expression) {
            case And and -> several(Verdict.FALSE, and.operands());
            case Or or -> several(Verdict.TRUE, or.operands());
            case Not not -> {
                Condition operand = condition(not.operand());
                yield operand instanceof Condition.Constant(Verdict verdict)
                        ? new Condition.Constant(verdict.not())
                        : new Condition.Not(operand);
            }
            case Comparison comparison -> comparison(comparison);
            case Restriction restriction -> restriction(restriction.value());
            case Call call -> call(call);
        };
    }

    private Condition several(Verdict decisive, List<Expression> expressions) throws FilterException {
        List<Condition> operands = new ArrayList<>();
        boolean decided = false;
        for (Expression expression : expressions) {
            // All are compiled, so that an error behind the decisive one is found too.
            Condition operand = condition(expression);
            decided |= operand instanceof Condition.Constant(Verdict verdict) && verdict == decisive;
            if (!(operand instanceof Condition.Constant(Verdict verdict) && verdict == decisive.not())) {
                operands.add(operand);
            }
        }
        if (decided || operands.isEmpty()) {
            return new Condition.Constant(decided ? decisive : decisive.not());
        }
        return operands.size() == 1 ? operands.getFirst() : new Condition.Several(decisive, operands);
    }

    private Condition comparison(Comparison comparison) throws FilterException {
        Operator operator = comparison.operator();
        Value value = comparison.value();
        boolean isPresence = operator == Operator.HAS && value.isUnquoted("*");
        if (!isPresence && value.isUnquoted("*") && !operator.isRegex()) {
            warn(value.at(), "* is compared as a star; whether a field is there asks " + comparison.field() + ":*");
        }
        if (!isPresence && isTime(comparison.field())) {
            return time(comparison);
        }
        if (!isPresence && isEntryField(comparison.field(), "severity") && !operator.isRegex()) {
            return severity(operator, value);
        }
        return bind(comparison.field(), isPresence ? new ValueTest.Present() : test(comparison));
    }

    private ValueTest test(Comparison comparison) throws FilterException {
        Operator operator = comparison.operator();
        Value value = comparison.value();
        String text = value.text();
        if (value.isUnquoted("NULL_VALUE")
                && (operator == Operator.EQUAL || operator == Operator.HAS || operator == Operator.NOT_EQUAL)) {
            return new ValueTest.IsNull(operator != Operator.NOT_EQUAL);
        }
        if (operator.isRegex()) {
            return new ValueTest.Compare(operator, regex(value), null, null);
        }
        NumberTest number = NumberTest.of(operator, text);
        if (number == null && isNumber(comparison.field())) {
            throw error(value.at(), comparison.field() + " is a number; \"" + text + "\" is not");
        }
        TextTest test = switch (operator) {
            case EQUAL, NOT_EQUAL -> new TextEquals(text);
            case HAS -> new TextContains(text);
            default -> new TextOrder(operator, text);
        };
        Boolean bool = switch (text.toLowerCase(Locale.ROOT)) {
            case "true" -> Boolean.TRUE;
            case "false" -> Boolean.FALSE;
            default -> null;
        };
        return new ValueTest.Compare(operator, test, number, bool);
    }

    private TextTest regex(Value value) throws FilterException {
        regexSize = (int) Math.min((long) regexSize + RegexSize.of(value.text()), Integer.MAX_VALUE);
        if (regexSize > MAX_REGEX_SIZE) {
            throw error(value.at(), "the regular expressions are too large; repeat or nest less");
        }
        try {
            return new TextMatches(Pattern.compile(value.text()), new ValueCache(remembered));
        } catch (PatternSyntaxException e) {
            throw error(value.at(), "not a regular expression (RE2): " + e.getMessage());
        }
    }

    private Condition time(Comparison comparison) throws FilterException {
        Operator operator = comparison.operator();
        Value value = comparison.value();
        if (operator.isRegex()) {
            throw error(
                    comparison.field().at(), comparison.field() + " is a time; compare it with =, !=, <, <=, > or >=");
        }
        TimeTest test = TimeTest.of(operator, value.text(), context.time());
        if (test == null) {
            throw error(
                    value.at(),
                    "\"" + value.text() + "\" is not a time; write \"2024-08-20T14:02:57Z\", \"2024-08-20\" or,"
                            + " counted from now, \"-5m\"");
        }
        return isEntryField(comparison.field(), "timestamp")
                ? new Condition.Time(test)
                : new Condition.ReceiveTime(test, unknownFields);
    }

    private Condition severity(Operator operator, Value value) throws FilterException {
        int ordinal = SEVERITIES.indexOf(value.text().toUpperCase(Locale.ROOT));
        NumberTest number = ordinal >= 0
                ? NumberTest.of(operator, Integer.toString(ordinal * SEVERITY_STEP))
                : NumberTest.of(operator, value.text());
        if (number == null) {
            throw error(
                    value.at(),
                    "\"" + value.text() + "\" is not a severity; they are " + String.join(", ", SEVERITIES));
        }
        return constant(number.test((long) SEVERITIES.indexOf(SEVERITY) * SEVERITY_STEP));
    }

    private Condition restriction(Value value) {
        ValueTest test = new ValueTest.Compare(
                Operator.HAS,
                new TextContains(value.text()),
                NumberTest.of(Operator.HAS, value.text()),
                value.text().equalsIgnoreCase("true")
                        ? Boolean.TRUE
                        : value.text().equalsIgnoreCase("false") ? Boolean.FALSE : null);
        return entryTexts().anyMatch(test::text)
                ? constant(true)
                : new Condition.Anywhere(new JsonWalker(List.of()), test);
    }

    /** What is the same in the entry of every record, as far as it is known. */
    private Stream<String> entryTexts() {
        ResourceLabels labels = context.labels();
        String logName = labels.logName();
        return Stream.of(
                        SEVERITY,
                        ResourceLabels.RESOURCE_TYPE,
                        labels.projectId(),
                        labels.location(),
                        labels.clusterName(),
                        labels.nodeName(),
                        logName == null ? "/logs/" + ResourceLabels.LOG_ID : logName)
                .filter(Objects::nonNull);
    }

    private Condition call(Call call) throws FilterException {
        List<Value> arguments = call.arguments();
        return switch (call.function().toLowerCase(Locale.ROOT)) {
            case "ip_in_net" -> {
                checkArguments(call, "a field and a network", 2, 2);
                IpNetwork network = IpNetwork.of(arguments.get(1).text());
                if (network == null) {
                    throw error(
                            arguments.get(1).at(),
                            "\"" + arguments.get(1).text()
                                    + "\" is not a network; write \"10.0.0.0/8\" or \"2001:db8::/32\"");
                }
                yield bind(field(arguments.get(0)), new ValueTest.Function(network));
            }
            case "log_id" -> {
                checkArguments(call, "the last part of a log's name", 1, 1);
                yield constant(
                        ResourceLabels.LOG_ID.equalsIgnoreCase(arguments.get(0).text()));
            }
            case "sample" -> {
                checkArguments(call, "a field and a fraction", 2, 2);
                yield bind(
                        field(arguments.get(0)), new ValueTest.Function(new StableSample(fraction(arguments.get(1)))));
            }
            case "search" -> {
                checkArguments(call, "the words to search for, and before them a field if only it is searched", 1, 2);
                yield search(arguments);
            }
            default ->
                throw error(
                        call.at(),
                        "there is no function " + call.function()
                                + " here; there are ip_in_net, log_id, sample and SEARCH");
        };
    }

    private void checkArguments(Call call, String takes, int min, int max) throws FilterException {
        int count = call.arguments().size();
        if (count < min || count > max) {
            throw error(
                    call.at(),
                    call.function() + " takes " + takes + "; it was given " + count
                            + (count == 1 ? " argument" : " arguments"));
        }
    }

    private double fraction(Value value) throws FilterException {
        NumberTest atLeastZero = NumberTest.of(Operator.LESS_OR_EQUAL, value.text());
        double fraction = atLeastZero == null ? -1 : Double.parseDouble(value.text());
        if (fraction < 0 || fraction > 1) {
            throw error(value.at(), "\"" + value.text() + "\" is not a fraction from 0 to 1");
        }
        return fraction;
    }

    private Path field(Value value) throws FilterException {
        if (value.path().names().contains("")) {
            throw error(value.at(), "\"" + value.text() + "\" is not a field");
        }
        return value.path();
    }

    private Condition search(List<Value> arguments) throws FilterException {
        Value text = arguments.getLast();
        SearchWords words = new SearchWords(text.text());
        if (words.isEmpty()) {
            throw error(text.at(), "there is no word to search for");
        }
        if (arguments.size() == 1) {
            return new Condition.Search(
                    new JsonWalker(List.of()), words, entryTexts().toList());
        }
        Path field = field(arguments.getFirst());
        Optional<List<String>> inRecord = recordPath(field);
        if (inRecord.isEmpty()) {
            throw error(field.at(), "SEARCH looks into jsonPayload and its fields, or everywhere");
        }
        warnIfUnknown(field, inRecord.get());
        return new Condition.Search(new JsonWalker(inRecord.get()), words, List.of());
    }

    /** What the test says of the field's value. */
    private Condition bind(Path field, ValueTest test) throws FilterException {
        Optional<List<String>> inRecord = recordPath(field);
        if (inRecord.isPresent()) {
            return bindRecord(field, inRecord.get(), test);
        }
        List<String> names = field.names();
        String name = names.getFirst().toLowerCase(Locale.ROOT);
        if (name.equals("resource")) {
            return bindResource(field, test);
        }
        if (names.size() == 1) {
            switch (name) {
                case "timestamp" -> {
                    return new Condition.Text(Field.TIMESTAMP, test);
                }
                case "receivetimestamp" -> {
                    return new Condition.ReceiveTimeText(test, unknownFields);
                }
                case "insertid" -> {
                    return new Condition.InsertId(test, unknownFields);
                }
                case "severity" -> {
                    return constant(test.text(SEVERITY));
                }
                case "logname" -> {
                    return bindLabel(field, context.labels().logName(), "a project", test);
                }
                default -> {}
            }
        }
        warn(field.at(), "no policy log entry has " + field + "; the comparison is always false");
        return constant(false);
    }

    private Condition bindResource(Path field, ValueTest test) throws FilterException {
        ResourceLabels labels = context.labels();
        List<String> names = field.names();
        String path = String.join(".", names.subList(1, names.size()));
        return switch (path) {
            case "", "labels" -> bindWholeResource(field, path, test);
            case "type" -> constant(test.text(ResourceLabels.RESOURCE_TYPE));
            case "labels.project_id" -> bindLabel(field, labels.projectId(), "a project", test);
            case "labels.location" -> bindLabel(field, labels.location(), "a location", test);
            case "labels.cluster_name" -> bindLabel(field, labels.clusterName(), "a cluster name", test);
            case "labels.node_name" -> {
                if (context.unknownIsError() && labels.nodeName() == null) {
                    throw notKnown(field, "a node name");
                }
                yield new Condition.NodeName(field.toString(), test, labels.nodeName(), unknownFields);
            }
            default -> {
                warnUnknown(field, "resource." + path, "no policy log entry");
                yield constant(false);
            }
        };
    }

    /** {@code resource:*}, or {@code resource:"text"}, which looks at each of its values. */
    private Condition bindWholeResource(Path field, String path, ValueTest test) throws FilterException {
        if (test instanceof ValueTest.Present) {
            return constant(true);
        }
        if (!test.descends()) {
            return constant(false);
        }
        List<Condition> values = new ArrayList<>();
        for (String name : path.isEmpty()
                ? List.of("type", "labels.project_id", "labels.location", "labels.cluster_name", "labels.node_name")
                : List.of("labels.project_id", "labels.location", "labels.cluster_name", "labels.node_name")) {
            List<String> names = Arrays.asList(("resource." + name).split("\\."));
            Condition value = bindResource(new Path(names, field.at()), test);
            if (value.equals(constant(true))) {
                return value;
            }
            values.add(value);
        }
        return new Condition.Several(Verdict.TRUE, values);
    }

    private Condition bindLabel(Path field, @Nullable String value, String what, ValueTest test)
            throws FilterException {
        if (value != null) {
            return constant(test.text(value));
        }
        if (context.unknownIsError()) {
            throw notKnown(field, what);
        }
        unknownFields.add(field.toString());
        return new Condition.Constant(Verdict.UNKNOWN);
    }

    private FilterException notKnown(Path field, String what) {
        return error(field.at(), field + " is not known here: " + what + " is not configured");
    }

    private Condition bindRecord(Path field, List<String> names, ValueTest test) {
        warnIfUnknown(field, names);
        String path = known(names);
        Optional<PolicyField> policyField = FieldNames.policyField(path);
        if (policyField.isPresent()) {
            return new Condition.Policy(policyField.get(), test);
        }
        Optional<Field> known = FieldNames.field(path);
        if (known.isEmpty()) {
            return new Condition.Json(new JsonWalker(names), test);
        }
        if (!isNumber(field)) {
            return new Condition.Text(known.get(), test);
        }
        return test instanceof ValueTest.Compare compare
                ? new Condition.PortOrCount(known.get(), compare)
                : new Condition.Json(new JsonWalker(names), test);
    }

    /** The path within the record, if the field is one of it: below {@code jsonPayload}, or bare. */
    private static Optional<List<String>> recordPath(Path field) {
        List<String> names = field.names();
        if (names.getFirst().equalsIgnoreCase("jsonPayload")) {
            return Optional.of(names.subList(1, names.size()));
        }
        return FieldNames.isLogEntry(names.getFirst()) ? Optional.empty() : Optional.of(names);
    }

    /** The names as one path; a name with a dot in it is no known one. */
    private static String known(List<String> names) {
        return names.stream().anyMatch(name -> name.contains(".")) ? "?" : String.join(".", names);
    }

    private void warnIfUnknown(Path field, List<String> names) {
        String path = known(names);
        if (FieldNames.field(path).isEmpty()
                && FieldNames.policyField(path).isEmpty()
                && !FieldNames.isContainer(path)) {
            warnUnknown(field, String.join(".", names), "no known shape of a record");
        }
    }

    private void warnUnknown(Path field, String path, String who) {
        List<String> guesses = FieldNames.guesses(path);
        warn(
                field.at(),
                who + " has " + field
                        + (guesses.isEmpty() ? "" : "; did you mean " + String.join(" or ", guesses) + "?"));
    }

    private static boolean isNumber(Path field) {
        return recordPath(field)
                .map(FilterCompiler::known)
                .filter(path -> path.equals(Field.SRC_PORT.path())
                        || path.equals(Field.DEST_PORT.path())
                        || path.equals(Field.COUNT.path())
                        || FieldNames.policyField(path).equals(Optional.of(PolicyField.REVISION)))
                .isPresent();
    }

    private static boolean isTime(Path field) {
        return isEntryField(field, "timestamp") || isEntryField(field, "receiveTimestamp");
    }

    private static boolean isEntryField(Path field, String name) {
        return field.names().size() == 1 && field.names().getFirst().equalsIgnoreCase(name);
    }

    private static Condition constant(boolean value) {
        return new Condition.Constant(Verdict.of(value));
    }

    private void warn(int offset, String text) {
        warnings.add(FilterException.place(query, offset) + ": " + FilterException.shown(text));
    }

    private FilterException error(int offset, String problem) {
        return new FilterException(query, offset, problem);
    }
}
