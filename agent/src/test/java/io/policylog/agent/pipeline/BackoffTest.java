package io.policylog.agent.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.policylog.sinks.SinkException;
import io.policylog.sinks.SinkException.Kind;
import java.time.Duration;
import java.util.LongSummaryStatistics;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

final class BackoffTest {
    private final SinkException unavailable = new SinkException(Kind.UNAVAILABLE, true, "away");
    private final SinkException fenced = new SinkException(Kind.FENCED, true, "a twin");
    private final SinkException refused = new SinkException(Kind.AUTHORIZATION, false, "no");

    /** What many nodes wait for that have failed so often. */
    private LongSummaryStatistics waits(int failuresBefore, SinkException failure) {
        return LongStream.range(0, 10_000)
                .map(seed -> {
                    Backoff backoff = new Backoff(new Random(seed));
                    for (int i = 0; i < failuresBefore; i++) {
                        backoff.nextMillis(unavailable, 0);
                    }
                    return backoff.nextMillis(failure, 0);
                })
                .summaryStatistics();
    }

    private static void assertSpread(long from, long to, LongSummaryStatistics waits) {
        assertTrue(waits.getMin() >= from && waits.getMax() <= to, waits::toString);
        double middle = (from + to) / 2.0;
        assertEquals(middle, waits.getAverage(), middle / 20, waits::toString);
        assertTrue(waits.getMax() > to - (to - from) / 20, waits::toString);
    }

    @Test
    void spreadsTheNodesOfAClusterOverHalfAMinuteAfterAnOutage() {
        assertSpread(1, 1_000, waits(0, unavailable));
        assertSpread(1, 2_000, waits(1, unavailable));
        assertSpread(1, 30_000, waits(5, unavailable));
        assertSpread(1, 30_000, waits(100, unavailable));
    }

    @Test
    void waitsLongerForWhatOnlyAnOperatorCanMend() {
        assertSpread(30_000, 60_000, waits(0, refused));
    }

    @Test
    void beginsAnewAfterACommit() {
        Backoff backoff = new Backoff(new Random(1));
        for (int i = 0; i < 10; i++) {
            backoff.nextMillis(unavailable, 0);
        }
        backoff.reset();
        assertTrue(backoff.nextMillis(unavailable, 0) <= 1_000);
    }

    @Test
    void comesBackRarelyWhenItIsFencedAgainWithinFiveMinutesThoughItCommittedBetween() {
        Backoff backoff = new Backoff(new Random(1));
        long minute = Duration.ofMinutes(1).toNanos();
        assertTrue(backoff.nextMillis(fenced, 0) <= 1_000);
        backoff.reset();
        for (int i = 1; i <= 1_000; i++) {
            long wait = backoff.nextMillis(fenced, i * 4L * minute);
            assertTrue(wait >= 60_000 && wait < 180_000, () -> wait + " ms");
            backoff.reset();
        }
        assertTrue(backoff.nextMillis(fenced, 4_010 * minute) <= 1_000, "after ten quiet minutes");
    }
}
