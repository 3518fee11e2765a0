package io.policylog.parser;

import static io.policylog.parser.LineIndex.TOP;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Collections;
import java.util.EnumSet;
import org.jspecify.annotations.Nullable;

/**
 * Turns one line after the other into a record or a malformed line. Keeps state that makes the next line faster, so an
 * instance belongs to one thread. Never throws for what a line holds.
 *
 * <p>One pass over the bytes checks the JSON, finds the known keys and notes where their values stand; nothing is
 * copied or decoded. A fault that leaves the rest of the line readable is noted, and reading goes on, so that the
 * reason of a malformed line does not depend on the order of its keys: of several reasons the one counts that comes
 * first in docs/record-format.md.
 *
 * <p>Every method that takes the position of a byte and returns one returns -1 where the line is not JSON.
 */
public final class Parser {
    private static final int REQUIRED_AT_TOP =
            1 << LineIndex.TOP_CONNECTION | 1 << LineIndex.TOP_DISPOSITION | 1 << LineIndex.TOP_TIMESTAMP;
    /** Addresses, protocol and direction: all but the ports. */
    private static final int REQUIRED_IN_CONNECTION = 0b110011;

    private static final int MAX_PORT = 65_535;

    private final Limits limits;
    private final boolean fillNodeName;
    private final Keys topKeys = topKeys();
    private final LineIndex index;
    private final JsonSkipper skipper;
    private final Timestamp timestamp = new Timestamp();
    private final PolicyRecord record;
    private final MalformedLine malformed = new MalformedLine();

    private byte[] line = {};
    private int end;
    /** What is wrong with the line although it is JSON. */
    private final EnumSet<MalformedReason> faults = EnumSet.noneOf(MalformedReason.class);

    /** What {@link #key} found beside the key: where it and its value begin. */
    private int keyStart;

    private int valueStart;
    /** Whether the object that is being read stands, so far, as it is when normalized. */
    private boolean normal;

    /**
     * @param limits what a line may cost
     * @param fillNodeName what {@code node_name} becomes in a record that has none; null leaves it out
     */
    public Parser(Limits limits, @Nullable String fillNodeName) {
        this.limits = limits;
        this.fillNodeName = fillNodeName != null;
        this.index = new LineIndex(JsonText.encode(fillNodeName == null ? "" : fillNodeName));
        this.skipper = new JsonSkipper(limits.maxDepth());
        this.record = new PolicyRecord(index, topKeys);
    }

    private static Keys topKeys() {
        Keys connection = new Keys.Builder()
                .add(Key.Type.STRING, "src_ip", "dest_ip")
                .add(Key.Type.PORT, "src_port", "dest_port")
                .add(Key.Type.LOWER_CASE, "protocol", "direction")
                .build();
        Keys policy = new Keys.Builder()
                .add(Key.Type.STRING, "name", "namespace")
                .add(Key.Type.STRINGS, "labels")
                .add(Key.Type.INTEGER, "revision")
                .add(Key.Type.STRING, "kind")
                .build();
        return new Keys.Builder()
                .add(Key.Type.OBJECT, "connection", connection, LineIndex.CONNECTION)
                .add(Key.Type.LOWER_CASE, "disposition")
                .add(Key.Type.POLICIES, "policies", policy, LineIndex.POLICIES)
                .add(Key.Type.WORKLOAD, "src", workloadKeys(), LineIndex.SRC)
                .add(Key.Type.WORKLOAD, "dest", workloadKeys(), LineIndex.DEST)
                .add(Key.Type.COUNT, "count")
                .add(Key.Type.STRING, "node_name")
                .add(Key.Type.TIMESTAMP, "timestamp")
                .build();
    }

    /** Made once for each side, since the two sides of a line often have different shapes: see {@link Keys}. */
    private static Keys workloadKeys() {
        return new Keys.Builder()
                .add(Key.Type.STRING, "pod_name", "node_name", "workload_kind", "workload_name")
                .add(Key.Type.STRING, "pod_namespace", "namespace", "instance")
                .build();
    }

