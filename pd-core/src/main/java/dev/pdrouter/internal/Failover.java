package dev.pdrouter.internal;

import dev.pdrouter.GenerationApi;
import dev.pdrouter.OnPrefillFailure;
import dev.pdrouter.PdException;
import dev.pdrouter.PdException.EngineFailed;
import dev.pdrouter.Stage;
import dev.pdrouter.Target;
import dev.pdrouter.connector.JsonBody;
import dev.pdrouter.connector.Leg;
import dev.pdrouter.connector.Plan;
import dev.pdrouter.connector.PlanRequest;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/**
 * Leads a request through its candidates until one has computed its prompt: read {@link #run}.
 *
 * <p>A candidate is left for what may befall any request: no connection, a break, a delay, nonsense, or 502, 503 and
 * 504. Every other answer is about this request, and the client's. All of it happens before the client has a byte.
 */
final class Failover {

    private final Settings settings;
    private final Events events;
    private final Failures failures;
    private final Client client;
    private final Lookups lookups;
    private final Breakers breakers;
    private final PlanRunner runner;
    private final Alarm alarm;

    /** The alarm is the calling thread's. */
    Failover(
            Settings settings,
            Events events,
            Failures failures,
            Client client,
            Shared shared,
            PlanRunner runner,
            Alarm alarm) {
        this.settings = settings;
        this.events = events;
        this.failures = failures;
        this.client = client;
        this.lookups = shared.lookups();
        this.breakers = shared.breakers();
        this.runner = runner;
        this.alarm = alarm;
    }

    /** What is the same in every try; the decoder's source of blocks is never the decoder itself. */
    record Asked(
            GenerationApi api,
            JsonBody body,
            Optional<Target> kvSource,
            Optional<Target> decodersSource,
            Encoded encoded,
            Patience patience) {}

    /** A try that left the client without an answer; the prefiller's own, if it gave one. */
    private record Failed(EngineFailed why, Optional<PrefillAnswer> answer) {}

    void run(Asked asked, List<Target> candidates) throws PdException, IOException, InterruptedException {
        Patience patience = asked.patience();
        Tries tries = new Tries(candidates, settings.failover(), breakers, patience, events);
        Optional<Failed> told = Optional.empty();
        Optional<Tries.Try> next = tries.next();
        while (next.isPresent()) {
            Optional<Failed> failed = carryOut(asked, next.get());
            if (failed.isEmpty()) {
                return;
            }
            boolean isNews = told.isEmpty() || !next.get().lastResort();
            told = isNews ? failed : told;
            next = patience.isOver() ? Optional.empty() : tries.next();
            if (next.isPresent()) {
                failures.survived(failed.get().why(), next.get().toString());
            } else {
                if (!isNews) {
                    failures.survived(failed.get().why(), "the failure before it counts");
                }
                giveUp(asked, told.get());
            }
        }
    }

    private Optional<Failed> carryOut(Asked asked, Tries.Try next)
            throws PdException, IOException, InterruptedException {
        try (Candidate candidate = next.candidate()) {
            if (!next.pause().isZero()) { // else a virtual thread yields
                Thread.sleep(next.pause());
            }
            try {
                runner.carryOut(asked.encoded().addedTo(plan(asked, candidate)), candidate);
                return Optional.empty();
            } catch (OutOfService e) {
                return failed(candidate, e.failure(), Optional.of(e.answer()));
            } catch (EngineFailed e) {
                if (e.stage() != Stage.PREFILL || e.kind() == EngineFailed.Kind.UNUSABLE) {
                    lookups.forget(candidate.target().host());
                    throw e;
                }
                return failed(candidate, e, Optional.empty());
            }
        }
    }

    private Optional<Failed> failed(Candidate candidate, EngineFailed why, Optional<PrefillAnswer> answer) {
        candidate.failed();
        lookups.forget(candidate.target().host());
        return Optional.of(new Failed(why, answer));
    }

    private Plan plan(Asked asked, Candidate candidate) throws PdException, InterruptedException {
        PlanRequest planned = new PlanRequest(
                events.requestId(),
                asked.api(),
                asked.body(),
                candidate.target(),
                asked.kvSource(),
                (target, path) -> lookups.get(alarm, candidate.patience(), target, path));
        try {
            return settings.connector().plan(planned);
        } catch (IOException e) {
            throw EngineFailed.broken(Stage.PREFILL, candidate.target(), "cannot be used: " + e.getMessage(), e);
        }
    }

    private void giveUp(Asked asked, Failed failed) throws PdException, IOException, InterruptedException {
        Optional<Leg> alone = settings.failover().atLast() == OnPrefillFailure.DECODE
                ? settings.connector().withoutPrefill(asked.api(), asked.body(), asked.decodersSource())
                : Optional.empty();
        if (alone.isPresent()) {
            failures.survived(failed.why(), "the decoder computes the prompt itself");
            runner.decodeAlone(asked.encoded().addedTo(alone.get()), "prefill failed");
        } else if (failed.answer().isPresent()) {
            client.send(failed.why().target(), failed.answer().get());
        } else {
            throw failed.why();
        }
    }
}
