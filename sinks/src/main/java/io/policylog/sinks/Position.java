package io.policylog.sinks;

import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Where a pipeline stands in the log. Immutable; its {@link #toText text form} is the durable one, wherever it is kept.
 *
 * @param store names the state that gave the sequence numbers: they compare only within one store
 * @param sequence the segment's place in the order
 * @param segmentId what the segment is, with the suffixes that make its record ids unique
 * @param offset the byte offset just after a complete line
 * @param throughEpochSecond the newest record timestamp up to here, in seconds since the epoch; 0 when there was none
 * @param checks what the bytes before some committed offsets were, newest first; the first is for {@code offset}
 *     itself unless that is 0
 * @param finished segments that were left at their end a short while ago and could still grow, newest first
 */
public record Position(
        String store,
        long sequence,
        String segmentId,
        long offset,
        long throughEpochSecond,
        List<Check> checks,
        List<Finished> finished) {

    /** The most bytes that {@link #toText} may give: what Kafka keeps with an offset by default. */
    public static final int MAX_TEXT_BYTES = 4096;

    /** The most checks of one position. */
    public static final int MAX_CHECKS = 12;

    /** The most finished segments of one position. */
    public static final int MAX_FINISHED = 8;

    private static final String VERSION = "v1";
    private static final Pattern STORE = Pattern.compile("[0-9a-f]{8}");
    private static final Pattern SEGMENT_ID = Pattern.compile("[0-9a-f]{32}(-[0-9]{1,9})?(~[0-9]{1,9})?");

    /**
     * What the bytes before an offset were.
     *
     * @param offset a byte offset at which a commit stood
     * @param crc32c CRC-32C (RFC 3720) of the up to 256 bytes before it
     */
    public record Check(long offset, int crc32c) {
        /** How many bytes before an offset are checked, at most. */
        public static final int BYTES = 256;
    }

    /**
     * A segment that was left at its end.
     *
     * @param sequence its place in the order
     * @param segmentId its id
     * @param end the byte offset up to which it was read
     */
    public record Finished(long sequence, String segmentId, long end) {}

    public Position {
        checks = List.copyOf(checks);
        finished = List.copyOf(finished);
        if (!STORE.matcher(store).matches()
                || !SEGMENT_ID.matcher(segmentId).matches()
                || finished.stream()
                        .anyMatch(f -> !SEGMENT_ID.matcher(f.segmentId).matches())) {
            throw new IllegalArgumentException(
                    "not a store or segment id: " + store + " " + segmentId + " " + finished);
        }
        if (sequence < 0
                || offset < 0
                || checks.size() > MAX_CHECKS
                || finished.size() > MAX_FINISHED
                || checks.stream().anyMatch(c -> c.offset < 0)
                || finished.stream().anyMatch(f -> f.sequence < 0 || f.end < 0)) {
            throw new IllegalArgumentException("out of range: sequence=" + sequence + " offset=" + offset + " checks="
                    + checks + " finished=" + finished);
        }
    }

    /**
     * One line of ASCII, without its end, at most {@link #MAX_TEXT_BYTES} long: version, {@code key=value} fields, and
     * the CRC-32C of everything before it.
     */
    public String toText() {
        StringBuilder text = new StringBuilder(256);
        text.append(VERSION)
                .append(" store=")
                .append(store)
                .append(" sequence=")
                .append(sequence)
                .append(" segment=")
                .append(segmentId)
                .append(" offset=")
                .append(offset)
                .append(" through=")
                .append(throughEpochSecond)
                .append(" checks=");
        HexFormat hex = HexFormat.of();
        String separator = "";
        for (Check check : checks) {
            text.append(separator).append(check.offset).append(':').append(hex.toHexDigits(check.crc32c));
            separator = ",";
        }
        text.append(" finished=");
        separator = "";
        for (Finished segment : finished) {
            text.append(separator)
                    .append(segment.sequence)
                    .append(':')
                    .append(segment.segmentId)
                    .append(':')
                    .append(segment.end);
            separator = ",";
        }
        String checksum = Checksum.of(text.toString());
        return text.append(" crc32c=").append(checksum).toString();
    }

    /**
     * Reads what {@link #toText} wrote.
     *
     * @throws SinkException of kind {@link SinkException.Kind#POSITION}, saying whether the version is unknown or the
     *     text is damaged
     */
    public static Position parse(String text) throws SinkException {
        String[] words = text.split(" ", -1);
        if (!words[0].equals(VERSION)) {
            if (words[0].matches("v[0-9]{1,9}")) {
                throw unusable("a position has version " + words[0] + ", but this release reads " + VERSION
                        + "; run the release that wrote it, or move the position with 'policylog position set'");
            }
            throw damaged(text);
        }
        int checksum = text.lastIndexOf(" crc32c=");
        if (checksum < 0 || !text.substring(checksum + 8).equals(Checksum.of(text.substring(0, checksum)))) {
            throw damaged(text);
        }
        Map<String, String> fields = new LinkedHashMap<>();
        for (int i = 1; i < words.length; i++) {
            int equals = words[i].indexOf('=');
            if (equals < 0 || fields.put(words[i].substring(0, equals), words[i].substring(equals + 1)) != null) {
                throw damaged(text);
            }
        }
        try {
            List<Check> checks = new ArrayList<>();
            for (String item : items(fields, "checks")) {
                String[] parts = item.split(":", -1);
                checks.add(new Check(Long.parseLong(parts[0]), HexFormat.fromHexDigits(parts[1])));
            }
            List<Finished> finished = new ArrayList<>();
            for (String item : items(fields, "finished")) {
                String[] parts = item.split(":", -1);
                finished.add(new Finished(Long.parseLong(parts[0]), parts[1], Long.parseLong(parts[2])));
            }
            return new Position(
                    field(fields, "store"),
                    Long.parseLong(field(fields, "sequence")),
                    field(fields, "segment"),
                    Long.parseLong(field(fields, "offset")),
                    Long.parseLong(field(fields, "through")),
                    checks,
                    finished);
        } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
            throw damaged(text);
        }
    }

    private static String field(Map<String, String> fields, String key) {
        String value = fields.get(key);
        if (value == null) {
            throw new IllegalArgumentException("no " + key);
        }
        return value;
    }

    private static String[] items(Map<String, String> fields, String key) {
        String value = field(fields, key);
        return value.isEmpty() ? new String[0] : value.split(",", -1);
    }

    private static SinkException damaged(String text) {
        String shown = text.length() > 200 ? text.substring(0, 200) + "…" : text;
        return unusable(
                "a position is damaged: \"" + Checksum.printable(shown) + "\"; move it with 'policylog position set'");
    }

    private static SinkException unusable(String message) {
        return new SinkException(SinkException.Kind.POSITION, false, message);
    }
}
