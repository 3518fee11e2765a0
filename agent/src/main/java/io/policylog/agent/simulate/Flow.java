package io.policylog.agent.simulate;

import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** Connections of one kind between two endpoints, and how they are decided. Belongs to one thread: makes templates when needed. */
final class Flow {
    final Connection connection;
    private final Endpoint src;
    private final Endpoint dest;
    /** The policies that allow it; none when it is denied. */
    private final List<Policy> policies;

    private final Map<Shape, LineTemplate> templates = new EnumMap<>(Shape.class);

    Flow(Connection connection, Endpoint src, Endpoint dest, List<Policy> policies) {
        this.connection = connection;
        this.src = src;
        this.dest = dest;
        this.policies = policies;
    }

    /** How a line of this flow is written; {@code nodeName} is always the same. */
    LineTemplate template(Shape shape, @Nullable String nodeName) {
        LineTemplate template = templates.get(shape);
        if (template == null) {
            StringBuilder json = new StringBuilder(1024);
            GoJson.write(record(shape, nodeName), json);
            template = new LineTemplate(json.toString());
            templates.put(shape, template);
        }
        return template;
    }

    private Map<String, Object> record(Shape shape, @Nullable String nodeName) {
        Map<String, Object> tuple = new LinkedHashMap<>();
        tuple.put("src_ip", connection.srcIp());
        tuple.put("dest_ip", connection.destIp());
        if (connection.hasPorts()) {
            tuple.put("src_port", LineTemplate.Hole.SRC_PORT);
            tuple.put("dest_port", connection.destPort());
        }
        tuple.put("protocol", connection.protocol());
        tuple.put("direction", connection.direction());

        Map<String, Object> record = new LinkedHashMap<>();
        record.put("connection", tuple);
        record.put("disposition", policies.isEmpty() ? "deny" : "allow");
        if (!policies.isEmpty()) {
            record.put("policies", policies.stream().map(p -> p.element(shape)).toList());
        }
        record.put("src", src.workload(shape));
        record.put("dest", dest.workload(shape));
        record.put("count", LineTemplate.Hole.COUNT);
        if (nodeName != null && shape != Shape.GENERATION_1) {
            record.put("node_name", nodeName);
        }
        record.put("timestamp", LineTemplate.Hole.TIMESTAMP);
        return shape == Shape.GENERATION_3_UNORDERED ? unordered(record) : record;
    }

    /** As the other marshaller writes it: {@code src} first, {@code policies} last, all other keys in any order. */
    private Map<String, Object> unordered(Map<String, Object> record) {
        Map<String, Object> shuffled =
                shuffle(record, new Random(connection.toString().hashCode()));
        Map<String, Object> unordered = new LinkedHashMap<>();
        unordered.put("src", record.get("src"));
        unordered.putAll(shuffled);
        if (unordered.remove("policies") instanceof List<?> last) {
            unordered.put("policies", last);
        }
        return unordered;
    }

    private static Map<String, Object> shuffle(Map<?, ?> object, Random random) {
        List<Map.Entry<?, ?>> members = new ArrayList<>(object.entrySet());
        Collections.shuffle(members, random);
        Map<String, Object> shuffled = new LinkedHashMap<>();
        for (Map.Entry<?, ?> member : members) {
            shuffled.put((String) member.getKey(), shuffleWithin(member.getValue(), random));
        }
        return shuffled;
    }

    private static Object shuffleWithin(Object value, Random random) {
        return switch (value) {
            case Map<?, ?> object -> shuffle(object, random);
            case List<?> array ->
                array.stream().map(e -> shuffleWithin(e, random)).toList();
            default -> value;
        };
    }
}
