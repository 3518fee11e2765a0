package io.policylog.agent.config;

/**
 * Where something was written.
 *
 * @param source the file, or {@code --set}
 * @param line from 1; 0 when the source has no lines
 * @param column from 1; 0 when the source has no lines
 */
record Place(String source, int line, int column) {
    /** The whole of a source. */
    static Place of(String source) {
        return new Place(source, 0, 0);
    }

    @Override
    public String toString() {
        return line == 0 ? source : source + ':' + line + ':' + column;
    }
}