    /**
     * Where the first line of a file begins in {@code buffer[start, end)}: after a byte order mark (U+FEFF as UTF-8),
     * which is not part of it. Anywhere else that mark is not JSON, so {@link #parse} does not skip it by itself.
     */
    public static int skipByteOrderMark(byte[] buffer, int start, int end) {
        boolean marked = end - start >= 3
                && buffer[start] == (byte) 0xEF
                && buffer[start + 1] == (byte) 0xBB
                && buffer[start + 2] == (byte) 0xBF;
        return marked ? start + 3 : start;
    }

    /**
     * Parses {@code buffer[start, end)}: one line without its {@code \n}. A {@code \r} at its end is not part of the
     * line. The result is a flyweight over {@code buffer}: both must stay as they are until it is no longer needed,
     * which is at the latest when the next line is parsed.
     */
    public ParsedLine parse(byte[] buffer, int start, int end) {
        line = buffer;
        this.end = end > start && buffer[end - 1] == '\r' ? end - 1 : end;
        int length = this.end - start;
        if (length > limits.maxLineBytes()) {
            return malformed.set(MalformedReason.TOO_LONG, buffer, start, length, length);
        }
        faults.clear();
        index.begin(buffer);
        skipper.begin(buffer, this.end);
        MalformedReason reason = line(start);
        return reason == null ? record : malformed.set(reason, buffer, start, length, length);
    }

    private @Nullable MalformedReason line(int start) {
        int from = skipper.space(start);
        if (from == end || line[from] != '{') {
            return notObject(start, from);
        }
        int to = members(topKeys, from + 1, TOP, 1);
        if (to < 0) {
            return broken(start, MalformedReason.NOT_JSON);
        }
        if (to < end && skipper.space(to) < end) {
            return broken(start, MalformedReason.TRAILING_DATA);
        }
        checkRequired();
        if (skipper.tooDeep()) {
            fault(MalformedReason.TOO_DEEP);
        }
        if (!faults.isEmpty()) {
            return Collections.min(faults);
        }
        boolean normal = index.isNormal(TOP);
        if (!index.has(TOP, LineIndex.TOP_COUNT)) {
            index.fillCount();
            normal = false;
        }
        if (fillNodeName && !index.has(TOP, LineIndex.TOP_NODE_NAME)) {
            index.fillNodeName();
            normal = false;
        }
        record.set(start, end - start, from, to, normal, timestamp);
        return null;
    }

    private MalformedReason notObject(int start, int from) {
        int to = skipper.value(from, 1);
        boolean isJson = to >= 0 && skipper.space(to) == end;
        return broken(start, isJson ? MalformedReason.NOT_AN_OBJECT : MalformedReason.NOT_JSON);
    }

    /** Bytes that are not UTF-8 come first, even where nothing was read because of what stands before them. */
    private MalformedReason broken(int start, MalformedReason reason) {
        return Utf8.isValid(line, start, end) ? reason : MalformedReason.BAD_UTF8;
    }

    private void fault(MalformedReason reason) {
        faults.add(reason);
    }

    private void checkRequired() {
        if ((index.seen(TOP) & REQUIRED_AT_TOP) != REQUIRED_AT_TOP
                || (index.seen(LineIndex.CONNECTION) & REQUIRED_IN_CONNECTION) != REQUIRED_IN_CONNECTION) {
            fault(MalformedReason.MISSING_FIELD);
        }
    }

    /**
     * Reads the members of an object, of which the opening brace is read, and the closing brace.
     *
     * @param base the object's block in the index
     * @param depth the object's own depth
     */
    private int members(Keys keys, int at, int base, int depth) {
        boolean outerNormal = normal;
        normal = true;
        skipper.enter(depth);
        index.beginBlock(base);
        int extrasFrom = index.extraCount();
        int seen = 0;
        int highest = -1;
        Key previous = keys.unknown();
        int p = skipSpace(at);
        byte next = p < end && line[p] == '}' ? line[p++] : (byte) ',';
        while (next == ',') {
            Key key = end - p > Key.REACH ? keys.match(line, p, previous) : keys.unknown();
            if (key.isKnown()) {
                p = skipSpace(p + key.length);
            } else {
                key = key(keys, p);
                p = valueStart;
            }
            if (p < 0 || p == end) {
                return -1;
            }
            if (!key.isKnown()) {
                p = skipper.value(p, depth + 1);
                index.addExtra(base, keyStart, p);
                highest = key.place;
            } else if (key.place > highest || (seen & 1 << key.place) == 0) {
                normal &= key.place > highest;
                highest = Math.max(key.place, highest);
                previous = key;
                seen |= 1 << key.place;
                p = value(key, p, base, depth + 1);
            } else {
                fault(MalformedReason.DUPLICATE_KEY);
                p = skipper.value(p, depth + 1);
            }
            p = p < 0 ? end : skipSpace(p);
            if (p == end) {
                return -1;
            }
            next = line[p++];
        }
        if (next != '}') {
            return -1;
        }
        normal &= !skipper.takeSawSpace();
        index.putHeader(base, seen, normal, extrasFrom);
        normal &= outerNormal;
        return p;
    }

