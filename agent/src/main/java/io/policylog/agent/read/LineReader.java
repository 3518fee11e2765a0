package io.policylog.agent.read;

import io.policylog.parser.LineEnds;
import io.policylog.parser.Parser;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;

/**
 * Cuts a stream into lines, or, when it is one or more JSON arrays of objects, or objects that are spread over lines,
 * into those objects. Memory is bounded by the longest line that is accepted: of a longer one the beginning is kept, and
 * the rest skipped.
 */
final class LineReader {
    private static final int FIRST_BUFFER_BYTES = 1 << 18;
    private static final int KEPT_OF_TOO_LONG_BYTES = 1 << 10;
    private static final int NONE = -1;

    private final InputStream in;
    private final int maxLineBytes;

    private byte[] buffer = new byte[FIRST_BUFFER_BYTES];
    private int filled;
    /** The offset in the stream of the buffer's first byte. */
    private long bufferOffset;
    /** Where the next line begins in the buffer. */
    private int next;
    /** Up to where the next line was searched for its end. */
    private int scanned;

    private boolean ended;
    private boolean begun;
    private boolean elements;

    private int start;
    private int end;
    private long offset;
    private long length;
    private boolean terminated;

    // Where in an element the search stands.
    private int depth;
    private boolean inString;
    private boolean escaped;

    /** @param maxLineBytes the longest line or element that is not too long */
    LineReader(InputStream in, int maxLineBytes) {
        this.in = in;
        this.maxLineBytes = maxLineBytes;
    }

    /** Goes to the next line; false at the end. */
    boolean next() throws IOException {
        if (!begun) {
            begin();
        }
        return elements ? nextElement() : nextLine();
    }

    /** Holds the line from {@link #start} to {@link #end}, until the next call of {@link #next}. */
    byte[] buffer() {
        return buffer;
    }

    int start() {
        return start;
    }

    int end() {
        return end;
    }

    /** The offset in the stream at which the line begins. */
    long offset() {
        return offset;
    }

    /** How long the line is in the stream. */
    long length() {
        return length;
    }

    /** Whether only the beginning of the line is there. */
    boolean tooLong() {
        return length > end - start;
    }

    /** Whether the line has its end; only the last can be without. */
    boolean terminated() {
        return terminated;
    }

    private void begin() throws IOException {
        begun = true;
        while (filled < Long.BYTES && fill()) {}
        next = Parser.skipByteOrderMark(buffer, 0, filled);
        int at = skipSpace(next);
        if (at < filled && buffer[at] == '[') {
            int inside = skipSpace(at + 1);
            elements = inside == filled || buffer[inside] == '{' || buffer[inside] == ']';
        } else if (at < filled && buffer[at] == '{') {
            elements = brokenAfter(at + 1);
        }
        scanned = next;
    }

    private int skipSpace(int from) throws IOException {
        int at = from;
        while (at < filled || (at < buffer.length && fill())) {
            if (!isSpace(buffer[at])) {
                return at;
            }
            at++;
        }
        return at;
    }

    /** Whether the line has nothing more in it. */
    private boolean brokenAfter(int from) throws IOException {
        int at = from;
        while (at < filled || (at < buffer.length && fill())) {
            if (buffer[at] == '\n') {
                return true;
            } else if (!isSpace(buffer[at])) {
                return false;
            }
            at++;
        }
        return false;
    }

    private static boolean isSpace(byte b) {
        return b == ' ' || b == '\n' || b == '\r' || b == '\t';
    }

    private boolean nextLine() throws IOException {
        while (true) {
            int at = LineEnds.next(buffer, scanned, filled);
            if (at < filled) {
                return found(at, at + 1, true);
            }
            scanned = filled;
            if (ended) {
                return next < filled && found(filled, filled, false);
            }
            if (filled == buffer.length && next == 0 && buffer.length > maxLineBytes + 1) {
                return skipTooLong();
            }
            makeRoom();
            fill();
        }
    }

    private boolean found(int lineEnd, int nextStart, boolean isTerminated) {
        start = next;
        end = lineEnd;
        offset = bufferOffset + start;
        length = (long) lineEnd - start;
        terminated = isTerminated;
        next = nextStart;
        scanned = nextStart;
        return true;
    }

