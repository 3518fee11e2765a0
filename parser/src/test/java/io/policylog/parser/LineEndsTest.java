package io.policylog.parser;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class LineEndsTest {
    @Test
    void findsTheFirstLineEndOfEachRange() {
        SplittableRandom random = new SplittableRandom(1);
        // Bytes that a borrow or a carry could take for a line end.
        byte[] alphabet = {'\n', '\n' + 1, '\n' - 1, '\n' | (byte) 0x80, 0, (byte) 0xff, 'x'};
        for (int round = 0; round < 20_000; round++) {
            byte[] bytes = new byte[random.nextInt(40)];
            for (int i = 0; i < bytes.length; i++) {
                bytes[i] = alphabet[random.nextInt(round % 2 == 0 ? 0 : 1, alphabet.length)];
            }
            int end = random.nextInt(bytes.length + 1);
            int start = random.nextInt(end + 1);
            int expected = start;
            while (expected < end && bytes[expected] != '\n') {
                expected++;
            }
            assertEquals(expected, LineEnds.next(bytes, start, end), "round " + round);
        }
    }
}
