package io.policylog.agent.http;

import java.util.Map;

/**
 * What a client may cost. The JDK's server takes these from system properties, which it reads once, when its first
 * class is loaded (JDK 25, module {@code jdk.httpserver}); so they hold for the process.
 */
final class HttpLimits {
    /** One more is closed at once. */
    static final int MAX_CONNECTIONS = 16;

    /** Within which a request must have arrived, and a response must have been taken. */
    static final int MAX_SECONDS = 5;

    private static final int MAX_HEADERS = 50;
    private static final int MAX_HEADER_BYTES = 16 << 10;

    private HttpLimits() {}

    /** Called before the first server is made. */
    static void apply() {
        Map.of(
                        "jdk.httpserver.maxConnections", MAX_CONNECTIONS,
                        "sun.net.httpserver.maxReqTime", MAX_SECONDS,
                        "sun.net.httpserver.maxRspTime", MAX_SECONDS,
                        // A connection without a request: how long, and how often that is looked at (milliseconds).
                        "sun.net.httpserver.idleInterval", MAX_SECONDS,
                        "sun.net.httpserver.clockTick", 1_000,
                        "sun.net.httpserver.maxReqHeaders", MAX_HEADERS,
                        "sun.net.httpserver.maxReqHeaderSize", MAX_HEADER_BYTES)
                .forEach((key, value) -> System.setProperty(key, String.valueOf(value)));
    }
}