    private int skipSpace(int at) {
        return at < end && line[at] > ' ' ? at : skipper.space(at);
    }

    /**
     * Reads a key that was not recognised at once, its colon, and the white space around them. Sets {@link #keyStart}
     * and {@link #valueStart}, the latter to -1 where the line is not JSON.
     *
     * @return the known key, or {@link Keys#unknown}
     */
    private Key key(Keys keys, int at) {
        valueStart = -1;
        int quote = skipper.space(at);
        if (quote == end || line[quote] != '"') {
            return keys.unknown();
        }
        int closing = skipper.stringEnd(quote + 1);
        int afterColon = closing < 0 ? -1 : skipper.colon(closing + 1);
        if (afterColon < 0) {
            return keys.unknown();
        }
        keyStart = quote;
        valueStart = skipper.space(afterColon);
        Key key = keys.find(line, quote + 1, closing);
        boolean escaped = closing + 2 - quote != key.length;
        normal &= !(key.isKnown() && escaped);
        return key;
    }

    /** Reads the value of a known key; {@code depth} is how deep it stands if it is a container. */
    private int value(Key key, int p, int base, int depth) {
        int place = key.place;
        if (key.type == Key.Type.STRING) { // Most are: one branch that is easier to foresee than a jump.
            return string(p, base, place, depth);
        }
        return switch (key.type) {
            case STRING -> string(p, base, place, depth);
            case LOWER_CASE -> lowerCase(p, base, place, depth);
            case TIMESTAMP -> timestamp(p, base, place, depth);
            case PORT -> integer(p, base, place, depth, MAX_PORT);
            case COUNT -> integer(p, base, place, depth, Long.MAX_VALUE);
            case INTEGER -> anyInteger(p, base, place, depth);
            case STRINGS -> strings(p, base, place, depth);
            case OBJECT -> object(key, p, base, depth);
            case WORKLOAD -> {
                int to = object(key, p, base, depth);
                normal &= !index.mirrorNamespaces(key.childBase);
                yield to;
            }
            case POLICIES -> policies(key, p, base, depth);
        };
    }

    private int wrongType(int p, int depth) {
        fault(MalformedReason.WRONG_TYPE);
        return skipper.value(p, depth);
    }

    private int string(int p, int base, int place, int depth) {
        if (line[p] != '"') {
            return wrongType(p, depth);
        }
        int closing = Swar.plainEnd(line, p + 1, end);
        if (closing < end && line[closing] != '"') {
            closing = skipper.stringEnd(closing);
        }
        if (closing < 0 || closing == end) {
            return -1;
        }
        index.put(base, place, p + 1, closing);
        return closing + 1;
    }

    private int lowerCase(int p, int base, int place, int depth) {
        int to = string(p, base, place, depth);
        if (to < 0 || line[p] != '"' || !Swar.hasCapitalOrBackslash(line, p + 1, to - 1)) {
            return to;
        }
        int length = to - p - 2;
        int at = index.beginRewritten(length);
        System.arraycopy(line, p + 1, index.rewritten(), at, length);
        if (JsonText.lowerCase(index.rewritten(), at, at + length)) {
            index.putRewritten(base, place, at, at + length);
            normal = false;
        }
        return to;
    }

