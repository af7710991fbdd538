package dev.pdrouter.internal;

import dev.pdrouter.PdException;
import java.time.Duration;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;

/** Counts the requests that are being handled, and lets none in once the router drains. */
public final class InFlight {

    /** An interrupt may be lost to a deadline that passes at the same moment: ask again after so long. */
    private static final Duration TO_ASK_AGAIN = Duration.ofSeconds(1);

    private static final int TIMES_TO_ASK = 3;

    private final Set<Running> requests = Collections.newSetFromMap(new IdentityHashMap<>());
    private int disaggregated;
    private boolean draining;
    private volatile boolean cutting;

    /** Counts none yet. */
    public InFlight() {}

    /** A request that is being handled. */
    @FunctionalInterface
    interface Running {
        /** Ends it, whatever it is doing; does not wait. */
        void cut();
    }

    synchronized void enter(Running request) throws PdException {
        if (draining) {
            throw PdException.Unavailable.draining();
        }
        requests.add(request);
    }

    /** Harmless for one that was not let in. */
    synchronized void leave(Running request) {
        requests.remove(request);
        if (requests.isEmpty()) {
            notifyAll();
        }
    }

    /** Whether the time to drain is over, and every request has been told to end. */
    boolean isCutting() {
        return cutting;
    }

    synchronized void enterDisaggregated(int max) throws PdException {
        if (max > 0 && disaggregated >= max) {
            throw PdException.Unavailable.tooManyRequests();
        }
        disaggregated++;
    }

    synchronized void leaveDisaggregated() {
        disaggregated--;
    }

    /**
     * How many requests are being handled.
     *
     * @return their number
     */
    public synchronized int count() {
        return requests.size();
    }

    /**
     * Whether newcomers are refused.
     *
     * @return true from the first call of {@link #drain} on
     */
    public synchronized boolean isDraining() {
        return draining;
    }

    /**
     * Refuses newcomers, waits for the others, and cuts those that take too long.
     *
     * @param timeout how long to wait before that
     * @return whether all have ended by themselves
     * @throws InterruptedException when the thread was interrupted
     */
    public synchronized boolean drain(Duration timeout) throws InterruptedException {
        draining = true;
        if (awaitNone(timeout)) {
            return true;
        }
        cutting = true;
        for (int i = 0; i < TIMES_TO_ASK; i++) {
            requests.forEach(Running::cut);
            if (awaitNone(TO_ASK_AGAIN)) {
                break;
            }
        }
        return false;
    }

    private synchronized boolean awaitNone(Duration timeout) throws InterruptedException {
        long deadline = System.nanoTime() + Patience.nanos(timeout);
        while (!requests.isEmpty()) {
            long left = deadline - System.nanoTime();
            if (left <= 0) {
                return false;
            }
            wait(left / 1_000_000 + 1);
        }
        return true;
    }
}
