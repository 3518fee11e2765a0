package io.policylog.agent.config;

import io.policylog.sinks.SinkOption;
import io.policylog.sinks.SinkOption.Kind;
import java.util.List;

/** The keys of the configuration besides those of the sinks' types, with their defaults. */
final class AgentOptions {
    /** A thread, a reader and open files for each. */
    static final int MAX_SINKS = 32;

    /** What no sink's name is longer than: it names a thread and a file. */
    static final int MAX_NAME_LENGTH = 63;

    private static final List<String> START_AT = List.of("beginning", "end");

    static final List<SinkOption> TOP = List.of(
            SinkOption.optional(
                    "node",
                    Kind.TEXT,
                    null,
                    "The node's name. Default: the host name; inside a pod it must be given (`spec.nodeName`)."),
            SinkOption.optional(
                    "fillNodeName",
                    Kind.BOOLEAN,
                    "true",
                    "Whether a record without `node_name` gets the node's name."));

    static final List<SinkOption> CLUSTER = List.of(
            SinkOption.optional("project", Kind.TEXT, null, "The cloud project."),
            SinkOption.optional("location", Kind.TEXT, null, "The cluster's region or zone."),
            SinkOption.optional(
                    "name", Kind.TEXT, null, "The cluster's name; part of the identity of an exactly-once sink."));

    static final List<SinkOption> LOG = List.of(
            SinkOption.optional("directory", Kind.TEXT, "/var/log/network", "Where the node writes its log."),
            SinkOption.optional(
                    "files", Kind.TEXT, "policy_action*", "A glob for the log's files, within the directory."),
            SinkOption.choice(
                    "startAt",
                    START_AT,
                    "beginning",
                    "Where a pipeline begins that has no position: with the oldest line on disk, or with the next one."),
            SinkOption.optional(
                    "maxLine",
                    Kind.SIZE,
                    "1MiB",
                    "The longest line that is parsed, 1KiB to 64MiB; a longer one is malformed."));

    static final List<SinkOption> STATE = List.of(SinkOption.optional(
            "directory",
            Kind.TEXT,
            null,
            "Where pins and positions are kept, best on the log's file system. Default: `.policylog` in `log.directory`."
                    + " `none` when every sink keeps its position elsewhere."));

    static final List<SinkOption> RETAIN = List.of(
            SinkOption.optional(
                    "maxBytes",
                    Kind.SIZE,
                    "1GiB",
                    "How much of the log is held back from the writer's own deletion, 1MiB at least; beyond it the oldest is"
                            + " given up, counted."),
            SinkOption.optional(
                    "maxFiles",
                    Kind.INTEGER,
                    "10000",
                    "In how many files, 1 to 1000000, each of which takes an inode of the disk; beyond it the oldest is given"
                            + " up, counted."),
            SinkOption.optional(
                    "minFreeDisk",
                    Kind.TEXT,
                    "15%",
                    "The part of the file system that must stay free: the oldest is given up before,"
                            + " counted. A percentage."));

    static final List<SinkOption> HTTP = List.of(SinkOption.optional(
            "listen",
            Kind.TEXT,
            "0.0.0.0:9464",
            "Host and port of `/metrics`, `/livez`, `/readyz` and `/statusz`; an IPv6 address stands in brackets."));

    static final List<SinkOption> LOGGING = List.of(
            SinkOption.choice(
                    "level",
                    List.of("error", "warn", "info", "debug"),
                    "info",
                    "What the program says about itself, on the standard error."),
            SinkOption.choice("format", List.of("text", "json"), "text", "How it says it."));

    /** What a sink of any type takes. */
    static final List<SinkOption> SINK = List.of(
            SinkOption.required("type", Kind.TEXT, "Which kind of sink this is."),
            SinkOption.optional(
                    "name",
                    Kind.TEXT,
                    null,
                    "Names the pipeline, its metrics and its position: unique, of `a-z`, `0-9` and `-`. Default: the type."),
            SinkOption.optional(
                    "filter",
                    Kind.TEXT,
                    "",
                    "Which records the sink gets, in the Logging query language. Default: all."),
            new SinkOption("startAt", Kind.CHOICE, START_AT, null, false, "As `log.startAt`, for this sink."),
            SinkOption.optional(
                    "sinkTimeout",
                    Kind.DURATION,
                    "60s",
                    "Within which every call to the sink returns, 1s to 1h; a pipeline that passed no step for three times as"
                            + " long is reported as dead."));

    private AgentOptions() {}
}
