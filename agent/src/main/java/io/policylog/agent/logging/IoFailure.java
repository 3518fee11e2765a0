package io.policylog.agent.logging;

import java.io.IOException;
import java.nio.file.FileSystemException;

/** What people read of a failed input or output. */
public final class IoFailure {
    private IoFailure() {}

    /** The message, and what happened where that names no more than a path, as the file system's exceptions do. */
    public static String describe(IOException e) {
        String what = e.getClass().getSimpleName().replace("Exception", "");
        if (e.getMessage() == null) {
            return what;
        }
        boolean isPathOnly = e instanceof FileSystemException failure && failure.getReason() == null;
        return (isPathOnly ? what + ": " : "") + e.getMessage();
    }
}
