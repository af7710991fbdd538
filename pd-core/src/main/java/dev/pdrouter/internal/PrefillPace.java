package dev.pdrouter.internal;

import java.time.Duration;

/**
 * How long prefills have taken lately, and so for how long one is let alone whose client has left: where most end soon it
 * is better to have the handoff and release it, and one that takes much longer than others is given up.
 *
 * <p>Used by many threads at once; a prefill that is not counted, since two ended at the same moment, is no loss.
 */
public final class PrefillPace {

    static final Duration SHORTEST = Duration.ofMillis(250);
    static final Duration LONGEST = Duration.ofMillis(1500);

    /** So many averages contain nearly all prefills of an engine that is not alone on its machine. */
    private static final int TIMES = 4;

    private static final int WEIGHT = 16;

    private volatile long average;

    /** Knows of none yet. */
    public PrefillPace() {}

    /** One more has been answered with success. */
    void took(Duration time) {
        average += (time.toNanos() - average) / WEIGHT;
    }

    /** For how long from its start a prefill is not disturbed: four times the average, within bounds. */
    Duration undisturbed() {
        return Duration.ofNanos(Math.clamp(TIMES * average, SHORTEST.toNanos(), LONGEST.toNanos()));
    }
}
