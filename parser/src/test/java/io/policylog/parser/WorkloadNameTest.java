package io.policylog.parser;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class WorkloadNameTest {
    @ParameterizedTest
    @CsvSource({
        "client-allow-7b78d7c957, ReplicaSet, client-allow",
        "web-bcdfg2, ReplicaSet, web",
        "web-bcdfghjk24, ReplicaSet, web",
        "web-bcdfg, ReplicaSet, web-bcdfg",
        "web-bcdfghjk245, ReplicaSet, web-bcdfghjk245",
        "web-bcdfga, ReplicaSet, web-bcdfga",
        "web-bcdfg0, ReplicaSet, web-bcdfg0",
        "web-BCDFG2, ReplicaSet, web-BCDFG2",
        "7b78d7c957, ReplicaSet, 7b78d7c957",
        "-7b78d7c957, ReplicaSet, -7b78d7c957",
        "web-, ReplicaSet, web-",
        "web-7b78d7c957, Deployment, web-7b78d7c957",
        "web-7b78d7c957, replicaset, web-7b78d7c957",
        "backup-28734015, Job, backup",
        "backup-1724162577, Job, backup",
        "backup-2873401, Job, backup-2873401",
        "backup-2873401x, Job, backup-2873401x",
        "backup-28734015, CronJob, backup-28734015",
        "backup-28734015, ReplicaSet, backup-28734015"
    })
    void cutsWhatChangesAtEachRolloutOrRun(String name, String kind, String stable) {
        assertEquals(stable, WorkloadName.stable(name, kind));
    }

    @Test
    void keepsTheNameOfAnUnknownKind() {
        assertEquals("web-7b78d7c957", WorkloadName.stable("web-7b78d7c957", null));
    }
}
