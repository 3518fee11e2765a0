package io.policylog.agent.simulate;

import java.util.List;
import java.util.Map;

/**
 * Writes JSON as Go's {@code encoding/json} does: no white space, and {@code <}, {@code >}, {@code &} escaped as
 * {@code \}{@code u003c} and so on. Knows strings, integers, maps, lists, and holes: what changes from line to line.
 */
final class GoJson {
    private GoJson() {}

    static void write(Object value, StringBuilder out) {
        switch (value) {
            case String text -> writeString(text, out);
            case Integer number -> out.append(number.intValue());
            case LineTemplate.Hole hole -> out.append(hole.mark());
            case Map<?, ?> object -> {
                out.append('{');
                String separator = "";
                for (Map.Entry<?, ?> member : object.entrySet()) {
                    out.append(separator).append('"').append(member.getKey()).append("\":");
                    write(member.getValue(), out);
                    separator = ",";
                }
                out.append('}');
            }
            case List<?> array -> {
                out.append('[');
                String separator = "";
                for (Object element : array) {
                    out.append(separator);
                    write(element, out);
                    separator = ",";
                }
                out.append(']');
            }
            default -> throw new IllegalArgumentException("no JSON form for " + value.getClass());
        }
    }

    private static void writeString(String text, StringBuilder out) {
        out.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '"', '\\' -> out.append('\\').append(c);
                case '<', '>', '&' -> out.append(String.format("\\u%04x", (int) c));
                default -> out.append(c);
            }
        }
        out.append('"');
    }
}
