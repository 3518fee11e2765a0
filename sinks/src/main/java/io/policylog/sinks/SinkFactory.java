package io.policylog.sinks;

import java.util.List;
import java.util.Map;

/** Makes sinks of one type. Found with {@link java.util.ServiceLoader}. Stateless. */
public interface SinkFactory {
    /** The value of {@code type} in the configuration. */
    String type();

    /** The keys that a sink of this type takes, besides those that every sink takes. */
    List<SinkOption> options();

    /**
     * Everything that is wrong with options whose single values already are of the right kind: bad pairs, values that
     * break a guarantee, what this sink needs of the node's identity. Nothing on disk or network is touched.
     */
    List<OptionProblem> check(SinkOptions options, NodeIdentity node);

    /** Whether a sink with these options keeps its position in the state directory, and so can't do without one. */
    default boolean needsStateDirectory(SinkOptions options) {
        return true;
    }

    /** Names that no two sinks of this type may share, such as a metric's, and the key that gives each. */
    default Map<String, String> exclusiveNames(SinkOptions options) {
        return Map.of();
    }

    /**
     * Tries to reach the destination as a sink with this name and these options would, and tells what keeps it from
     * working; empty when nothing does. Changes nothing there, and disturbs no sink that runs. Takes half a minute at
     * most.
     *
     * @param hasPositionFile whether the sink will find {@link SinkContext#positionFile}
     */
    default List<String> tryDestination(SinkOptions options, NodeIdentity node, String name, boolean hasPositionFile) {
        return List.of();
    }

    /** Makes a sink; nothing is opened yet. The options have been checked. */
    Sink create(SinkOptions options, SinkContext context);
}
