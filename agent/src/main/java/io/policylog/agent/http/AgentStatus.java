package io.policylog.agent.http;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.util.List;

/**
 * What the agent tells about itself. Called by several threads at once; each call returns at once, whatever the
 * pipelines do, and depends on nothing outside the process.
 */
public interface AgentStatus {
    /** Why the process should be started anew; empty while it is alive. */
    List<String> deadReasons();

    /** What the agent still waits for; empty when it is ready. */
    List<String> notReadyReasons();

    /** Writes one JSON object. It holds no content of the log and no value of an option. */
    void writeStatus(JsonGenerator json) throws IOException;
}
