package io.policylog.parser;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ThreadLocalRandom;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The parser and the {@link Oracle} agree on every line. */
final class OracleTest {
    private static final Limits LIMITS = new Limits(4096, 16, 6);

    @Test
    void agreesOnGeneratedAndMutatedLines() {
        compare(60_000);
    }

    @Test
    @Tag("soak")
    void agreesOnMillionsOfLines() {
        compare(5_000_000);
    }

    private static void compare(int rounds) {
        long seed = Long.getLong("policylog.seed", ThreadLocalRandom.current().nextLong());
        System.out.println("OracleTest: policylog.seed=" + seed);
        RandomGenerator random = new Random(seed);
        LineGenerator generator = new LineGenerator(random);
        Comparison filling = new Comparison("gke-\"demo\"-é");
        Comparison leaving = new Comparison(null);
        for (int i = 0; i < rounds; i++) {
            byte[] line = i % 50 == 0 ? generator.misshapen() : generator.line();
            Comparison comparison = i % 2 == 0 ? filling : leaving;
            comparison.check(line, random);
            comparison.check(generator.mutated(line), random);
        }
        System.out.println("OracleTest: " + 2 * rounds + " lines, records " + (filling.records + leaving.records)
                + ", passed through " + (filling.passedThrough + leaving.passedThrough) + ", " + filling.reasons);
        assertTrue(filling.records > rounds / 4 && leaving.passedThrough > rounds / 100, "too few records");
        assertEquals(MalformedReason.values().length, filling.reasons.size(), () -> "seen " + filling.reasons);
    }

    /** One parser and its oracle. */
    private static final class Comparison {
        private final Parser parser;
        private final Parser again;
        private final Oracle oracle;
        private final Map<MalformedReason, Integer> reasons = new EnumMap<>(MalformedReason.class);
        private int records;
        private int passedThrough;

        Comparison(@Nullable String nodeName) {
            parser = new Parser(LIMITS, nodeName);
            again = new Parser(LIMITS, nodeName);
            oracle = new Oracle(LIMITS, nodeName);
        }

        void check(byte[] line, RandomGenerator random) {
            String shown = new String(line, UTF_8);
            Oracle.Verdict verdict = oracle.judge(line);
            int before = random.nextInt(20);
            byte[] buffer = new byte[before + line.length + random.nextInt(20)];
            random.nextBytes(buffer);
            System.arraycopy(line, 0, buffer, before, line.length);
            switch (parser.parse(buffer, before, before + line.length)) {
                case MalformedLine malformed -> {
                    assertEquals(verdict.json(), "malformed: " + malformed.reason(), shown);
                    reasons.merge(malformed.reason(), 1, Integer::sum);
                }
                case PolicyRecord parsed -> {
                    records++;
                    check(parsed, verdict, shown, random.nextInt(16) == 0);
                }
            }
        }

        private void check(PolicyRecord parsed, Oracle.Verdict verdict, String shown, boolean fields) {
            byte[] json =
                    Arrays.copyOfRange(parsed.json(), parsed.jsonOffset(), parsed.jsonOffset() + parsed.jsonLength());
            assertEquals(verdict.json(), new String(json, UTF_8), shown);
            if (parsed.isNormal()) {
                assertSame(parsed.line(), parsed.json(), shown);
                passedThrough++;
            }
            boolean same = parsed.lineLength() == json.length
                    && Arrays.equals(
                            parsed.line(),
                            parsed.lineOffset(),
                            parsed.lineOffset() + json.length,
                            json,
                            0,
                            json.length);
            assertEquals(same, parsed.isNormal() && parsed.lineLength() == parsed.jsonLength(), shown);
            if (fields) {
                RecordAssertions.assertFields(parsed, verdict.record());
            }
            PolicyRecord second = (PolicyRecord) again.parse(json, 0, json.length);
            assertSame(json, second.json(), shown);
            assertEquals(json.length, second.jsonLength(), shown);
            assertEquals(0, second.jsonOffset(), shown);
        }
    }
}
