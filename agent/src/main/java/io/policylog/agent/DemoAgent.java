package io.policylog.agent;

import io.policylog.agent.config.ConfigurationException;
import io.policylog.agent.simulate.DemoCommand;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** The agent of the demo: counters, and denied connections as a table. */
final class DemoAgent {
    private DemoAgent() {}

    /** Follows the log in a directory. */
    static DemoCommand.Running start(Path directory, InetSocketAddress http) throws IOException {
        Path file = directory.resolve("policylog.yaml");
        Files.writeString(file, """
                node: demo
                cluster: {name: demo}
                log: {directory: '%s'}
                state: {retain: {minFreeDisk: 1%%}}
                http: {listen: '%s:%d'}
                logging: {level: warn}
                sinks:
                  - type: prometheus
                  - {type: stdout, format: table, filter: 'disposition="deny"'}
                """.formatted(directory, http.getAddress().getHostAddress(), http.getPort()));
        try {
            AgentService service =
                    AgentService.start(ConfigurationOptions.standardLoader().load(Optional.of(file), List.of()));
            return new DemoCommand.Running(service.http(), service);
        } catch (ConfigurationException e) {
            throw new IllegalStateException("the demo's own configuration: " + e.problems(), e);
        }
    }
}
