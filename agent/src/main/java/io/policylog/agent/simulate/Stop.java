package io.policylog.agent.simulate;

import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** A request to end, made once by any thread and noticed by the one that works. */
final class Stop {
    /** What a terminated process waits at most for its work to end. */
    private static final long END_SECONDS = 10;

    private final CountDownLatch requested = new CountDownLatch(1);

    void request() {
        requested.countDown();
    }

    boolean isRequested() {
        return requested.getCount() == 0;
    }

    /** Waits until the time is over or the end is requested; an interrupt requests it. */
    void await(long nanos) {
        try {
            var _ = requested.await(nanos, TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            request();
            Thread.currentThread().interrupt();
        }
    }

    /**
     * Runs the work on this thread. When the process is asked to end (SIGTERM, Ctrl-C) meanwhile, requests the end and lets
     * the work finish before the process goes.
     */
    <T> T onTermination(Callable<T> work) throws Exception {
        CountDownLatch ended = new CountDownLatch(1);
        Thread hook = new Thread(
                () -> {
                    request();
                    try {
                        var _ = ended.await(END_SECONDS, TimeUnit.SECONDS);
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                },
                "stop");
        Runtime.getRuntime().addShutdownHook(hook);
        try {
            return work.call();
        } finally {
            ended.countDown();
            if (!isRequested()) {
                Runtime.getRuntime().removeShutdownHook(hook);
            }
        }
    }
}
