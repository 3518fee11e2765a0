package io.policylog.agent.config;

import io.policylog.agent.logging.LogFormat;
import io.policylog.agent.pipeline.StartAt;
import io.policylog.sinks.NodeIdentity;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.slf4j.event.Level;

/**
 * What the agent does; every value is checked. Immutable.
 *
 * @param identity the node's name, and its cluster
 * @param fillNodeName whether a record without {@code node_name} gets the node's name
 * @param sinks at least one; their names differ
 */
public record Configuration(
        NodeIdentity identity,
        boolean fillNodeName,
        Log log,
        State state,
        Http http,
        Logging logging,
        List<SinkConfiguration> sinks) {

    public Configuration {
        sinks = List.copyOf(sinks);
    }

    /**
     * The log that is followed.
     *
     * @param files a glob for names within the directory, as {@link java.nio.file.FileSystem#getPathMatcher} knows it
     * @param startAt what holds for sinks that say nothing else
     * @param maxLineBytes the longest line that is parsed, without its line end
     */
    public record Log(Path directory, String files, StartAt startAt, int maxLineBytes) {}

    /**
     * Where pins and positions are kept.
     *
     * @param directory empty when every sink keeps its position elsewhere, and segments are held open instead of linked
     */
    public record State(Optional<Path> directory, Retain retain) {}

    /**
     * How much of the log is held against the writer's own deletion.
     *
     * @param maxBytes bytes of segments that nobody but us holds
     * @param maxFiles files that nobody but us holds
     * @param minFreeDisk the part of the file system, from 0 to below 1, that stays free
     */
    public record Retain(long maxBytes, int maxFiles, double minFreeDisk) {}

    /**
     * Where HTTP is served.
     *
     * @param host a name or an address, IPv6 without brackets
     * @param port 0 takes any that is free
     */
    public record Http(String host, int port) {}

    /** The program's own log. */
    public record Logging(Level level, LogFormat format) {}
}
