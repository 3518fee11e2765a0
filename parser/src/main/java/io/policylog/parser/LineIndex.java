package io.policylog.parser;

import java.util.Arrays;

/**
 * Where everything of one line stands. The parser fills it; {@link PolicyRecord} and {@link Normalizer} read it. All of
 * it is reused for the next line, so its size follows the largest line so far, which {@link Limits} bounds.
 *
 * <p>Each object has a block of cells. First come {@link #HEADER} cells about the object, then one for each known key,
 * in the order of {@link Keys}: where the value begins and where it ends, for a string without its quotes, in one cell. The blocks
 * of the policies follow one another from {@link #POLICIES} on. A value that normalization changes or adds stands not
 * in the line but in another array: {@link #array}.
 */
final class LineIndex {
    /** Cell of a header: bits of the known keys that are there, given or filled in. */
    static final int SEEN = 0;
    /** Cell of a header: bits of the known keys whose value does not stand under the key, but was changed or added. */
    static final int DISPLACED = 1;
    /** Cell of a header: 1 if the object stands in the line as it is when normalized. */
    static final int NORMAL = 2;
    /** Cell of a header: the first of the object's unknown members, and after the last. */
    static final int EXTRAS = 3;

    static final int HEADER = 4;

    static final int TOP = 0;
    static final int CONNECTION = TOP + HEADER + 8;
    static final int SRC = CONNECTION + HEADER + 6;
    static final int DEST = SRC + HEADER + 7;
    static final int POLICIES = DEST + HEADER + 7;
    static final int POLICY_CELLS = HEADER + 5;

    /** Known keys by their place in {@link Keys}. */
    static final int TOP_CONNECTION = 0;

    static final int TOP_DISPOSITION = 1;
    static final int TOP_COUNT = 5;
    static final int TOP_NODE_NAME = 6;
    static final int TOP_TIMESTAMP = 7;
    static final int WORKLOAD_POD_NAMESPACE = 4;
    static final int WORKLOAD_NAMESPACE = 5;

    private static final int EXTRA_CELLS = 3;
    private static final byte[] ONE = {'1'};

    private final byte[] nodeName;
    private byte[] line = {};
    private long[] cells = new long[POLICIES + 4 * POLICY_CELLS];
    private int policyCount;
    private boolean policiesNormal;
    /** For each unknown member: the base of its object's block, where its key begins, and where its value ends. */
    private int[] extras = new int[4 * EXTRA_CELLS];

    private int extraCount;
    /** Values of {@link #TOP} and {@link #CONNECTION} that were changed, with their quotes. */
    private byte[] rewritten = new byte[64];

    private int rewrittenLength;
    /** @param nodeName what {@code node_name} is filled with, as a JSON string */
    LineIndex(byte[] nodeName) {
        this.nodeName = nodeName;
    }

    void begin(byte[] line) {
        this.line = line;
        policyCount = 0;
        extraCount = 0;
        rewrittenLength = 0;
        cells[CONNECTION + SEEN] = 0;
        cells[SRC + SEEN] = 0;
        cells[DEST + SEEN] = 0;
    }

    static int cell(int base, int key) {
        return base + HEADER + key;
    }

    static int policyBase(int policy) {
        return POLICIES + policy * POLICY_CELLS;
    }

    private static long range(int from, int to) {
        return (long) from << Integer.SIZE | to;
    }

    void put(int base, int key, int from, int to) {
        cells[cell(base, key)] = range(from, to);
    }

    /** Begins an object's block; {@link #putHeader} ends it. */
    void beginBlock(int base) {
        cells[base + DISPLACED] = 0;
    }

    void putHeader(int base, int seen, boolean normal, int extrasFrom) {
        cells[base + SEEN] = seen;
        cells[base + NORMAL] = normal ? 1 : 0;
        cells[base + EXTRAS] = range(extrasFrom, extraCount);
    }

    boolean has(int base, int key) {
        return (cells[base + SEEN] & 1L << key) != 0;
    }

    int seen(int base) {
        return (int) cells[base + SEEN];
    }

    boolean isNormal(int base) {
        return cells[base + NORMAL] != 0;
    }

    int from(int base, int key) {
        return (int) (cells[cell(base, key)] >>> Integer.SIZE);
    }

