package io.policylog.sinks;

import java.io.IOException;

/** Whether whoever read an output has gone. */
public final class ClosedPipe {
    private ClosedPipe() {}

    /** Whether a failed write met a closed pipe (EPIPE), which the JDK tells only by the text of the message. */
    public static boolean isCauseOf(IOException failure) {
        return String.valueOf(failure.getMessage()).contains("Broken pipe");
    }
}
