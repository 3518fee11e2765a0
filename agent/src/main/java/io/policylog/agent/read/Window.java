package io.policylog.agent.read;

import io.policylog.agent.config.Units;
import io.policylog.parser.PolicyRecord;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Optional;

/**
 * The time that records must lie in.
 *
 * @param since the first moment, if there is one
 * @param until the first moment after it, if there is one
 */
record Window(Optional<Instant> since, Optional<Instant> until) {
    /**
     * How far a record's time and the order of the log may differ: a denied connection is written up to 6 s after its
     * time, and clocks are set.
     */
    private static final Duration SLACK = Duration.ofMinutes(1);

    /** A time as people write it: RFC 3339, a date (its midnight, UTC), or a duration, so long before now. */
    static Instant time(String text, Instant now) {
        try {
            if (text.indexOf('T') > 0 || text.indexOf('t') > 0) {
                return OffsetDateTime.parse(text).toInstant();
            }
            if (text.indexOf('-') > 0) {
                return LocalDate.parse(text).atStartOfDay(ZoneOffset.UTC).toInstant();
            }
            return now.minus(Units.duration(text));
        } catch (DateTimeException | IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "must be a time such as 2026-01-31T12:00:00Z, a date such as 2026-01-31, or how long ago, such as 1h;"
                            + " found '" + text + "'",
                    e);
        }
    }

    /** Whether the record's time lies in it. */
    boolean holds(PolicyRecord record) {
        return (since.isEmpty() || compare(record, since.get()) >= 0)
                && (until.isEmpty() || compare(record, until.get()) < 0);
    }

    /** Whether a file that was last written to at this time can hold a record that lies in it. */
    boolean mayBeIn(Instant lastModified) {
        return since.isEmpty() || !lastModified.plus(SLACK).isBefore(since.get());
    }

    /** Whether no record of a segment that begins with this one can lie in it, for they come later. */
    boolean endsBefore(PolicyRecord first) {
        return until.isPresent() && compare(first, until.get().plus(SLACK)) > 0;
    }

    private static int compare(PolicyRecord record, Instant time) {
        int seconds = Long.compare(record.epochSecond(), time.getEpochSecond());
        return seconds != 0 ? seconds : Integer.compare(record.nano(), time.getNano());
    }
}
