package dev.pdrouter.internal;

import java.time.Duration;

/**
 * When a client's leaving reaches its request's thread, as an interrupt: at once, or at the end of a pause in which an
 * engine is not to be disturbed.
 *
 * <p>An engine's server that is dropped between the engine's work and the end of its answer throws the answer away, and
 * one that is dropped before it has told its engine of a request never tells it. In both cases a handoff is lost to
 * everybody. So both are given a moment, counted from the start of their leg: a client that leaves later is acted upon at
 * once.
 *
 * <p>Deadlines and the end of draining interrupt the thread themselves.
 */
final class Departure implements AutoCloseable {

    private final Thread thread;
    private long pauseEnd;
    private boolean pausing;
    private boolean waiting;
    private boolean left;
    private boolean closed;

    /** The client is there. */
    Departure(Thread thread) {
        this.thread = thread;
    }

    /** The client has left; called from any thread. */
    synchronized void left() {
        left = true;
        if (!pausing) {
            interrupt();
        } else if (!waiting) {
            waiting = true;
            Thread.ofVirtual().name("pd-departure").start(this::awaitPauseEnd);
        }
    }

    /**
     * The thread is not interrupted for so long, or until {@link #resume}; called from the thread. A pause before this one is
     * over: a client that has left in it has left now.
     */
    synchronized void pause(Duration longest) {
        if (pausing && left) {
            interrupt();
        }
        pauseEnd = System.nanoTime() + longest.toNanos();
        pausing = !left;
    }

    /** Ends the pause, if there is one; a client that has left meanwhile has left now; called from the thread. */
    synchronized void resume() {
        boolean missed = pausing && left;
        pausing = false;
        if (missed) {
            interrupt();
        }
        notifyAll();
    }

    /** The pause, if there is one, ends so long from now. Called from any thread. */
    synchronized void endPauseIn(Duration rest) {
        pauseEnd = System.nanoTime() + rest.toNanos();
        notifyAll();
    }

    /** Whether the client has left, also in a pause. Called from any thread. */
    synchronized boolean hasLeft() {
        return left;
    }

    private synchronized void awaitPauseEnd() {
        try {
            for (long rest = pauseEnd - System.nanoTime(); pausing && rest > 0; rest = pauseEnd - System.nanoTime()) {
                wait(rest / 1_000_000 + 1);
            }
        } catch (InterruptedException e) {
            // Nobody does; and then it is over.
        }
        resume();
    }

    private void interrupt() {
        if (!closed) {
            thread.interrupt();
        }
    }

    /** The thread is not interrupted any more. */
    @Override
    public synchronized void close() {
        closed = true;
        resume();
    }
}
