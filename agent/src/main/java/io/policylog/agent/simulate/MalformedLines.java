package io.policylog.agent.simulate;

import io.policylog.parser.Limits;
import io.policylog.parser.MalformedReason;
import java.nio.charset.StandardCharsets;

/**
 * Damages lines, for showing that a reader survives them. What makes a line unique stays in it. Damage is rare, so this
 * is written for reading, not for speed.
 */
final class MalformedLines {
    /** Room for the longest line this makes. */
    static final int MAX_LINE_BYTES = Limits.DEFAULT.maxLineBytes() + 8 * 1024;

    private MalformedLines() {}

    /** Damages the line at the start of {@code buffer}, which has {@link #MAX_LINE_BYTES}; returns its new length. */
    static int damage(byte[] buffer, int length, MalformedReason reason) {
        // One char a byte, so that bytes that are no UTF-8 can be put in.
        String line = new String(buffer, 0, length - 1, StandardCharsets.ISO_8859_1);
        String members = line.substring(1);
        String damaged = switch (reason) {
            case TOO_LONG -> "{\"padding\":\"" + "x".repeat(Limits.DEFAULT.maxLineBytes()) + "\"," + members;
            case BAD_UTF8 -> "{\"note\":\"\u00ff\u00fe\"," + members;
            case NOT_JSON -> line.substring(0, line.length() - 1);
            case TRAILING_DATA -> line + " trailing";
            case NOT_AN_OBJECT -> "[" + line + "]";
            case TOO_DEEP -> {
                int depth = Limits.DEFAULT.maxDepth();
                yield "{\"note\":" + "[".repeat(depth) + "]".repeat(depth) + "," + members;
            }
            case DUPLICATE_KEY -> "{\"disposition\":\"deny\"," + members;
            case MISSING_FIELD -> line.replace("\"disposition\":", "\"verdict\":");
            case WRONG_TYPE -> line.replace("\"count\":", "\"count\":-");
            case BAD_TIMESTAMP -> line.replace("\"timestamp\":\"", "\"timestamp\":\"at ");
        };
        byte[] bytes = damaged.getBytes(StandardCharsets.ISO_8859_1);
        System.arraycopy(bytes, 0, buffer, 0, bytes.length);
        buffer[bytes.length] = '\n';
        return bytes.length + 1;
    }
}
