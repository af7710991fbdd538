package dev.pdrouter.server.jdk;

import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/**
 * What is done when the process is told to stop, from its first moment on: a sidecar that runs is stopped in good order,
 * and one that does not run yet never will.
 *
 * <p>It halts the process itself, since a JVM that a signal ends would report the signal as its exit status.
 */
final class StopHook {

    private static final int FAILED = 1;

    private volatile @Nullable Sidecar running;
    private volatile boolean exiting;

    private StopHook() {}

    /** Registers one for this process. */
    static StopHook register() {
        StopHook hook = new StopHook();
        Runtime.getRuntime().addShutdownHook(new Thread(hook::stop, "stop"));
        return hook;
    }

    /** From now on this is what is to be stopped. */
    void runs(Sidecar sidecar) {
        running = sidecar;
    }

    /** Ends the process for a reason of its own. */
    void exit(int status) {
        exiting = true;
        System.exit(status);
    }

    private void stop() {
        if (exiting) {
            return;
        }
        int status = FAILED;
        SecondSignal.endsAtOnce();
        try {
            Sidecar sidecar = running;
            if (sidecar != null) {
                sidecar.stop();
            }
            status = 0;
        } catch (InterruptedException | RuntimeException e) {
            LoggerFactory.getLogger(StopHook.class).error("stopping failed", e);
        } finally {
            Runtime.getRuntime().halt(status);
        }
    }
}
