package io.policylog.agent.logging;

/** How the program's own log is written. */
public enum LogFormat {
    /** For people: {@code time level [thread] class: message}. */
    TEXT,
    /** One JSON object a line. */
    JSON
}
