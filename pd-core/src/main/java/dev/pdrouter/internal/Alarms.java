package dev.pdrouter.internal;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Rings the alarms that are due, from one thread that sleeps while there are none.
 *
 * <p>Deadlines are seconds or minutes, so looking at all of them {@value #TICK_MILLIS} ms apart is cheaper than a timer
 * for each, and late by no more than that.
 */
public final class Alarms implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Alarms.class);
    private static final int TICK_MILLIS = 50;
    private static final int QUIET_TICKS = 40;

    private final Set<Alarm> alarms = ConcurrentHashMap.newKeySet();
    private final Thread thread;
    private volatile boolean asleep;
    private volatile boolean closed;

    /** Starts the thread. */
    public Alarms() {
        thread = Thread.ofPlatform().name("pd-router-alarms").daemon().unstarted(this::run);
        thread.start();
    }

    /**
     * An alarm that is not set yet.
     *
     * @param ring called when it is due, on another thread; must return at once
     * @return the alarm, to be closed
     */
    Alarm alarm(Runnable ring) {
        Alarm alarm = new Alarm(this, ring);
        alarms.add(alarm);
        if (asleep) {
            LockSupport.unpark(thread);
        }
        return alarm;
    }

    void remove(Alarm alarm) {
        alarms.remove(alarm);
    }

    private void run() {
        int quiet = 0;
        while (!closed) {
            if (!alarms.isEmpty()) {
                quiet = 0;
                long now = System.nanoTime();
                alarms.forEach(alarm -> ring(alarm, now));
            } else if (++quiet > QUIET_TICKS) {
                sleepUntilNeeded();
            }
            LockSupport.parkNanos(TICK_MILLIS * 1_000_000L);
        }
    }

    /** One that cannot ring, for want of memory say, must not silence the others. */
    private static void ring(Alarm alarm, long now) {
        try {
            alarm.ringIfDue(now);
        } catch (RuntimeException | Error e) {
            LOG.error("a deadline could not be kept", e);
        }
    }

    private void sleepUntilNeeded() {
        asleep = true;
        while (alarms.isEmpty() && !closed) {
            LockSupport.park(this);
        }
        asleep = false;
    }

    @Override
    public void close() {
        closed = true;
        LockSupport.unpark(thread);
    }
}
