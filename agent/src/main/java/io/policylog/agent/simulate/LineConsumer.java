package io.policylog.agent.simulate;

import java.io.IOException;

/** Takes lines one by one. */
@FunctionalInterface
public interface LineConsumer {
    /**
     * Takes the line in {@code buffer[offset, offset + length)}, its {@code \n} included. The buffer is the caller's and
     * is reused after the call.
     */
    void accept(byte[] buffer, int offset, int length) throws IOException;
}
