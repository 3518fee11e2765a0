package io.policylog.parser.filter;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.math.BigDecimal;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Slow and obviously right: what a query says about a record's tree. The project is not known. */
final class TreeEvaluator {
    private final JsonNode record;
    private final String insertId;

    TreeEvaluator(JsonNode record, String insertId) {
        this.record = record;
        this.insertId = insertId;
    }

    Verdict test(Query query) {
        return switch (query) {
            case Query.All all ->
                all.operands().stream().map(this::test).min(Verdict::compareTo).orElseThrow();
            case Query.Any any ->
                any.operands().stream().map(this::test).max(Verdict::compareTo).orElseThrow();
            case Query.No no ->
                switch (test(no.operand())) {
                    case TRUE -> Verdict.FALSE;
                    case FALSE -> Verdict.TRUE;
                    case UNKNOWN -> Verdict.UNKNOWN;
                };
            case Query.Compare compare -> compare(compare);
            case Query.Anywhere anywhere ->
                Verdict.of(Stream.concat(
                                leaves(record).stream(),
                                Stream.of(insertId, "k8s_node", "DEFAULT", "/logs/policy-action")
                                        .map(text -> TextNode.valueOf(text)))
                        .anyMatch(value -> holds(value, ":", anywhere.value())));
            case Query.InNet inNet -> Verdict.of(values(inNet.path()).stream().anyMatch(value -> inNet(value, inNet)));
        };
    }

    private Verdict compare(Query.Compare compare) {
        List<String> path = compare.path();
        String text = compare.value();
        boolean present = compare.operator().equals(":") && !compare.quoted() && text.equals("*");
        return switch (compare.prefix().isEmpty() ? path.getFirst() : "") {
            case "logName" -> Verdict.UNKNOWN;
            case "insertId" -> Verdict.of(present || holds(TextNode.valueOf(insertId), compare.operator(), text));
            case "timestamp" ->
                Verdict.of(present
                        || accepts(
                                compare.operator(),
                                Instant.parse(record.get("timestamp").asText()).compareTo(Instant.parse(text))));
            default -> {
                boolean isNull = !compare.quoted() && text.equals("NULL_VALUE");
                Predicate<JsonNode> test = value -> present
                        || (isNull
                                ? !value.isObject()
                                        && value.isNull() == !compare.operator().equals("!=")
                                : holds(value, compare.operator(), text));
                yield Verdict.of(values(path).stream().anyMatch(test));
            }
        };
    }

    private List<JsonNode> values(List<String> path) {
        List<JsonNode> values = elements(List.of(record));
        for (String name : path) {
            List<JsonNode> next = new ArrayList<>();
            values.stream().filter(value -> value.has(name)).forEach(value -> next.add(value.get(name)));
            values = elements(next);
        }
        return values;
    }

    private static List<JsonNode> elements(List<JsonNode> values) {
        List<JsonNode> elements = new ArrayList<>();
        for (JsonNode value : values) {
            if (value.isArray()) {
                List<JsonNode> inner = new ArrayList<>();
                value.forEach(inner::add);
                elements.addAll(elements(inner));
            } else {
                elements.add(value);
            }
        }
        return elements;
    }

    private static List<JsonNode> leaves(JsonNode value) {
        if (!value.isContainerNode()) {
            return List.of(value);
        }
        List<JsonNode> leaves = new ArrayList<>();
        value.forEach(inner -> leaves.addAll(leaves(inner)));
        return leaves;
    }

    private static boolean holds(JsonNode value, String operator, String literal) {
        boolean negative = operator.startsWith("!");
        if (value.isObject()) {
            return operator.equals(":") && leaves(value).stream().anyMatch(leaf -> holds(leaf, ":", literal));
        }
        if (value.isNull()) {
            return operator.equals("!=");
        }
        if (operator.endsWith("~")) {
            return Pattern.compile(literal).matcher(value.asText()).find() != negative;
        }
        if (value.isNumber()) {
            return isNumber(literal)
                    ? accepts(operator, value.decimalValue().compareTo(new BigDecimal(literal)))
                    : operator.equals("!=");
        }
        if (value.isBoolean()) {
            return (literal.equalsIgnoreCase("true") || literal.equalsIgnoreCase("false"))
                    ? accepts(operator, Boolean.compare(value.asBoolean(), Boolean.parseBoolean(literal)))
                    : operator.equals("!=");
        }
        String text = value.asText();
        return switch (operator) {
            case "=" -> text.equalsIgnoreCase(literal);
            case "!=" -> !text.equalsIgnoreCase(literal);
            case ":" -> contains(text, literal);
            default ->
                accepts(
                        operator,
                        Arrays.compare(
                                text.codePoints().toArray(),
                                literal.codePoints().toArray()));
        };
    }

    private static boolean contains(String text, String literal) {
        for (int at = 0; at + literal.length() <= text.length(); at++) {
            if (text.regionMatches(true, at, literal, 0, literal.length())) {
                return true;
            }
        }
        return false;
    }

    private static boolean isNumber(String literal) {
        try {
            return !new BigDecimal(literal).toString().isEmpty();
        } catch (NumberFormatException e) {
            return false;
        }
    }

    private static boolean accepts(String operator, int comparison) {
        return switch (operator) {
            case "=", ":" -> comparison == 0;
            case "!=" -> comparison != 0;
            case "<" -> comparison < 0;
            case "<=" -> comparison <= 0;
            case ">" -> comparison > 0;
            default -> comparison >= 0;
        };
    }

    /** Only literals reach the JDK's parser, so it asks no name server. */
    private static boolean inNet(JsonNode value, Query.InNet query) {
        if (!value.isTextual() || !value.asText().matches("\\d+(\\.\\d+){3}|[0-9a-f]*:[0-9a-f:.]*")) {
            return false;
        }
        try {
            String[] network = query.network().split("/", -1);
            byte[] net = InetAddress.getByName(network[0]).getAddress();
            byte[] address = InetAddress.getByName(value.asText()).getAddress();
            int bits = Integer.parseInt(network[1]);
            for (int bit = 0; bit < bits && net.length == address.length; bit++) {
                int mask = 0x80 >> bit % 8;
                if ((net[bit / 8] & mask) != (address[bit / 8] & mask)) {
                    return false;
                }
            }
            return net.length == address.length;
        } catch (UnknownHostException e) {
            return false;
        }
    }
}
