@NullMarked
package io.policylog.agent.simulate;

import org.jspecify.annotations.NullMarked;
