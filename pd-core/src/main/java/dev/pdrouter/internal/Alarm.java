package dev.pdrouter.internal;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.time.Duration;

/**
 * A deadline of one thread, set and cleared around each wait: two memory operations and no timer task, since a token
 * of every stream comes by here.
 *
 * <p>After {@link #off} the alarm does not ring any more, so that it never interrupts what comes after the wait.
 */
final class Alarm implements AutoCloseable {

    private static final VarHandle AT;

    static {
        try {
            AT = MethodHandles.lookup().findVarHandle(Alarm.class, "at", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private static final long OFF = Long.MAX_VALUE;
    private static final long RINGING = Long.MAX_VALUE - 1;
    private static final long RUNG = Long.MAX_VALUE - 2;

    private final Alarms registry;
    private final Runnable ring;

    @SuppressWarnings("unused") // by AT
    private volatile long at = OFF;

    Alarm(Alarms registry, Runnable ring) {
        this.registry = registry;
        this.ring = ring;
    }

    /**
     * Sets the alarm.
     *
     * @param nanoTime when, as {@link System#nanoTime} counts
     */
    void at(long nanoTime) {
        AT.setRelease(this, nanoTime);
    }

    /**
     * Sets the alarm.
     *
     * @param timeout from now; zero for never
     */
    void in(Duration timeout) {
        if (!timeout.isZero()) {
            at(System.nanoTime() + Patience.nanos(timeout));
        }
    }

    /**
     * Clears the alarm.
     *
     * @return whether it has rung since it was set
     */
    boolean off() {
        while (true) {
            long set = (long) AT.getAcquire(this);
            if (set == OFF) {
                return false;
            }
            if (set == RINGING) {
                Thread.onSpinWait(); // for the few instructions of ringing
            } else if (AT.compareAndSet(this, set, OFF)) {
                return set == RUNG;
            }
        }
    }

    void ringIfDue(long now) {
        long set = (long) AT.getAcquire(this);
        if (set < RUNG && set - now <= 0 && AT.compareAndSet(this, set, RINGING)) {
            try {
                ring.run();
            } finally {
                AT.setRelease(this, RUNG);
            }
        }
    }

    @Override
    public void close() {
        off();
        registry.remove(this);
    }
}
