package io.policylog.agent.simulate;

import io.policylog.parser.MalformedReason;
import java.io.IOException;
import java.time.Instant;
import java.util.SplittableRandom;

/**
 * Makes the lines a node would write, in the order in which it would write them: connections of a simulated cluster come
 * in over time, allowed ones become a line each, denied ones are folded, lines above the limit are dropped.
 *
 * <p>It has a time of its own, the log's, which moves from event to event; whoever wants it to be the real one waits for
 * {@link #nextEventEpochNanos} before each {@link #step}. So the same options give the same bytes at any speed, and a
 * line's timestamp is when its connection was due, whether or not the machine kept up.
 *
 * <p>No two attempts have the same time, so no two lines of one generator are the same. Belongs to one thread.
 */
public final class TrafficGenerator {
    private static final long SECOND_NANOS = 1_000_000_000L;

    /** The range Linux takes source ports from. */
    private static final int FIRST_SRC_PORT = 32_768;

    private static final int LAST_SRC_PORT = 60_999;

    /** What the rogue makes, unless that is more than half of the denied ones. */
    private static final double ROGUE_ATTEMPTS_PER_SECOND = 4;

    /** Times are rounded now and then, so that timestamps have fewer than nine digits as real ones have. */
    private static final long[] ROUNDING_NANOS = {1, 1, 1, 1, 1, 1_000, 1_000_000, SECOND_NANOS};

    private static final MalformedReason[] MALFORMED_REASONS = MalformedReason.values();

    private final TrafficOptions options;
    private final SplittableRandom random;
    private final SplittableRandom malformedRandom;
    private final Flow[] allowed;
    private final Flow[] denied;
    private final Flow rogue;
    /** Of the denied attempts. */
    private final double rogueShare;

    private final long startEpochNanos;
    private final DenyFolding folding = new DenyFolding();
    private final TimestampWriter timestamps = new TimestampWriter();
    private final byte[] line = new byte[MalformedLines.MAX_LINE_BYTES];

    private long attempts;
    private long attemptEpochNanos;
    private long tickEpochNanos;
    private long linesSinceTick;
    private long lines;
    private long malformedLines;
    private long rateLimitDrops;
    private long aggregationLimitDrops;

    public TrafficGenerator(TrafficOptions options) {
        this.options = options;
        random = new SplittableRandom(options.seed());
        malformedRandom = random.split();
        Cast cast = new Cast(random);
        allowed = cast.allowed();
        denied = cast.denied();
        rogue = cast.rogue();
        rogueShare = Math.min(0.5, ROGUE_ATTEMPTS_PER_SECOND / (options.attemptsPerSecond() * options.denyShare()));
        Instant start = options.start();
        startEpochNanos = start.getEpochSecond() * SECOND_NANOS + start.getNano();
        attemptEpochNanos = attemptTime(0, startEpochNanos - 1);
        tickEpochNanos = startEpochNanos + SECOND_NANOS;
    }

    /** The log's time of the next event: an attempt, or a tick of the writer's timer, which comes each second. */
    public long nextEventEpochNanos() {
        return Math.min(attemptEpochNanos, tickEpochNanos);
    }

    /** Lets the next event happen; hands out the lines that are written then: none, one, or at a tick many. */
    public void step(LineConsumer out) throws IOException {
        if (tickEpochNanos <= attemptEpochNanos) {
            linesSinceTick = 0;
            writeFoldsBegunBy(tickEpochNanos - DenyFolding.FOLD_NANOS, out);
            tickEpochNanos += SECOND_NANOS;
        } else {
            attempt(out);
            attempts++;
            attemptEpochNanos = attemptTime(attempts, attemptEpochNanos);
        }
    }

    /** Writes all folds, as at the end. */
    public void flush(LineConsumer out) throws IOException {
        writeFoldsBegunBy(Long.MAX_VALUE, out);
    }

    /** Makes exactly {@code count} lines, the last of them the folds that are open then. */
    public void generate(long count, LineConsumer out) throws IOException {
        long end = Math.addExact(lines, count);
        while (lines < end) {
            if (lines + folding.size() < end) {
                step(out);
            } else {
                flush(out);
            }
        }
    }

    public TrafficCounts counts() {
        return new TrafficCounts(
                attempts, lines, malformedLines, folding.size(), rateLimitDrops, aggregationLimitDrops);
    }

    /** When the attempt is due: within its share of a second, after {@code previous}, now and then at a round time. */
    private long attemptTime(long attempt, long previous) {
        double intervalNanos = SECOND_NANOS / options.attemptsPerSecond();
        long jitter = random.nextLong((long) intervalNanos);
        long due = Math.max(previous + 1, startEpochNanos + (long) (attempt * intervalNanos) + jitter);
        long rounded = due - due % ROUNDING_NANOS[random.nextInt(ROUNDING_NANOS.length)];
        return rounded > previous ? rounded : due;
    }

    private void attempt(LineConsumer out) throws IOException {
        int srcPort = FIRST_SRC_PORT + random.nextInt(LAST_SRC_PORT - FIRST_SRC_PORT + 1);
        if (random.nextDouble() >= options.denyShare()) {
            write(allowed[random.nextInt(allowed.length)], srcPort, 1, attemptEpochNanos, out);
            return;
        }
        Flow flow = random.nextDouble() < rogueShare ? rogue : denied[random.nextInt(denied.length)];
        if (!folding.add(flow, srcPort, attemptEpochNanos)) {
            aggregationLimitDrops++;
        }
    }

    private void writeFoldsBegunBy(long epochNanos, LineConsumer out) throws IOException {
        for (DenyFolding.Fold fold = folding.pollBegunBy(epochNanos);
                fold != null;
                fold = folding.pollBegunBy(epochNanos)) {
            write(fold.flow, fold.srcPort, fold.count(), fold.firstEpochNanos, out);
        }
    }

    private void write(Flow flow, int srcPort, long count, long epochNanos, LineConsumer out) throws IOException {
        if (options.maxLinesPerSecond() != 0 && linesSinceTick == options.maxLinesPerSecond()) {
            rateLimitDrops++;
            return;
        }
        int length = flow.template(shape(), options.nodeName()).write(line, srcPort, count, epochNanos, timestamps);
        if (options.malformedShare() > 0 && malformedRandom.nextDouble() < options.malformedShare()) {
            MalformedReason reason = MALFORMED_REASONS[malformedRandom.nextInt(MALFORMED_REASONS.length)];
            length = MalformedLines.damage(line, length, reason);
            malformedLines++;
        }
        linesSinceTick++;
        lines++;
        out.accept(line, 0, length);
    }

    private Shape shape() {
        return switch (options.generation()) {
            case FIRST -> Shape.GENERATION_1;
            case SECOND -> Shape.GENERATION_2;
            case THIRD -> thirdGenerationShape();
            case MIXED ->
                switch (random.nextInt(10)) {
                    case 0 -> Shape.GENERATION_1;
                    case 1, 2 -> Shape.GENERATION_2;
                    default -> thirdGenerationShape();
                };
        };
    }

    private Shape thirdGenerationShape() {
        return random.nextInt(20) == 0 ? Shape.GENERATION_3_UNORDERED : Shape.GENERATION_3;
    }
}
