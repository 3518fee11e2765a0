package io.policylog.agent.simulate;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * A line with holes for what changes each time the same flow is logged. Everything else is bytes made once, which is
 * what makes a line cost a few copies.
 */
final class LineTemplate {
    enum Hole {
        SRC_PORT('\u0001'),
        COUNT('\u0002'),
        /** With its quotes. */
        TIMESTAMP('\u0003');

        private final char mark;

        Hole(char mark) {
            this.mark = mark;
        }

        /** Stands for the hole in the text of a template; no JSON text holds it. */
        char mark() {
            return mark;
        }
    }

    /** One more than {@link #holes}: what stands before, between and after them. */
    private final byte[][] literals;

    private final Hole[] holes;

    /** @param json a record with marks where its holes are */
    LineTemplate(String json) {
        List<byte[]> texts = new ArrayList<>();
        List<Hole> found = new ArrayList<>();
        int from = 0;
        for (int i = 0; i < json.length(); i++) {
            for (Hole hole : Hole.values()) {
                if (json.charAt(i) == hole.mark()) {
                    found.add(hole);
                    texts.add(json.substring(from, i).getBytes(StandardCharsets.UTF_8));
                    from = i + 1;
                }
            }
        }
        texts.add((json.substring(from) + '\n').getBytes(StandardCharsets.UTF_8));
        literals = texts.toArray(byte[][]::new);
        holes = found.toArray(Hole[]::new);
    }

    /** Writes a line to the start of {@code out}, which must be large enough; returns its length, {@code \n} included. */
    int write(byte[] out, int srcPort, long count, long epochNanos, TimestampWriter timestamps) {
        int at = 0;
        for (int i = 0; i < holes.length; i++) {
            at = copy(literals[i], out, at);
            at = switch (holes[i]) {
                case SRC_PORT -> writeNumber(srcPort, out, at);
                case COUNT -> writeNumber(count, out, at);
                case TIMESTAMP -> timestamps.write(epochNanos, out, at);
            };
        }
        return copy(literals[holes.length], out, at);
    }

    private static int copy(byte[] literal, byte[] out, int at) {
        System.arraycopy(literal, 0, out, at, literal.length);
        return at + literal.length;
    }

    private static int writeNumber(long number, byte[] out, int at) {
        int digits = 1;
        for (long rest = number / 10; rest > 0; rest /= 10) {
            digits++;
        }
        long rest = number;
        for (int i = at + digits - 1; i >= at; i--) {
            out[i] = (byte) ('0' + rest % 10);
            rest /= 10;
        }
        return at + digits;
    }
}