    private int timestamp(int p, int base, int place, int depth) {
        int to = string(p, base, place, depth);
        if (to < 0 || line[p] != '"') {
            return to;
        }
        byte[] text = line;
        int from = p + 1;
        if (!timestamp.read(text, from, to - 1)) {
            // A writer may have escaped the plus sign of the zone, for example.
            text = JsonText.decode(line, from, to - 1).getBytes(UTF_8);
            from = 0;
            if (!timestamp.read(text, 0, text.length)) {
                fault(MalformedReason.BAD_TIMESTAMP);
                return to;
            }
        }
        if (!timestamp.isNormal()) {
            int at = index.beginRewritten(Timestamp.MAX_LENGTH);
            index.putRewritten(base, place, at, timestamp.write(text, from, index.rewritten(), at));
            normal = false;
        }
        return to;
    }

    /** Reads an integer of at least 1. */
    private int integer(int p, int base, int place, int depth, long max) {
        if (end - p > Long.BYTES) {
            long word = Swar.word(line, p);
            int digits = Swar.digits(word);
            byte after = line[p + digits];
            if (digits > 0 && line[p] != '0' && (after == ',' || after == '}') && Swar.number(word, digits) <= max) {
                index.put(base, place, p, p + digits);
                return p + digits;
            }
        }
        int to = skipper.value(p, depth);
        if (to >= 0 && !isIntegerUpTo(p, to, max)) {
            fault(MalformedReason.WRONG_TYPE);
        }
        index.put(base, place, p, to);
        return to;
    }

    private boolean isIntegerUpTo(int from, int to, long max) {
        long value = 0;
        for (int i = from; i < to; i++) {
            int digit = line[i] - '0';
            if (digit < 0 || digit > 9 || value > (max - digit) / 10) {
                return false;
            }
            value = value * 10 + digit;
        }
        return value > 0;
    }

    private int anyInteger(int p, int base, int place, int depth) {
        int to = skipper.value(p, depth);
        for (int i = line[p] == '-' ? p + 1 : p; i < to; i++) {
            if (line[i] < '0' || line[i] > '9') {
                fault(MalformedReason.WRONG_TYPE);
                break;
            }
        }
        index.put(base, place, p, to);
        return to;
    }

    private int strings(int at, int base, int place, int depth) {
        if (line[at] != '[') {
            return wrongType(at, depth);
        }
        skipper.enter(depth);
        int p = skipper.space(at + 1);
        byte next = p < end && line[p] == ']' ? line[p++] : (byte) ',';
        while (next == ',') {
            p = skipper.space(p);
            if (p < end && line[p] != '"') {
                fault(MalformedReason.WRONG_TYPE);
            }
            p = skipper.value(p, depth + 1);
            p = p < 0 ? end : skipper.space(p);
            if (p == end) {
                return -1;
            }
            next = line[p++];
        }
        index.put(base, place, at, p);
        return next == ']' ? p : -1;
    }

    private int object(Key key, int p, int base, int depth) {
        if (line[p] != '{' || key.child == null) {
            // Nothing is missing in what is no object.
            index.putHeader(key.childBase, REQUIRED_IN_CONNECTION, false, 0);
            return wrongType(p, depth);
        }
        int to = members(key.child, p + 1, key.childBase, depth);
        index.put(base, key.place, p, to);
        return to;
    }

    private int policies(Key key, int at, int base, int depth) {
        if (line[at] != '[' || key.child == null) {
            return wrongType(at, depth);
        }
        boolean outerNormal = normal;
        normal = true;
        skipper.enter(depth);
        int p = skipSpace(at + 1);
        byte next = p < end && line[p] == ']' ? line[p++] : (byte) ',';
        int elements = 0;
        while (next == ',') {
            p = skipSpace(p);
            if (p == end) {
                return -1;
            }
            if (++elements > limits.maxPolicies()) {
                fault(MalformedReason.TOO_LONG);
                p = skipper.value(p, depth + 1);
            } else if (line[p] == '{') {
                p = members(key.child, p + 1, index.addPolicy(), depth + 1);
            } else {
                p = wrongType(p, depth + 1);
            }
            p = p < 0 ? end : skipSpace(p);
            if (p == end) {
                return -1;
            }
            next = line[p++];
        }
        normal &= !skipper.takeSawSpace();
        index.putPolicies(normal);
        normal &= outerNormal;
        index.put(base, key.place, at, p);
        return next == ']' ? p : -1;
    }
}
