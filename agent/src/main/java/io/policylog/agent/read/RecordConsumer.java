package io.policylog.agent.read;

import io.policylog.parser.PolicyRecord;
import java.io.IOException;

/** Takes one record after the other; each is valid during the call only. */
interface RecordConsumer {
    /** Takes a record, and tells whether it wants more. */
    boolean record(PolicyRecord record, Origin origin) throws IOException;

    /** There are no more records in this input; tells whether those of others are wanted. */
    default boolean inputEnded() throws IOException {
        return true;
    }

    /** There are no more records. */
    default void finish() throws IOException {}
}
