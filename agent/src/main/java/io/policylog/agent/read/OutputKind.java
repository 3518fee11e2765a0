package io.policylog.agent.read;

/** How records are shown; named as on the command line. */
enum OutputKind {
    /** Columns for people. */
    table,
    /** The normalized record. */
    json,
    /** A Cloud Logging LogEntry. */
    logentry,
    /** The bytes as found. */
    raw
}
