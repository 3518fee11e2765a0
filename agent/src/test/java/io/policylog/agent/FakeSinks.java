package io.policylog.agent;

import io.policylog.agent.config.Configuration;
import io.policylog.agent.config.ConfigurationException;
import io.policylog.agent.config.ConfigurationLoader;
import io.policylog.sinks.NodeIdentity;
import io.policylog.sinks.OptionProblem;
import io.policylog.sinks.Sink;
import io.policylog.sinks.SinkContext;
import io.policylog.sinks.SinkFactory;
import io.policylog.sinks.SinkOption;
import io.policylog.sinks.SinkOptions;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/** Makes what a test wants to be the agent's only sink. */
record FakeSinks(Supplier<Sink> make) implements SinkFactory {
    /** Of an agent with this sink alone. */
    Configuration configuration(Path log) throws ConfigurationException {
        return new ConfigurationLoader(Map.of(), () -> "host-1", false, List.of(this))
                .load(
                        Optional.empty(),
                        List.of(
                                "sinks.0.type=" + type(),
                                "log.directory=" + log,
                                "state.retain.minFreeDisk=0%",
                                "http.listen=127.0.0.1:0"));
    }

    @Override
    public String type() {
        return "prometheus";
    }

    @Override
    public List<SinkOption> options() {
        return List.of();
    }

    @Override
    public List<OptionProblem> check(SinkOptions options, NodeIdentity node) {
        return List.of();
    }

    @Override
    public Sink create(SinkOptions options, SinkContext context) {
        return make.get();
    }
}
