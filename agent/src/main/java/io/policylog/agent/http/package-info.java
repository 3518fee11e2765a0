/** What the agent serves over HTTP: metrics, probes, status. */
@NullMarked
package io.policylog.agent.http;

import org.jspecify.annotations.NullMarked;
