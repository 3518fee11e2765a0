package io.policylog.agent.config;

import io.policylog.agent.logging.LogFormat;
import io.policylog.agent.pipeline.StartAt;
import io.policylog.sinks.NodeIdentity;
import io.policylog.sinks.SinkOptions;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.slf4j.event.Level;

/** Reads all of the configuration: kinds first, then what a single kind can't say. */
final class ConfigurationReader {
    private static final long MIN_LINE_BYTES = 1 << 10;
    private static final long MAX_LINE_BYTES = 64 << 20;

    /** Less would give up a segment before it is read. */
    private static final long MIN_RETAINED_BYTES = 1 << 20;

    private static final int MAX_RETAINED_FILES = 1_000_000;

    /** Kubernetes' own names for nodes (RFC 1123), and host names as people write them. */
    private static final Pattern NODE = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,252}");

    private static final Pattern LISTEN = Pattern.compile("(?:\\[([0-9A-Fa-f:.]+)]|([A-Za-z0-9._-]+)):([0-9]{1,5})");
    private static final int MAX_PORT = 65_535;

    private final ConfigurationLoader loader;

    ConfigurationReader(ConfigurationLoader loader) {
        this.loader = loader;
    }

    /** The configuration; of no use when there were problems. */
    Configuration read(Section top) {
        top.read(AgentOptions.TOP);
        Section cluster = top.section("cluster").read(AgentOptions.CLUSTER).rejectUnknownKeys();
        NodeIdentity identity = new NodeIdentity(
                node(top),
                cluster.options().optionalText("project"),
                cluster.options().optionalText("location"),
                cluster.options().optionalText("name"));
        Configuration.Log log = log(top.section("log").read(AgentOptions.LOG).rejectUnknownKeys());
        Section state = top.section("state").read(AgentOptions.STATE);
        Configuration.Retain retain =
                retain(state.section("retain").read(AgentOptions.RETAIN).rejectUnknownKeys());
        state.rejectUnknownKeys();
        Configuration.Http http =
                http(top.section("http").read(AgentOptions.HTTP).rejectUnknownKeys());
        Configuration.Logging logging =
                logging(top.section("logging").read(AgentOptions.LOGGING).rejectUnknownKeys());
        List<SinkConfiguration> sinks = new SinkReader(loader.factories(), identity, log.startAt()).read(top);
        top.rejectUnknownKeys();
        return new Configuration(
                identity,
                top.options().flag("fillNodeName"),
                log,
                new Configuration.State(stateDirectory(state, log.directory(), sinks), retain),
                http,
                logging,
                sinks);
    }

    private String node(Section top) {
        Optional<String> written = top.options().optionalText("node");
        if (!top.usable("node")) {
            return "unknown";
        }
        if (written.isEmpty() && loader.environment().containsKey("KUBERNETES_SERVICE_HOST")) {
            top.problem(
                    "node",
                    "must be given inside a pod, whose host name is not the node's; write node: ${NODE_NAME}, and set"
                            + " NODE_NAME from spec.nodeName");
            return "unknown";
        }
        String node = written.orElseGet(loader.hostName());
        if (!NODE.matcher(node).matches()) {
            top.problem(
                    "node",
                    "must be a node's name: up to 253 letters, digits, dots, dashes and underscores; found "
                            + Problems.quote(node));
        }
        return node;
    }

    private static Configuration.Log log(Section section) {
        SinkOptions options = section.options();
        long maxLine = options.number("maxLine");
        if (maxLine < MIN_LINE_BYTES || maxLine > MAX_LINE_BYTES) {
            section.problem("maxLine", "must be from 1KiB to 64MiB; found " + Units.formatSize(maxLine));
        }
        String files = options.text("files");
        try {
            FileSystems.getDefault().getPathMatcher("glob:" + files);
            if (files.contains("/")) {
                section.problem(
                        "files",
                        "must be a glob for names within log.directory, without /; found " + Problems.quote(files));
            }
        } catch (PatternSyntaxException e) {
            section.problem(
                    "files",
                    "must be a glob such as policy_action*; found " + Problems.quote(files) + ": "
                            + e.getDescription());
        }
        return new Configuration.Log(
                path(section, "directory", options.text("directory")),
                files,
                startAt(options.text("startAt")),
                Math.clamp(maxLine, 0, Integer.MAX_VALUE));
    }

    static StartAt startAt(String choice) {
        return choice.equals("end") ? StartAt.END : StartAt.BEGINNING;
    }

    private static Path path(Section section, String key, String text) {
        try {
            return TypedPath.of(text);
        } catch (IllegalArgumentException e) {
            section.problem(key, String.valueOf(e.getMessage()));
            return Path.of("");
        }
    }

    private static Configuration.Retain retain(Section section) {
        SinkOptions options = section.options();
        double minFreeDisk = 0;
        String written = options.text("minFreeDisk");
        try {
            minFreeDisk = Units.fraction(written);
        } catch (IllegalArgumentException e) {
            section.problem("minFreeDisk", e.getMessage() + "; found " + Problems.quote(written));
        }
        long maxBytes = options.number("maxBytes");
        if (maxBytes < MIN_RETAINED_BYTES) {
            section.problem("maxBytes", "must be at least 1MiB; found " + Units.formatSize(maxBytes));
        }
        long maxFiles = options.number("maxFiles");
        if (maxFiles < 1 || maxFiles > MAX_RETAINED_FILES) {
            section.problem("maxFiles", "must be from 1 to " + MAX_RETAINED_FILES + "; found " + maxFiles);
        }
        return new Configuration.Retain(maxBytes, Math.clamp(maxFiles, 0, MAX_RETAINED_FILES), minFreeDisk);
    }

    private static Optional<Path> stateDirectory(Section section, Path log, List<SinkConfiguration> sinks) {
        Optional<String> written = section.options().optionalText("directory");
        if (written.equals(Optional.of("none"))) {
            sinks.stream()
                    .filter(sink -> sink.factory().needsStateDirectory(sink.options()))
                    .forEach(sink -> section.problem(
                            "directory",
                            "can be none only when every sink keeps its position elsewhere, and the sink " + sink.name()
                                    + " (" + sink.type() + ") keeps it there; name a directory, or remove that sink"));
            return Optional.empty();
        }
        Path directory = path(
                section, "directory", written.orElse(log.resolve(".policylog").toString()));
        if (log.toAbsolutePath()
                .normalize()
                .startsWith(directory.toAbsolutePath().normalize())) {
            section.problem(
                    "directory",
                    "must not be log.directory or a directory above it; found "
                            + Problems.quote(directory.toString()) + "; write a directory of its own, such as "
                            + log.resolve(".policylog"));
        }
        return Optional.of(directory);
    }

    private static Configuration.Http http(Section section) {
        String listen = section.options().text("listen");
        Matcher matcher = LISTEN.matcher(listen);
        if (!matcher.matches() || Integer.parseInt(matcher.group(3)) > MAX_PORT) {
            section.problem(
                    "listen",
                    "must be host:port, such as 0.0.0.0:9464, localhost:9464 or [::]:9464; found "
                            + Problems.quote(listen));
            return new Configuration.Http("", 0);
        }
        String host = matcher.group(1) == null ? matcher.group(2) : matcher.group(1);
        return new Configuration.Http(host, Integer.parseInt(matcher.group(3)));
    }

    private static Configuration.Logging logging(Section section) {
        Function<String, String> word = key -> section.options().text(key).toUpperCase(Locale.ROOT);
        return new Configuration.Logging(Level.valueOf(word.apply("level")), LogFormat.valueOf(word.apply("format")));
    }
}
