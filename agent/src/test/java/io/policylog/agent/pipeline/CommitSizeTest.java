package io.policylog.agent.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import org.junit.jupiter.api.Test;

final class CommitSizeTest {
    private static final long AT_ONCE = Duration.ofMillis(10).toNanos();
    private static final long SLOW = Duration.ofSeconds(3).toNanos();

    private final CommitSize size = new CommitSize();

    @Test
    void isNoBoundUntilSomethingFails() {
        size.committed(1L << 40, SLOW);
        assertEquals(Long.MAX_VALUE, size.maxBytes());
        size.failed(0);
        assertEquals(Long.MAX_VALUE, size.maxBytes(), "nothing was written");
        assertFalse(size.cut());
    }

    @Test
    void isAQuarterOfWhatFailedAndGrowsWithEachCommitThatItCut() {
        size.failed(8 << 20);
        assertEquals(2 << 20, size.maxBytes());
        size.committed(2 << 20, AT_ONCE);
        assertTrue(size.cut());
        assertEquals(4 << 20, size.maxBytes());
        size.committed(4 << 20, SLOW);
        assertEquals(5 << 20, size.maxBytes());
    }

    /** Also where each commit takes long, or comes only with an interval. */
    @Test
    void isNoBoundAgainWhenACommitComesForAnotherReason() {
        size.failed(8 << 20);
        size.committed(1 << 20, SLOW);
        assertFalse(size.cut());
        assertEquals(Long.MAX_VALUE, size.maxBytes());
    }

    @Test
    void isNeverLessThanAReadGives() {
        size.failed(100);
        size.failed(100);
        assertEquals(64 << 10, size.maxBytes());
    }
}