    /** Skips the rest of a line, or of an element, that fills the buffer. */
    private boolean skipTooLong() throws IOException {
        byte[] kept = Arrays.copyOf(buffer, KEPT_OF_TOO_LONG_BYTES);
        long from = bufferOffset;
        int at = NONE;
        while (at == NONE) {
            bufferOffset += filled;
            filled = 0;
            if (!fill()) {
                break;
            }
            at = elements ? elementEnd(0) : LineEnds.next(buffer, 0, filled);
            if (!elements && at == filled) {
                at = NONE;
            }
        }
        int lineEnd = at == NONE ? filled : at;
        long lineLength = bufferOffset - from + lineEnd;
        next = at == NONE ? filled : elements ? at : at + 1;
        scanned = next;
        // The beginning goes before what is still to be read, for which there is room: the buffer holds more than a
        // line.
        int rest = filled - next;
        byte[] moved = new byte[Math.max(FIRST_BUFFER_BYTES, KEPT_OF_TOO_LONG_BYTES + rest)];
        System.arraycopy(kept, 0, moved, 0, KEPT_OF_TOO_LONG_BYTES);
        System.arraycopy(buffer, next, moved, KEPT_OF_TOO_LONG_BYTES, rest);
        bufferOffset += next - KEPT_OF_TOO_LONG_BYTES;
        buffer = moved;
        filled = KEPT_OF_TOO_LONG_BYTES + rest;
        next = KEPT_OF_TOO_LONG_BYTES;
        scanned = next;
        start = 0;
        end = KEPT_OF_TOO_LONG_BYTES;
        offset = from;
        length = lineLength;
        terminated = at != NONE;
        return true;
    }

    private void makeRoom() {
        if (next > 0) {
            System.arraycopy(buffer, next, buffer, 0, filled - next);
            bufferOffset += next;
            filled -= next;
            scanned -= next;
            next = 0;
        } else if (filled == buffer.length) {
            // Two more than a line may have, so that a full buffer without a line end proves a line too long.
            buffer = Arrays.copyOf(buffer, (int) Math.min(buffer.length * 4L, maxLineBytes + 2L));
        }
    }

    private boolean fill() throws IOException {
        int read = ended ? -1 : in.read(buffer, filled, buffer.length - filled);
        if (read < 0) {
            ended = true;
            return false;
        }
        filled += read;
        return true;
    }

    // ---- elements of an array

    private boolean nextElement() throws IOException {
        if (!skipBetween()) {
            return false;
        }
        depth = 0;
        inString = false;
        escaped = false;
        scanned = next;
        while (true) {
            int at = elementEnd(scanned);
            if (at != NONE) {
                return found(at, at, true);
            }
            scanned = filled;
            if (ended) {
                return found(filled, filled, false);
            }
            if (filled == buffer.length && next == 0 && buffer.length > maxLineBytes + 1) {
                return skipTooLong();
            }
            makeRoom();
            fill();
        }
    }

    /** Goes to where an element begins; false at the end. */
    private boolean skipBetween() throws IOException {
        while (true) {
            while (next < filled) {
                byte b = buffer[next];
                if (!isSpace(b) && b != ',' && b != '[' && b != ']') {
                    scanned = next;
                    return true;
                }
                next++;
            }
            scanned = next;
            if (ended) {
                return false;
            }
            makeRoom();
            fill();
        }
    }

    /**
     * Where the element ends that the search is in, from a place on; {@link #NONE} if not in the buffer. One that is no
     * object ends before the next comma or bracket, at the latest with its line.
     */
    private int elementEnd(int from) {
        for (int at = from; at < filled; at++) {
            byte b = buffer[at];
            if (depth == 0 && b == '\n') {
                return at;
            } else if (inString) {
                inString = escaped || b != '"';
                escaped = !escaped && b == '\\';
            } else if (b == '"') {
                inString = true;
            } else if (b == '{' || b == '[') {
                depth++;
            } else if (depth == 0 && (b == ',' || b == ']')) {
                return at;
            } else if ((b == '}' || b == ']') && --depth <= 0) {
                return at + 1;
            }
        }
        return NONE;
    }
}
