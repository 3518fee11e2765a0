package io.policylog.agent.simulate;

/**
 * What a line's {@code connection} says, apart from the source port: what denied attempts are folded by.
 *
 * @param destPort 0 for a protocol without ports
 */
record Connection(String srcIp, String destIp, int destPort, String protocol, String direction) {
    boolean hasPorts() {
        return destPort != 0;
    }
}
