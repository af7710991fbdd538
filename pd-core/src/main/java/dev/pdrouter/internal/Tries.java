package dev.pdrouter.internal;

import dev.pdrouter.OnPrefillFailure;
import dev.pdrouter.Target;
import dev.pdrouter.event.PdEvent;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Which prefiller one request asks next: each candidate once, in order, those to be passed over last, when nothing else
 * would save the request; then further tries, from the first again. Used by one thread.
 */
final class Tries {

    private final List<Target> order;
    private final FailoverSettings settings;
    private final Breakers breakers;
    private final Patience patience;
    private final Events events;
    private List<Target> passedOver = List.of();
    private int position;
    private int retries;
    private boolean asked;

    Tries(List<Target> candidates, FailoverSettings settings, Breakers breakers, Patience patience, Events events) {
        this.order = settings.sampling() ? rotated(candidates) : candidates;
        this.settings = settings;
        this.breakers = breakers;
        this.patience = patience;
        this.events = events;
    }

    /**
     * A try to come.
     *
     * @param candidate to be closed
     * @param pause before it
     * @param lastResort whether it was to be passed over, so that its failure is no news
     */
    record Try(Candidate candidate, Duration pause, boolean lastResort) {

        @Override
        public String toString() {
            String when = pause.isZero() ? "" : " in " + pause.toMillis() + " ms";
            return "trying " + candidate.target() + when;
        }
    }

    private static List<Target> rotated(List<Target> candidates) {
        List<Target> rotated = new ArrayList<>(candidates);
        Collections.rotate(rotated, ThreadLocalRandom.current().nextInt(rotated.size()));
        return rotated;
    }

    /** The next try; none when the tries or the time are used up. The first time there is always one. */
    Optional<Try> next() {
        while (position < order.size()) {
            Target prefiller = order.get(position++);
            Optional<Breakers.Permit> permit = breakers.permit(prefiller);
            if (permit.isPresent()) {
                return Optional.of(toAsk(prefiller, permit.get(), Duration.ZERO));
            }
            passOver(prefiller);
        }
        if (!passedOver.isEmpty() && (!asked || settings.atLast() == OnPrefillFailure.ERROR)) {
            return Optional.of(allTheSame(passedOver.removeFirst(), Duration.ZERO));
        }
        if (retries == settings.maxRetries()) {
            return Optional.empty();
        }
        Duration pause = pause();
        retries++;
        return patience.outlasts(pause) ? Optional.of(again(pause)) : Optional.empty();
    }

    private void passOver(Target prefiller) {
        events.tell(new PdEvent.PassedOver(events.requestId(), prefiller));
        if (passedOver.isEmpty()) {
            passedOver = new ArrayList<>();
        }
        passedOver.add(prefiller);
    }

    /** The next in the round that is not to be passed over, or the next all the same. */
    private Try again(Duration pause) {
        for (int i = 0; i < order.size(); i++) {
            Target prefiller = order.get((position + i) % order.size());
            Optional<Breakers.Permit> permit = breakers.permit(prefiller);
            if (permit.isPresent()) {
                position += i + 1;
                return toAsk(prefiller, permit.get(), pause);
            }
        }
        return allTheSame(order.get(position++ % order.size()), pause);
    }

    private Try toAsk(Target prefiller, Breakers.Permit permit, Duration pause) {
        asked = true;
        return new Try(new Candidate(prefiller, patience, permit), pause, false);
    }

    private Try allTheSame(Target prefiller, Duration pause) {
        asked = true;
        return new Try(new Candidate(prefiller, patience, breakers.permitAllTheSame(prefiller)), pause, true);
    }

    /** Full jitter: anything up to a limit that doubles, so that clients of one failure do not come back together. */
    private Duration pause() {
        double limit = Patience.nanos(settings.backoff()) * Math.scalb(1.0, Math.min(retries, 62));
        return Duration.ofNanos((long) (ThreadLocalRandom.current().nextDouble() * limit));
    }
}
