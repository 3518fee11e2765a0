package io.policylog.agent.segments;

import java.util.Optional;

/**
 * The final name of a pin, {@code <sequence>-<id>[.<copy>][.gz|.zst]}: what makes identity and order durable.
 *
 * @param sequence the segment's place in the order
 * @param id the segment's id
 * @param copy 0 for the first file that holds the segment, counted up for further ones
 * @param compression how the file is compressed
 */
record PinName(long sequence, String id, int copy, Compression compression) {
    @Override
    public String toString() {
        return "%012d-%s%s%s".formatted(sequence, id, copy == 0 ? "" : "." + copy, compression.suffix());
    }

    static Optional<PinName> parse(String name) {
        Compression compression = Compression.ofName(name);
        String rest = name.substring(0, name.length() - compression.suffix().length());
        int dash = rest.indexOf('-');
        int dot = rest.indexOf('.', dash + 1);
        try {
            String id = rest.substring(dash + 1, dot < 0 ? rest.length() : dot);
            PinName parsed = new PinName(
                    Long.parseLong(rest.substring(0, Math.max(dash, 0))),
                    id,
                    dot < 0 ? 0 : Integer.parseInt(rest.substring(dot + 1)),
                    compression);
            return parsed.toString().equals(name) && id.matches("[0-9a-f]{32}(-[0-9]{1,9})?")
                    ? Optional.of(parsed)
                    : Optional.empty();
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
    }
}
