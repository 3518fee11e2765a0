package io.policylog.sinks;

import java.io.IOException;

/** Whether there is no room on a disk, which may come back. */
public final class FullDisk {
    private FullDisk() {}

    /**
     * Whether a failed write met a full disk (ENOSPC) or a full quota (EDQUOT), which the JDK tells only by the text of
     * the message.
     */
    public static boolean isCauseOf(IOException failure) {
        String message = String.valueOf(failure.getMessage());
        return message.contains("No space left") || message.contains("Disk quota");
    }
}
