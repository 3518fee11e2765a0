package io.policylog.sinks.kafka;

/** Some bytes of an array, which belongs to somebody else. */
@SuppressWarnings("ArrayRecordComponent") // Never compared; there is one for each record.
record Slice(byte[] array, int offset, int length) {}
