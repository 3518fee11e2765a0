/** What is in {@code k8s/} and in the image's files, against Kubernetes' API and against the program. */
@NullMarked
package io.policylog.agent.deploy;

import org.jspecify.annotations.NullMarked;
