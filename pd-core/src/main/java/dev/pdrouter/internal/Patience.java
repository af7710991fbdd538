package dev.pdrouter.internal;

import java.time.Duration;

/** How long an engine may take: an end for the whole answer, or one for its beginning and a limit on each pause after. */
final class Patience {

    private static final long NEVER = 0;
    private static final Duration LONGEST = Duration.ofDays(36500);

    private final long end;
    private final long pause;
    private final boolean whole;

    private Patience(long end, long pause, boolean whole) {
        this.end = end;
        this.pause = pause;
        this.whole = whole;
    }

    /** The whole answer has to be there in time; zero for no limit. */
    static Patience forAll(Duration timeout) {
        return new Patience(end(timeout), NEVER, true);
    }

    /** The first byte of the body has to be there in time, and each piece after the one before; zero for no limit. */
    static Patience forFirst(Duration timeout, Duration pause) {
        return new Patience(end(timeout), nanos(pause), false);
    }

    /** Not so long that adding it to a time overflows. */
    static long nanos(Duration timeout) {
        return timeout.compareTo(LONGEST) > 0 ? LONGEST.toNanos() : timeout.toNanos();
    }

    private static long end(Duration timeout) {
        return timeout.isZero() ? NEVER : Math.max(1, System.nanoTime() + nanos(timeout));
    }

    /** The same, or the shorter timeout from now on, whichever ends first. */
    Patience atMost(Duration timeout) {
        long other = end(timeout);
        return end != NEVER && end - other <= 0 ? this : new Patience(other, pause, whole);
    }

    /** Whether there is an end for the first byte only. */
    boolean isForFirst() {
        return !whole && end != NEVER;
    }

    /** Whether the end has passed. */
    boolean isOver() {
        return !outlasts(Duration.ZERO);
    }

    /** Whether the end has passed, if it counts for what is waited for now. */
    boolean isOver(boolean begun) {
        return (whole || !begun) && isOver();
    }

    /** Whether the end is later than so long from now. */
    boolean outlasts(Duration time) {
        return end == NEVER || end - System.nanoTime() > time.toNanos();
    }

    /** Sets the alarm for the next wait. */
    void set(Alarm alarm, boolean begun) {
        if (whole || !begun) {
            if (end != NEVER) {
                alarm.at(end);
            }
        } else if (pause != NEVER) {
            alarm.at(System.nanoTime() + pause);
        }
    }
}
