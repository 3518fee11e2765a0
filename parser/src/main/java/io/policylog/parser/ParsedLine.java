package io.policylog.parser;

/** What a line turned out to be: a record, or a malformed line. There is nothing else, and no exception. */
public sealed interface ParsedLine permits PolicyRecord, MalformedLine {}
