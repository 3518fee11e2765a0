package io.policylog.sinks.prometheus;

import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * A strict reader of the Prometheus text format 0.0.4 and of OpenMetrics 1.0.0 counters and gauges: help and type come
 * first and once, families are not interleaved, no sample occurs twice.
 */
final class PrometheusText {
    private final String text;
    private int at;

    private PrometheusText(String text) {
        this.text = text;
    }

    /** Sample values by {@code name} and labels. */
    record Sample(String name, Map<String, String> labels) {}

    static Map<Sample, Double> parse(String text) {
        Map<Sample, Double> samples = new LinkedHashMap<>();
        Set<String> helped = new HashSet<>();
        Set<String> typed = new HashSet<>();
        String family = "";
        if (!text.endsWith("\n")) {
            throw new AssertionError("no line end at the end");
        }
        for (String line : text.substring(0, text.length() - 1).split("\n", -1)) {
            if (line.equals("# EOF")) {
                continue;
            }
            if (line.startsWith("# ")) {
                String[] words = line.split(" ", 4);
                family = words[2];
                boolean first = switch (words[1]) {
                    case "HELP" -> !words[3].isBlank() && helped.add(family);
                    case "TYPE" -> typed.add(family);
                    default -> words[1].equals("UNIT");
                };
                if (!first) {
                    throw new AssertionError("twice or blank: " + line);
                }
            } else {
                PrometheusText reader = new PrometheusText(line);
                Sample sample = reader.sample();
                if (!helped.contains(family)
                        || !typed.contains(family)
                        || !sample.name().startsWith(family)) {
                    throw new AssertionError("not in its family " + family + ": " + line);
                }
                if (samples.put(sample, Double.valueOf(line.substring(reader.at + 1))) != null) {
                    throw new AssertionError("twice: " + line);
                }
            }
        }
        return samples;
    }

    private Sample sample() {
        String name = name();
        Map<String, String> labels = new TreeMap<>();
        if (text.charAt(at) == '{') {
            do {
                at++;
                String label = name();
                expect('=');
                if (labels.put(label, quoted()) != null) {
                    throw new AssertionError("label twice: " + text);
                }
            } while (text.charAt(at) == ',');
            expect('}');
        }
        if (text.charAt(at) != ' ') {
            throw new AssertionError("no blank before the value: " + text);
        }
        return new Sample(name, labels);
    }

    private String name() {
        int start = at;
        while (Character.isLetterOrDigit(text.charAt(at)) || text.charAt(at) == '_') {
            at++;
        }
        if (start == at) {
            throw new AssertionError("no name at " + at + ": " + text);
        }
        return text.substring(start, at);
    }

    private String quoted() {
        StringBuilder value = new StringBuilder();
        expect('"');
        while (text.charAt(at) != '"') {
            char c = text.charAt(at++);
            if (c == '\\') {
                char escaped = text.charAt(at++);
                value.append(
                        switch (escaped) {
                            case 'n' -> '\n';
                            case '"', '\\' -> escaped;
                            default -> throw new AssertionError("unknown escape: " + text);
                        });
            } else {
                value.append(c);
            }
        }
        expect('"');
        return value.toString();
    }

    private void expect(char c) {
        if (text.charAt(at++) != c) {
            throw new AssertionError("no " + c + " at " + (at - 1) + ": " + text);
        }
    }
}
