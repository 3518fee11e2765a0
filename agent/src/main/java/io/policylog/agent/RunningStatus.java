package io.policylog.agent;

import com.fasterxml.jackson.core.JsonGenerator;
import io.policylog.agent.config.Configuration;
import io.policylog.agent.config.SinkConfiguration;
import io.policylog.agent.http.AgentStatus;
import io.policylog.agent.pipeline.Pipeline;
import io.policylog.agent.segments.Segment;
import io.policylog.agent.segments.SegmentStore;
import io.policylog.sinks.Position;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** What HTTP tells of a running agent. Thread-safe: reads what the other threads publish. */
record RunningStatus(Configuration configuration, Agent agent) implements AgentStatus {
    /** A call to a sink that takes so many times its limit is not coming back. */
    private static final int TIMEOUTS_UNTIL_DEAD = 3;

    @Override
    public List<String> deadReasons() {
        List<String> reasons = new ArrayList<>();
        agent.running().ifPresent(running -> {
            if (running.scanner().died()) {
                reasons.add("the thread that follows the log directory has ended");
            }
            for (Pipeline pipeline : running.pipelines()) {
                long limit = TIMEOUTS_UNTIL_DEAD * sinkTimeoutNanos(pipeline.name());
                if (pipeline.died()) {
                    reasons.add(pipeline.name() + ": the pipeline's thread has ended");
                } else if (pipeline.sinceLastStepNanos() > limit) {
                    reasons.add(pipeline.name() + ": the pipeline made no step for "
                            + TimeUnit.NANOSECONDS.toSeconds(pipeline.sinceLastStepNanos()) + " s");
                }
            }
        });
        return reasons;
    }

    private long sinkTimeoutNanos(String name) {
        return configuration.sinks().stream()
                .filter(s -> s.name().equals(name))
                .map(SinkConfiguration::sinkTimeout)
                .findFirst()
                .orElseThrow()
                .toNanos();
    }

    @Override
    public List<String> notReadyReasons() {
        List<String> reasons = new ArrayList<>();
        agent.waitingFor().ifPresent(reasons::add);
        agent.running()
                .ifPresent(running -> running.pipelines().stream()
                        .filter(p -> !p.ready())
                        .forEach(p -> reasons.add(p.name() + ": the sink was not opened yet"
                                + p.status().lastError().map(e -> ": " + e).orElse(""))));
        return reasons;
    }

    @Override
    public void writeStatus(JsonGenerator json) throws IOException {
        json.writeStartObject();
        json.writeStringField("node", configuration.identity().node());
        json.writeStringField("directory", configuration.log().directory().toString());
        Optional<Agent.Running> running = agent.running();
        json.writeBooleanField(
                "logPresent", running.isPresent() && running.get().store().logPresent());
        writeOptional(json, "waitingFor", agent.waitingFor());
        json.writeArrayFieldStart("pipelines");
        if (running.isPresent()) {
            for (Pipeline pipeline : running.get().pipelines()) {
                write(json, pipeline);
            }
        }
        json.writeEndArray();
        json.writeArrayFieldStart("segments");
        if (running.isPresent()) {
            write(json, running.get().store());
        }
        json.writeEndArray();
        json.writeEndObject();
    }

    private static void write(JsonGenerator json, Pipeline pipeline) throws IOException {
        json.writeStartObject();
        json.writeStringField("name", pipeline.name());
        json.writeBooleanField("open", pipeline.status().opened());
        json.writeNumberField("lagBytes", pipeline.lagBytes());
        json.writeNumberField("lagSeconds", pipeline.lagSeconds());
        writeOptional(json, "lastError", pipeline.status().lastError());
        Optional<Position> committed = pipeline.status().committed();
        if (committed.isPresent()) {
            Position position = committed.get();
            json.writeObjectFieldStart("position");
            json.writeNumberField("sequence", position.sequence());
            json.writeStringField("segment", position.segmentId());
            json.writeNumberField("offset", position.offset());
            json.writeStringField(
                    "through",
                    Instant.ofEpochSecond(position.throughEpochSecond()).toString());
            json.writeEndObject();
        }
        json.writeEndObject();
    }

    private static void write(JsonGenerator json, SegmentStore store) throws IOException {
        for (Segment segment : store.segments().list()) {
            json.writeStartObject();
            json.writeNumberField("sequence", segment.sequence());
            json.writeStringField("id", segment.id());
            json.writeNumberField("bytes", segment.size());
            json.writeBooleanField("finished", segment.finished());
            writeOptional(json, "file", segment.name());
            json.writeNumberField("pins", segment.copies().size());
            json.writeStringField("pinnedBy", store.linking() ? "link" : "descriptor");
            json.writeEndObject();
        }
    }

    private static void writeOptional(JsonGenerator json, String key, Optional<String> value) throws IOException {
        if (value.isPresent()) {
            json.writeStringField(key, value.get());
        }
    }
}
