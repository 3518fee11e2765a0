package io.policylog.sinks;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.FileSystemException;
import org.junit.jupiter.api.Test;

final class FullDiskTest {
    /** The texts are those of the C library (glibc, strerror). */
    @Test
    void aDiskIsFullForEverybodyOrForUs() {
        assertTrue(FullDisk.isCauseOf(new IOException("No space left on device")));
        assertTrue(FullDisk.isCauseOf(new FileSystemException("/a", null, "No space left on device")));
        assertTrue(FullDisk.isCauseOf(new IOException("Disk quota exceeded")));
        assertTrue(FullDisk.isCauseOf(new FileSystemException("/a", "/b", "Disk quota exceeded")));
    }

    @Test
    void otherFailuresAreNoFullDisk() {
        assertFalse(FullDisk.isCauseOf(new IOException("Input/output error")));
        assertFalse(FullDisk.isCauseOf(new IOException((String) null)));
    }
}
