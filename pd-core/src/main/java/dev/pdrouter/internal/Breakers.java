package dev.pdrouter.internal;

import dev.pdrouter.Target;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Knows which prefillers keep failing: a circuit breaker for each.
 *
 * <p>After {@value #FAILURES} failures in a row a prefiller is passed over for a second. Then one request may ask it;
 * while that runs, the others still pass it over. If it fails again, it is passed over for twice as long, up to half a
 * minute; if it serves, it is as good as any other.
 *
 * <p>Addresses come from clients, so only as many as {@value #MOST} are remembered, those that failed last.
 */
public final class Breakers {

    static final int FAILURES = 5;
    static final int MOST = 1024;
    static final Duration SHORTEST = Duration.ofSeconds(1);
    static final Duration LONGEST = Duration.ofSeconds(30);

    private static final Logger LOG = LoggerFactory.getLogger(Breakers.class);
    private static final State WELL = new State(0, 0, 0, false);

    private final LongSupplier clock;
    private final Map<Target, State> failing = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Target, State> eldest) {
            return size() > MOST;
        }
    };

    /** The pause and its end are those of a prefiller that is passed over. */
    private record State(int failures, long pause, long end, boolean tried) {

        boolean isOpen() {
            return failures >= FAILURES;
        }

        State withTried(boolean now) {
            return new State(failures, pause, end, now);
        }

        static State open(long pause, long now) {
            return new State(FAILURES, pause, now + pause, false);
        }
    }

    /** Knows of no failure yet. */
    public Breakers() {
        this(System::nanoTime);
    }

    Breakers(LongSupplier nanoTime) {
        this.clock = nanoTime;
    }

    /** A permit to ask a prefiller, or none when it is to be passed over. */
    synchronized Optional<Permit> permit(Target prefiller) {
        State state = failing.get(prefiller);
        if (state == null || !state.isOpen()) {
            return Optional.of(new Permit(prefiller, false));
        }
        if (state.tried() || clock.getAsLong() - state.end() < 0) {
            return Optional.empty();
        }
        failing.put(prefiller, state.withTried(true));
        return Optional.of(new Permit(prefiller, true));
    }

    /** A permit to ask a prefiller that is to be passed over, for want of a better one. */
    Permit permitAllTheSame(Target prefiller) {
        return new Permit(prefiller, false);
    }

    private synchronized void served(Target prefiller) {
        State state = failing.remove(prefiller);
        if (state != null && state.isOpen()) {
            LOG.info("the prefiller {} serves again", prefiller);
        }
    }

    /** Requests that were under way when a prefiller went away, and those that ask it for want of a better one, do not lengthen the pause. */
    private synchronized void failed(Target prefiller, boolean trial) {
        State state = failing.getOrDefault(prefiller, WELL);
        long now = clock.getAsLong();
        if (state.isOpen() && trial) {
            failing.put(prefiller, State.open(Math.min(2 * state.pause(), LONGEST.toNanos()), now));
        } else if (!state.isOpen() && state.failures() + 1 < FAILURES) {
            failing.put(prefiller, new State(state.failures() + 1, 0, 0, false));
        } else if (!state.isOpen()) {
            failing.put(prefiller, State.open(SHORTEST.toNanos(), now));
            LOG.info("the prefiller {} failed {} times in a row and is passed over for now", prefiller, FAILURES);
        }
    }

    private synchronized void given(Target prefiller) {
        failing.computeIfPresent(prefiller, (any, state) -> state.withTried(false));
    }

    /** A permit for one request to ask one prefiller; used by one thread. */
    final class Permit implements AutoCloseable {

        private final Target prefiller;
        private boolean trial;

        private Permit(Target prefiller, boolean trial) {
            this.prefiller = prefiller;
            this.trial = trial;
        }

        void served() {
            trial = false;
            Breakers.this.served(prefiller);
        }

        void failed() {
            Breakers.this.failed(prefiller, trial);
            trial = false;
        }

        /** Lets another request try, if this one came to nothing. */
        @Override
        public void close() {
            if (trial) {
                trial = false;
                given(prefiller);
            }
        }
    }
}
