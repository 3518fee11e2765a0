package io.policylog.parser.filter;

import io.policylog.parser.Field;
import io.policylog.parser.PolicyField;
import io.policylog.parser.Spelling;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The names a query can use, and guesses for those it cannot. */
final class FieldNames {
    private static final Map<String, Field> RECORD =
            Arrays.stream(Field.values()).collect(Collectors.toUnmodifiableMap(Field::path, Function.identity()));
    private static final Map<String, PolicyField> POLICY = Arrays.stream(PolicyField.values())
            .collect(Collectors.toUnmodifiableMap(field -> "policies." + field.key(), Function.identity()));
    private static final List<String> CONTAINERS = List.of("connection", "policies", "policies.labels", "src", "dest");
    private static final List<String> RESOURCE = List.of(
            "resource.type",
            "resource.labels.project_id",
            "resource.labels.location",
            "resource.labels.cluster_name",
            "resource.labels.node_name");

    /** The fields of a LogEntry in lower case. Those a policy log has are handled by name in the compiler. */
    private static final Set<String> LOG_ENTRY = Set.of(
            "apphub",
            "errorgroups",
            "httprequest",
            "insertid",
            "jsonpayload",
            "labels",
            "logname",
            "metadata",
            "operation",
            "protopayload",
            "receivetimestamp",
            "resource",
            "severity",
            "sourcelocation",
            "spanid",
            "split",
            "textpayload",
            "timestamp",
            "trace",
            "tracesampled");

    private static final List<String> ALL = Stream.of(
                    RECORD.keySet().stream(),
                    POLICY.keySet().stream(),
                    CONTAINERS.stream(),
                    RESOURCE.stream(),
                    Stream.of("logName", "insertId", "receiveTimestamp", "severity"))
            .flatMap(Function.identity())
            .sorted()
            .toList();

    /** Longer names are typed by nobody, and guessing costs their length squared. */
    private static final int LONGEST_GUESSED = 100;

    private FieldNames() {}

    static boolean isLogEntry(String name) {
        return LOG_ENTRY.contains(name.toLowerCase(Locale.ROOT));
    }

    static Optional<Field> field(String path) {
        return Optional.ofNullable(RECORD.get(path));
    }

    static Optional<PolicyField> policyField(String path) {
        return Optional.ofNullable(POLICY.get(path));
    }

    static boolean isContainer(String path) {
        return path.isEmpty() || CONTAINERS.contains(path);
    }

    /** Known names that may have been meant: those that end or begin with it, else the nearest. */
    static List<String> guesses(String path) {
        List<String> longer =
                ALL.stream().filter(name -> name.endsWith("." + path)).toList();
        if (!longer.isEmpty()) {
            return longer;
        }
        List<String> beginning = ALL.stream()
                .filter(name -> name.startsWith(path) && path.indexOf('.') > 0)
                .toList();
        if (!beginning.isEmpty()) {
            return beginning;
        }
        List<String> nearest = new ArrayList<>();
        if (path.length() > LONGEST_GUESSED) {
            return nearest;
        }
        int least = Math.max(2, path.length() / 3) + 1;
        for (String name : ALL) {
            int distance = Spelling.distance(path.toLowerCase(Locale.ROOT), name.toLowerCase(Locale.ROOT));
            if (distance < least) {
                least = distance;
                nearest.clear();
            }
            if (distance == least && nearest.size() < 3) {
                nearest.add(name);
            }
        }
        return nearest;
    }
}
