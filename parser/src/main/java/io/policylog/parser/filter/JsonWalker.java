package io.policylog.parser.filter;

import io.policylog.parser.JsonText;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/**
 * Finds the values at one path of a normalized record by walking its bytes. The bytes are known to be well-formed JSON
 * without white space, and their depth to be bounded, since they come from a parsed record. An array stands for each of
 * its elements. Allocates only for keys with escapes. Belongs to one thread, like the filter that holds it.
 */
final class JsonWalker {
    /** What is done with each value found. */
    interface Visitor {
        /** Takes one value and says whether the walk is done. */
        boolean value(ValueTest.Kind kind, byte[] json, int offset, int length);

        /** Whether the values inside an object found at the path are visited too, once the object itself was. */
        boolean descends();
    }

    private final byte[][] names;
    private byte[] json = {};
    private int at;

    /** @param path the keys from the outermost to the innermost; empty for the record itself */
    JsonWalker(List<String> path) {
        this.names =
                path.stream().map(name -> name.getBytes(StandardCharsets.UTF_8)).toArray(byte[][]::new);
    }

    /** Whether the visitor said that it is done. */
    boolean walk(byte[] record, int offset, Visitor visitor) {
        json = record;
        at = offset;
        return value(0, visitor);
    }

    /** Reads the value at {@code at}; below {@code level} names of the path matched. Leaves {@code at} behind it. */
    private boolean value(int level, Visitor visitor) {
        int start = at;
        return switch (json[at]) {
            case '{' -> object(level, visitor);
            case '[' -> elements(level, visitor);
            case '"' -> {
                skip();
                yield level == names.length && visitor.value(ValueTest.Kind.STRING, json, start + 1, at - start - 2);
            }
            case 't' -> scalar(level, ValueTest.Kind.TRUE, visitor);
            case 'f' -> scalar(level, ValueTest.Kind.FALSE, visitor);
            case 'n' -> scalar(level, ValueTest.Kind.NULL, visitor);
            default -> scalar(level, ValueTest.Kind.NUMBER, visitor);
        };
    }

    private boolean scalar(int level, ValueTest.Kind kind, Visitor visitor) {
        int start = at;
        skip();
        return level == names.length && visitor.value(kind, json, start, at - start);
    }

    private boolean object(int level, Visitor visitor) {
        if (level == names.length) {
            if (visitor.value(ValueTest.Kind.OBJECT, json, at, 0)) {
                return true;
            }
            if (!visitor.descends()) {
                skip();
                return false;
            }
        }
        return members(level, visitor);
    }

    private boolean members(int level, Visitor visitor) {
        at++;
        while (json[at] != '}') {
            int key = at + 1;
            skip();
            int keyEnd = at - 1;
            at++; // the colon
            if (level == names.length) {
                if (value(level, visitor)) {
                    return true;
                }
            } else if (isName(level, key, keyEnd)) {
                if (value(level + 1, visitor)) {
                    return true;
                }
            } else {
                skip();
            }
            if (json[at] == ',') {
                at++;
            }
        }
        at++;
        return false;
    }

    private boolean elements(int level, Visitor visitor) {
        at++;
        while (json[at] != ']') {
            if (value(level, visitor)) {
                return true;
            }
            if (json[at] == ',') {
                at++;
            }
        }
        at++;
        return false;
    }

    private boolean isName(int level, int key, int keyEnd) {
        byte[] name = names[level];
        if (JsonText.indexOfEscape(json, key, keyEnd) == keyEnd) {
            return Arrays.equals(json, key, keyEnd, name, 0, name.length);
        }
        return JsonText.decode(json, key, keyEnd).equals(new String(name, StandardCharsets.UTF_8));
    }

    /** Moves behind the value at {@code at}. */
    private void skip() {
        int depth = 0;
        do {
            switch (json[at]) {
                case '{', '[' -> depth++;
                case '}', ']' -> depth--;
                case '"' -> {
                    at++;
                    while (json[at] != '"') {
                        at += json[at] == '\\' ? 2 : 1;
                    }
                }
                case ',', ':' -> {}
                default -> {
                    while (!endsScalar(json[at + 1])) {
                        at++;
                    }
                }
            }
            at++;
        } while (depth > 0);
    }

    private static boolean endsScalar(byte b) {
        return b == ',' || b == '}' || b == ']';
    }
}
