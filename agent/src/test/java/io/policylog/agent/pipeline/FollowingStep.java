package io.policylog.agent.pipeline;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.random.RandomGenerator;

/**
 * One step of a sequence that {@link FollowingModel} runs. A step carries everything that decides what it does, so that
 * it does the same, as far as that is possible, when the steps before it are left out.
 *
 * @param choice seeds what the step chooses by chance
 */
record FollowingStep(Operation operation, int choice) {
    /** What writers, rotators, operators, machines and the agent do. */
    enum Operation {
        WRITE(10),
        WRITE_IN_PARTS(3),
        ROTATE(4),
        ROTATE_NUMBERED(3),
        COPY_TRUNCATE(2),
        TRUNCATE(1),
        COMPRESS(3),
        DELETE(3),
        REUSE_INODE(2),
        WRITE_LATE(1),
        TOUCH(1),
        STEP_CLOCK(1),
        CUT_BACK(1),
        POWER_CUT(2),
        STOP(2),
        CRASH(3),
        START(6),
        ADD_SINK(1),
        RENAME_SINK(1),
        FILL_DISK(2),
        FREE_DISK(2),
        SCAN(16),
        READ(16),
        COMMIT(6),
        PASS(5),
        PASS_LONG(1);

        private final int weight;

        Operation(int weight) {
            this.weight = weight;
        }
    }

    RandomGenerator random() {
        return new Random(choice * 0x9E3779B97F4A7C15L);
    }

    static List<FollowingStep> sequence(long seed, int length) {
        List<Operation> weighted = new ArrayList<>();
        for (Operation operation : Operation.values()) {
            for (int i = 0; i < operation.weight; i++) {
                weighted.add(operation);
            }
        }
        Random random = new Random(seed);
        List<FollowingStep> steps = new ArrayList<>();
        for (int i = 0; i < length; i++) {
            steps.add(new FollowingStep(weighted.get(random.nextInt(weighted.size())), random.nextInt(1000)));
        }
        return steps;
    }

    /** Reads what {@link #toString} gives of a sequence. */
    static List<FollowingStep> parse(String steps) {
        List<FollowingStep> parsed = new ArrayList<>();
        for (String step : steps.split(", ", -1)) {
            int open = step.indexOf('(');
            parsed.add(new FollowingStep(
                    Operation.valueOf(step.substring(0, open)),
                    Integer.parseInt(step.substring(open + 1, step.length() - 1))));
        }
        return parsed;
    }

    @Override
    public String toString() {
        return operation + "(" + choice + ")";
    }
}
