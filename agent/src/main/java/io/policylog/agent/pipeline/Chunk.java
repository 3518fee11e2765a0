package io.policylog.agent.pipeline;

/**
 * The complete lines of one read. A flyweight over the reader's buffer: valid until the reader's next read.
 *
 * @param segmentId the id that record ids carry
 * @param buffer holds the bytes from index 0
 * @param length how many bytes; the last is a line end, unless the segment ended without one
 * @param offset the byte offset in the segment at which they begin
 * @param tooLongBytes the length of the line when the chunk is the beginning of a single one that is too long; else 0
 * @param late whether they appeared after the segment had been taken for finished
 */
@SuppressWarnings("ArrayRecordComponent") // A flyweight over the reader's buffer, never compared.
record Chunk(String segmentId, byte[] buffer, int length, long offset, long tooLongBytes, boolean late) {}
