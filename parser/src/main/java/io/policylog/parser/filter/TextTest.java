package io.policylog.parser.filter;

/** A test of a text. */
interface TextTest {
    /** Tests the content of a JSON string as it stands between its quotes, escapes included. */
    boolean test(byte[] json, int offset, int length);

    /** Tests a decoded text. */
    boolean test(String text);
}
