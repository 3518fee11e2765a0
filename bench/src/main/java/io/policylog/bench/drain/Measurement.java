package io.policylog.bench.drain;

/**
 * One run of a command.
 *
 * @param seconds by the wall clock
 * @param cpuSeconds user and system time of the process and its children
 * @param maxRssKib the largest resident set
 * @param busyBefore the share of the machine's processors that others used just before, 0 to 1
 */
record Measurement(double seconds, double cpuSeconds, long maxRssKib, double busyBefore) {}
