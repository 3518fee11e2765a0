package io.policylog.sinks.kafka;

import org.apache.kafka.common.header.Header;

/** A header. The client's own kind writes volatile fields for each. */
@SuppressWarnings("ArrayRecordComponent") // Never compared.
record ByteHeader(String key, byte[] value) implements Header {}
