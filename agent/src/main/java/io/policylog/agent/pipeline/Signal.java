package io.policylog.agent.pipeline;

import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** Lets any thread wake the one that waits. A signal that nobody waited for is kept for the next wait. Thread-safe. */
final class Signal {
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition raisedCondition = lock.newCondition();
    private boolean raised;

    void raise() {
        lock.lock();
        try {
            raised = true;
            raisedCondition.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Waits for a signal, at most so long. */
    void await(long nanos) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            long remaining = nanos;
            while (!raised && remaining > 0) {
                remaining = raisedCondition.awaitNanos(remaining);
            }
            raised = false;
        } finally {
            lock.unlock();
        }
    }
}
