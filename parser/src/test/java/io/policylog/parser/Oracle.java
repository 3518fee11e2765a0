package io.policylog.parser;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.time.DateTimeException;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The parser as it would be written without a thought for speed: Jackson reads the line into a tree, the tree is
 * checked and changed rule by rule as docs/record-format.md has them, and written again. The tree is its own, because
 * Jackson's loses what must be kept: keys that occur twice, and strings and numbers as they are written.
 */
final class Oracle {
    /** The outcome for one line: a reason, or else the normalized record. */
    record Verdict(
            @Nullable MalformedReason reason, @Nullable Obj record) {
        String json() {
            return record == null ? "malformed: " + reason : record.write();
        }
    }

    sealed interface Node {
        String write();
    }

    /** Keys and strings with their quotes, as they are written. */
    record Entry(String rawKey, String key, Node value) {
        Entry(String rawKey, Node value) {
            this(rawKey, decode(rawKey), value);
        }
    }

    record Obj(List<Entry> entries) implements Node {
        @Nullable
        Node get(String key) {
            return entries.stream()
                    .filter(e -> e.key().equals(key))
                    .map(Entry::value)
                    .findFirst()
                    .orElse(null);
        }

        @Override
        public String write() {
            List<String> members = new ArrayList<>();
            entries.forEach(e -> members.add(e.rawKey() + ':' + e.value().write()));
            return '{' + String.join(",", members) + '}';
        }
    }

    record Arr(List<Node> elements) implements Node {
        @Override
        public String write() {
            return '[' + String.join(",", elements.stream().map(Node::write).toList()) + ']';
        }
    }

    record Text(String raw) implements Node {
        String value() {
            return decode(raw);
        }

        @Override
        public String write() {
            return raw;
        }
    }

    /** A number, true, false or null. */
    record Other(String raw) implements Node {
        @Override
        public String write() {
            return raw;
        }
    }

