package dev.pdrouter.internal;

import dev.pdrouter.PdException;
import java.time.Duration;

/** Counts the requests that are being handled, and lets none in once the router drains. */
public final class InFlight {

    private int requests;
    private int disaggregated;
    private boolean draining;

    /** Counts none yet. */
    public InFlight() {}

    synchronized void enter() throws PdException {
        if (draining) {
            throw PdException.Unavailable.draining();
        }
        requests++;
    }

    synchronized void leave() {
        requests--;
        if (requests == 0) {
            notifyAll();
        }
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
        return requests;
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
     * Refuses newcomers and waits for the others.
     *
     * @param timeout how long
     * @return whether all have ended
     * @throws InterruptedException when the thread was interrupted
     */
    public synchronized boolean drain(Duration timeout) throws InterruptedException {
        draining = true;
        long deadline = System.nanoTime() + Patience.nanos(timeout);
        while (requests > 0) {
            long left = deadline - System.nanoTime();
            if (left <= 0) {
                return false;
            }
            wait(left / 1_000_000 + 1);
        }
        return true;
    }
}
