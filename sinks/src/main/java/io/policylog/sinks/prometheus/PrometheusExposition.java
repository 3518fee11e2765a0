package io.policylog.sinks.prometheus;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.policylog.sinks.Exposition;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * All metrics as Prometheus text (version 0.0.4), or as OpenMetrics 1.0.0 where the scraper weighs that at least as high
 * (RFC 9110, section 12.5.1).
 */
public final class PrometheusExposition implements Exposition {
    private static final String OPEN_METRICS = "application/openmetrics-text";
    private static final String TEXT = "text/plain";

    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);

    @Override
    public MeterRegistry meterRegistry() {
        return registry;
    }

    @Override
    public String contentType(@Nullable String accept) {
        if (accept == null) {
            return TEXT + "; version=0.0.4; charset=utf-8";
        }
        double openMetrics = weight(accept, OPEN_METRICS);
        return openMetrics > 0 && openMetrics >= weight(accept, TEXT)
                ? OPEN_METRICS + "; version=1.0.0; charset=utf-8"
                : contentType(null);
    }

    @Override
    public void write(@Nullable String accept, OutputStream out) throws IOException {
        registry.scrape(out, contentType(accept));
    }

    /** The greatest weight that an Accept header gives a media type by its name; 0 when it does not name it. */
    private static double weight(String accept, String type) {
        double greatest = 0;
        for (String range : accept.toLowerCase(Locale.ROOT).split(",", -1)) {
            String[] parts = range.split(";", -1);
            if (parts[0].strip().equals(type)) {
                double weight = 1;
                for (int i = 1; i < parts.length; i++) {
                    String parameter = parts[i].strip();
                    if (parameter.matches("q=[01](\\.[0-9]{0,3})?")) {
                        weight = Double.parseDouble(parameter.substring(2));
                    }
                }
                greatest = Math.max(greatest, weight);
            }
        }
        return greatest;
    }
}