    private static final JsonFactory JSON = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(Integer.MAX_VALUE)
                    .maxNumberLength(Integer.MAX_VALUE)
                    .maxStringLength(Integer.MAX_VALUE)
                    .maxNameLength(Integer.MAX_VALUE)
                    .build())
            .build();
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private static final List<String> TOP =
            List.of("connection", "disposition", "policies", "src", "dest", "count", "node_name", "timestamp");
    private static final List<String> CONNECTION =
            List.of("src_ip", "dest_ip", "src_port", "dest_port", "protocol", "direction");
    private static final List<String> WORKLOAD = List.of(
            "pod_name", "node_name", "workload_kind", "workload_name", "pod_namespace", "namespace", "instance");
    private static final List<String> POLICY = List.of("name", "namespace", "labels", "revision", "kind");

    private static final Pattern RFC3339 = Pattern.compile(
            "([0-9]{4}-[0-9]{2}-[0-9]{2})[Tt]([0-9]{2}:[0-9]{2}):([0-9]{2})(\\.[0-9]{1,9})?([Zz]|[+-][0-9]{2}:[0-9]{2})");

    private static final Pattern SURROGATE = Pattern.compile("\\\\u[dD]([89a-fA-F][0-9a-fA-F]{2})");
    private static final Pattern ESCAPE_OR_CAPITAL = Pattern.compile("\\\\u[0-9a-fA-F]{4}|\\\\.|[A-Z]");
    private static final DateTimeFormatter TO_MINUTES = DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm");
    private static final Pattern INTEGER = Pattern.compile("-?[0-9]+");
    private static final Pattern POSITIVE = Pattern.compile("[1-9][0-9]*");

    private final Limits limits;
    private final @Nullable String nodeName;
    private final EnumSet<MalformedReason> faults = EnumSet.noneOf(MalformedReason.class);

    Oracle(Limits limits, @Nullable String nodeName) {
        this.limits = limits;
        this.nodeName = nodeName;
    }

    Verdict judge(byte[] bytes) {
        boolean carriageReturn = bytes.length > 0 && bytes[bytes.length - 1] == '\r';
        byte[] line = Arrays.copyOf(bytes, bytes.length - (carriageReturn ? 1 : 0));
        if (line.length > limits.maxLineBytes()) {
            return new Verdict(MalformedReason.TOO_LONG, null);
        }
        String text;
        try {
            text = UTF_8.newDecoder().decode(ByteBuffer.wrap(line)).toString();
        } catch (CharacterCodingException e) {
            return new Verdict(MalformedReason.BAD_UTF8, null);
        }
        faults.clear();
        Node root;
        // Jackson refuses a key with half a surrogate pair, which RFC 8259 allows (section 8.2). Keys and strings are
        // cut out of the text itself, so another character of the same length can stand there for Jackson.
        String paired = SURROGATE.matcher(text).replaceAll("\\\\ue$1");
        try (JsonParser parser = JSON.createParser(paired)) {
            root = readTree(parser, text);
            if (root instanceof Obj) {
                String rest = text.substring((int) parser.currentLocation().getCharOffset());
                if (!rest.chars().allMatch(c -> " \t\r\n".indexOf(c) >= 0)) {
                    return new Verdict(MalformedReason.TRAILING_DATA, null);
                }
            } else if (parser.nextToken() != null) {
                return new Verdict(MalformedReason.NOT_JSON, null);
            }
        } catch (JsonProcessingException e) {
            return new Verdict(MalformedReason.NOT_JSON, null);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        if (!(root instanceof Obj object)) {
            return new Verdict(root == null ? MalformedReason.NOT_JSON : MalformedReason.NOT_AN_OBJECT, null);
        }
        Obj record = record(object);
        return faults.isEmpty()
                ? new Verdict(null, record)
                : new Verdict(faults.stream().sorted().findFirst().orElseThrow(), null);
    }

    /** The root value, or null if there is none. */
    private @Nullable Node readTree(JsonParser parser, String text) throws IOException {
        Deque<Node> open = new ArrayDeque<>();
        Deque<String> keys = new ArrayDeque<>();
        while (true) {
            JsonToken token = parser.nextToken();
            if (token == null) {
                return null;
            }
            int at = (int) parser.currentTokenLocation().getCharOffset();
            Node done;
            switch (token) {
                case START_OBJECT -> {
                    open.push(new Obj(new ArrayList<>()));
                    if (open.size() > limits.maxDepth()) {
                        faults.add(MalformedReason.TOO_DEEP);
                    }
                    continue;
                }
                case START_ARRAY -> {
                    open.push(new Arr(new ArrayList<>()));
                    if (open.size() > limits.maxDepth()) {
                        faults.add(MalformedReason.TOO_DEEP);
                    }
                    continue;
                }
                case FIELD_NAME -> {
                    keys.push(rawString(text, at));
                    continue;
                }
                case END_OBJECT, END_ARRAY -> done = open.pop();
                case VALUE_STRING -> {
                    parser.finishToken();
                    done = new Text(rawString(text, at));
                }
                case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> done = new Other(rawNumber(text, at));
                case VALUE_TRUE, VALUE_FALSE, VALUE_NULL -> done = new Other(token.asString());
                default -> throw new AssertionError(token);
            }
            switch (open.peek()) {
                case null -> {
                    return done;
                }
                case Obj parent -> parent.entries().add(new Entry(keys.pop(), done));
                case Arr parent -> parent.elements().add(done);
                case Node other -> throw new AssertionError(other);
            }
        }
    }

    private static String rawString(String text, int at) {
        int end = at + 1;
        while (text.charAt(end) != '"') {
            end += text.charAt(end) == '\\' ? 2 : 1;
        }
        return text.substring(at, end + 1);
    }

    private static String rawNumber(String text, int at) {
        int end = at;
        while (end < text.length() && "+-.0123456789eE".indexOf(text.charAt(end)) >= 0) {
            end++;
        }
        return text.substring(at, end);
    }

    /** A surrogate without its other half becomes U+FFFD. */
    static String decode(String raw) {
        if (raw.indexOf('\\') < 0) {
            return raw.substring(1, raw.length() - 1);
        }
        try {
            String text = MAPPER.readTree(raw).textValue();
            int[] points = text.codePoints()
                    .map(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE ? 0xFFFD : c)
                    .toArray();
            return new String(points, 0, points.length);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Obj record(Obj top) {
        Obj known = known(top, TOP);
        for (String required : List.of("connection", "disposition", "timestamp")) {
            if (known.get(required) == null) {
                faults.add(MalformedReason.MISSING_FIELD);
            }
        }
        List<Entry> entries = new ArrayList<>();
        for (String key : TOP) {
            Node value = known.get(key);
            if (key.equals("count") && value == null) {
                value = new Other("1");
            } else if (key.equals("node_name") && value == null && nodeName != null) {
                value = new Text(MAPPER.valueToTree(nodeName).toString());
            }
            if (value != null) {
                Node normalized = switch (key) {
                    case "connection" -> connection(value);
                    case "disposition" -> lowerCase(value);
                    case "policies" -> policies(value);
                    case "src", "dest" -> workload(value);
                    case "count" -> integer(value, Long.MAX_VALUE);
                    case "timestamp" -> timestamp(value);
                    default -> string(value);
                };
                entries.add(new Entry('"' + key + '"', normalized));
            }
        }
        entries.addAll(unknown(top, TOP));
        return new Obj(entries);
    }

    private Node connection(Node node) {
        if (!(node instanceof Obj object)) {
            return wrong(node);
        }
        Obj known = known(object, CONNECTION);
        List<Entry> entries = new ArrayList<>();
        for (Entry entry : known.entries()) {
            Node value = entry.value();
            Node normalized = switch (entry.key()) {
                case "src_port", "dest_port" -> integer(value, 65535);
                case "protocol", "direction" -> lowerCase(value);
                default -> string(value);
            };
            entries.add(new Entry(entry.rawKey(), normalized));
        }
        for (String required : List.of("src_ip", "dest_ip", "protocol", "direction")) {
            if (known.get(required) == null) {
                faults.add(MalformedReason.MISSING_FIELD);
            }
        }
        entries.addAll(unknown(object, CONNECTION));
        return new Obj(entries);
    }

    private Node workload(Node node) {
        if (!(node instanceof Obj object)) {
            return wrong(node);
        }
        Obj known = known(object, WORKLOAD);
        List<Entry> entries = new ArrayList<>();
        for (String key : WORKLOAD) {
            Node value = known.get(key);
            if (value == null && key.equals("namespace")) {
                value = known.get("pod_namespace");
            } else if (value == null && key.equals("pod_namespace")) {
                value = known.get("namespace");
            }
            if (value != null) {
                entries.add(new Entry('"' + key + '"', string(value)));
            }
        }
        entries.addAll(unknown(object, WORKLOAD));
        return new Obj(entries);
    }

    private Node policies(Node node) {
        if (!(node instanceof Arr array)) {
            return wrong(node);
        }
        if (array.elements().size() > limits.maxPolicies()) {
            faults.add(MalformedReason.TOO_LONG);
            return node;
        }
        return new Arr(array.elements().stream().map(this::policy).toList());
    }

    private Node policy(Node node) {
        if (!(node instanceof Obj object)) {
            return wrong(node);
        }
        List<Entry> entries = new ArrayList<>();
        for (Entry entry : known(object, POLICY).entries()) {
            Node value = entry.value();
            if (entry.key().equals("labels")) {
                if (!(value instanceof Arr labels)
                        || !labels.elements().stream().allMatch(Text.class::isInstance)) {
                    faults.add(MalformedReason.WRONG_TYPE);
                }
            } else if (entry.key().equals("revision")) {
                if (!(value instanceof Other number)
                        || !INTEGER.matcher(number.raw()).matches()) {
                    faults.add(MalformedReason.WRONG_TYPE);
                }
            } else {
                string(value);
            }
            entries.add(entry);
        }
        entries.addAll(unknown(object, POLICY));
        return new Obj(entries);
    }

    /** The known members in the order of the schema, with the plain key. */
    private Obj known(Obj object, List<String> schema) {
        List<Entry> known = new ArrayList<>();
        for (String key : schema) {
            List<Entry> found =
                    object.entries().stream().filter(e -> e.key().equals(key)).toList();
            if (found.size() > 1) {
                faults.add(MalformedReason.DUPLICATE_KEY);
            }
            if (!found.isEmpty()) {
                known.add(new Entry('"' + key + '"', found.getFirst().value()));
            }
        }
        return new Obj(known);
    }

    private static List<Entry> unknown(Obj object, List<String> schema) {
        return object.entries().stream().filter(e -> !schema.contains(e.key())).toList();
    }

    private Node wrong(Node node) {
        faults.add(MalformedReason.WRONG_TYPE);
        return node;
    }

    private Node string(Node node) {
        return node instanceof Text ? node : wrong(node);
    }

    private Node integer(Node node, long max) {
        if (node instanceof Other number && POSITIVE.matcher(number.raw()).matches()) {
            try {
                if (Long.parseLong(number.raw()) <= max) {
                    return node;
                }
            } catch (NumberFormatException e) {
                return wrong(node);
            }
        }
        return wrong(node);
    }

    private Node lowerCase(Node node) {
        if (!(node instanceof Text text)) {
            return wrong(node);
        }
        Matcher matcher = ESCAPE_OR_CAPITAL.matcher(text.raw());
        return new Text(matcher.replaceAll(found -> {
            String match = found.group();
            if (match.startsWith("\\u00")) {
                int code = Integer.parseInt(match.substring(2), 16);
                if (code >= 'A' && code <= 'Z') {
                    int low = code + 'a' - 'A';
                    return Matcher.quoteReplacement("\\u00" + (low >>> 4) + match.charAt(5));
                }
            } else if (match.length() == 1) {
                return match.toLowerCase(Locale.ROOT);
            }
            return Matcher.quoteReplacement(match);
        }));
    }

    private Node timestamp(Node node) {
        if (!(node instanceof Text text)) {
            return wrong(node);
        }
        String normalized = utc(text.value());
        if (normalized == null) {
            faults.add(MalformedReason.BAD_TIMESTAMP);
            return node;
        }
        return normalized.equals(text.value()) ? text : new Text('"' + normalized + '"');
    }

    private static @Nullable String utc(String text) {
        Matcher matcher = RFC3339.matcher(text);
        if (!matcher.matches()) {
            return null;
        }
        int second = Integer.parseInt(matcher.group(3));
        String zone = matcher.group(5);
        int offsetMinutes = 0;
        if (zone.length() == 6) {
            int hours = Integer.parseInt(zone.substring(1, 3));
            int minutes = Integer.parseInt(zone.substring(4, 6));
            if (hours > 23 || minutes > 59) {
                return null;
            }
            offsetMinutes = (hours * 60 + minutes) * (zone.charAt(0) == '-' ? -1 : 1);
        }
        try {
            LocalDateTime local = LocalDateTime.parse(matcher.group(1) + 'T' + matcher.group(2));
            LocalDateTime utc = local.minusMinutes(offsetMinutes);
            if (second > 60 || utc.getYear() < 0 || utc.getYear() > 9999) {
                return null;
            }
            String fraction = matcher.group(4) == null ? "" : matcher.group(4);
            return utc.format(TO_MINUTES) + ':' + matcher.group(3) + fraction + 'Z';
        } catch (DateTimeException e) {
            return null;
        }
    }

    /** The time of a normalized record, a leap second counted as the following second. */
    static OffsetDateTime time(String normalized) {
        boolean leap = normalized.startsWith(":60", 16);
        OffsetDateTime time =
                OffsetDateTime.parse(leap ? normalized.substring(0, 17) + "59" + normalized.substring(19) : normalized);
        return time.plusSeconds(leap ? 1 : 0).withOffsetSameInstant(ZoneOffset.UTC);
    }
}
