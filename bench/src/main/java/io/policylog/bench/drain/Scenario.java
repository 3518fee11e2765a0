package io.policylog.bench.drain;

import java.util.List;
import java.util.function.Function;

/**
 * A command that reads the data once.
 *
 * @param about what it does and with which settings, for the table
 * @param maxLines reads only the first files with about so many lines, when all would take too long
 * @param proof what its output says about the work being done
 * @param command the program and its arguments for the data
 */
record Scenario(String name, String about, long maxLines, Proof proof, Function<DataSet, List<String>> command) {
    static final long ALL_LINES = Long.MAX_VALUE;

    enum Proof {
        /** Exit code 0 must do; the output is discarded by the null device. */
        EXIT_CODE,
        /** The first number of the output's last line is the number of lines. */
        LINE_COUNT
    }

    DataSet select(DataSet data) {
        return data.first(maxLines);
    }
}