    int to(int base, int key) {
        return (int) cells[cell(base, key)];
    }

    /** The array that {@link #from} and {@link #to} are about. */
    byte[] array(int base, int key) {
        if (!isDisplaced(base, key)) {
            return line;
        }
        if (base == TOP && key == TOP_COUNT) {
            return ONE;
        }
        if (base == TOP && key == TOP_NODE_NAME) {
            return nodeName;
        }
        return base == TOP || base == CONNECTION ? rewritten : line;
    }

    byte[] line() {
        return line;
    }

    int policyCount() {
        return policyCount;
    }

    /** Notes whether the array of policies stands in the line as it is when normalized. */
    void putPolicies(boolean normal) {
        policiesNormal = normal;
    }

    boolean policiesNormal() {
        return policiesNormal;
    }

    /** Makes room for one more policy and returns the base of its block. */
    int addPolicy() {
        int base = policyBase(policyCount++);
        if (base + POLICY_CELLS > cells.length) {
            cells = Arrays.copyOf(cells, cells.length * 2);
        }
        return base;
    }

    int extraCount() {
        return extraCount;
    }

    void addExtra(int base, int from, int to) {
        int at = extraCount * EXTRA_CELLS;
        if (at == extras.length) {
            extras = Arrays.copyOf(extras, at * 2);
        }
        extras[at] = base;
        extras[at + 1] = from;
        extras[at + 2] = to;
        extraCount++;
    }

    int extrasFrom(int base) {
        return (int) (cells[base + EXTRAS] >>> Integer.SIZE);
    }

    int extrasTo(int base) {
        return (int) cells[base + EXTRAS];
    }

    boolean isExtraOf(int base, int extra) {
        return extras[extra * EXTRA_CELLS] == base;
    }

    int extraFrom(int extra) {
        return extras[extra * EXTRA_CELLS + 1];
    }

    int extraTo(int extra) {
        return extras[extra * EXTRA_CELLS + 2];
    }

    /** Room for a rewritten string of at most {@code length} bytes, quotes not counted; {@link #rewritten} may move. */
    int beginRewritten(int length) {
        int needed = rewrittenLength + length + 2;
        if (needed > rewritten.length) {
            rewritten = Arrays.copyOf(rewritten, Math.max(needed, rewritten.length * 2));
        }
        rewritten[rewrittenLength] = '"';
        return rewrittenLength + 1;
    }

    byte[] rewritten() {
        return rewritten;
    }

    /** Makes what stands in {@code rewritten[from, to)} the value of the key. */
    void putRewritten(int base, int key, int from, int to) {
        put(base, key, from, to);
        rewritten[to] = '"';
        rewrittenLength = to + 1;
        cells[base + DISPLACED] |= 1L << key;
    }

    private void fill(int base, int key) {
        cells[base + SEEN] |= 1L << key;
        cells[base + DISPLACED] |= 1L << key;
        cells[base + NORMAL] = 0;
    }

    /** The most that {@link #fillNodeName} adds. */
    int filledLength() {
        return nodeName.length;
    }

    /** Whether the value does not stand under its key in the line. */
    boolean isDisplaced(int base, int key) {
        return (cells[base + DISPLACED] & 1L << key) != 0;
    }

    void fillCount() {
        fill(TOP, TOP_COUNT);
        put(TOP, TOP_COUNT, 0, ONE.length);
    }

    void fillNodeName() {
        fill(TOP, TOP_NODE_NAME);
        put(TOP, TOP_NODE_NAME, 1, nodeName.length - 1);
    }

    /** Lets each of {@code pod_namespace} and {@code namespace} stand for the other; true if one had to. */
    boolean mirrorNamespaces(int base) {
        boolean pod = has(base, WORKLOAD_POD_NAMESPACE);
        if (pod == has(base, WORKLOAD_NAMESPACE)) {
            return false;
        }
        int given = pod ? WORKLOAD_POD_NAMESPACE : WORKLOAD_NAMESPACE;
        int missing = pod ? WORKLOAD_NAMESPACE : WORKLOAD_POD_NAMESPACE;
        put(base, missing, from(base, given), to(base, given));
        fill(base, missing);
        return true;
    }
}
