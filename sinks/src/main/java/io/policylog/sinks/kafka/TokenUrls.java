package io.policylog.sinks.kafka;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Allows the Kafka client the places that the operator named for OAUTHBEARER. It asks a system property for them, because
 * elsewhere (Kafka Connect) those who write properties may be less trusted than those who start the process; here they
 * are the same.
 */
final class TokenUrls {
    private static final Map<String, String> ALLOWING = Map.of(
            "sasl.oauthbearer.token.endpoint.url", "org.apache.kafka.sasl.oauthbearer.allowed.urls",
            "sasl.oauthbearer.assertion.file", "org.apache.kafka.sasl.oauthbearer.allowed.files",
            "sasl.oauthbearer.assertion.private.key.file", "org.apache.kafka.sasl.oauthbearer.allowed.files",
            "sasl.oauthbearer.assertion.template.file", "org.apache.kafka.sasl.oauthbearer.allowed.files");

    private TokenUrls() {}

    /** Adds what these properties name to what is allowed already; any number of pipelines may call it at once. */
    static void allow(Map<String, Object> properties) {
        synchronized (TokenUrls.class) {
            ALLOWING.forEach((key, systemProperty) -> {
                Object named = properties.get(key);
                if (named != null) {
                    String before = System.getProperty(systemProperty, "");
                    Set<String> all = new LinkedHashSet<>(before.isEmpty() ? List.of() : List.of(before.split(",")));
                    all.add(named.toString().strip());
                    System.setProperty(systemProperty, String.join(",", all));
                }
            });
        }
    }
}
