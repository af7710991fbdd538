package dev.pdrouter.internal;

import dev.pdrouter.Body;
import dev.pdrouter.EngineRequest;
import dev.pdrouter.PdException;
import dev.pdrouter.PdException.EngineFailed;
import dev.pdrouter.PdRequest;
import dev.pdrouter.Stage;
import dev.pdrouter.Target;
import dev.pdrouter.connector.Handoff;
import dev.pdrouter.connector.Leg;
import dev.pdrouter.connector.Plan;
import dev.pdrouter.event.PdEvent;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Carries plans out: each order of prefill and decode is written here once. */
final class PlanRunner {

    private static final Logger LOG = LoggerFactory.getLogger(PlanRunner.class);

    private final Settings settings;
    private final PdRequest request;
    private final Events events;
    private final Client client;
    private final Lookups lookups;
    private final LegCalls calls;
    private final Alarm alarm;
    private boolean declined;

    /** The alarm is the calling thread's. */
    PlanRunner(LegCalls calls, Client client, Lookups lookups, Alarm alarm) {
        this.settings = calls.settings();
        this.request = calls.request();
        this.events = calls.events();
        this.client = client;
        this.lookups = lookups;
        this.calls = calls;
        this.alarm = alarm;
    }

    /** Every path that is not for generation: unread, both ways. */
    void passThrough(ClientBody body) throws PdException, IOException, InterruptedException {
        Body sent = body.length() == 0 ? Body.NONE : Body.of(body, body.length());
        EngineRequest toDecoder = new EngineRequest(
                request.method(), calls.decoder(), request.target(), Headers.toEngine(request.headers()), sent);
        Patience patience = Patience.forFirst(Duration.ZERO, settings.streamIdleTimeout());
        try {
            decode(toDecoder, patience, new StageWatch(events, Stage.DECODE, calls.decoder(), () -> {}));
        } catch (EngineFailed e) {
            body.throwIfFailed();
            throw e;
        }
    }

    void decodeAlone(Leg leg, String reason) throws PdException, IOException, InterruptedException {
        LOG.debug("request {}: decoder alone: {}", events.requestId(), reason);
        events.tell(new PdEvent.DecodeAlone(events.requestId(), reason));
        decode(leg);
    }

    /** Does what a plan says, with one candidate. */
    void carryOut(Plan plan, Candidate candidate) throws PdException, OutOfService, IOException, InterruptedException {
        switch (plan) {
            case Plan.DecodeOnly alone -> decodeAlone(alone.decode(), alone.reason());
            case Plan.Sequential sequential -> inTurn(sequential, candidate);
            case Plan.Concurrent concurrent -> new AtOnce(calls, client, lookups, alarm).run(concurrent, candidate);
            case Plan.DecodeFirst first -> {
                if (declined || !decodeUnlessDeclined(first)) {
                    declined = true;
                    inTurn(first.otherwise(), candidate);
                }
            }
        }
    }

    private void inTurn(Plan.Sequential plan, Candidate candidate)
            throws PdException, OutOfService, IOException, InterruptedException {
        decodeAfter(plan, candidate, prefill(plan, candidate));
    }

    private PrefillAnswer prefill(Plan.Sequential plan, Candidate candidate)
            throws PdException, OutOfService, InterruptedException {
        EngineRequest toPrefiller = Custody.heardOut(plan, calls.toPrefiller(plan.prefill(), candidate.target()));
        Custody.pause(plan, calls);
        long started = System.nanoTime();
        try (StageWatch watch = calls.watch(Stage.PREFILL, plan.prefill(), toPrefiller);
                EngineCall call = calls.send(Stage.PREFILL, toPrefiller, alarm, candidate.patience())) {
            PrefillAnswer answer = PrefillAnswer.read(call, calls);
            watch.answered(call.status());
            answer.check(candidate.target());
            if (answer.succeeded()) {
                calls.pace().took(Duration.ofNanos(System.nanoTime() - started));
            }
            return answer;
        } catch (InterruptedException e) {
            Custody.unheard(toPrefiller, events);
            throw e;
        } finally {
            calls.departure().resume();
        }
    }

    private void decodeAfter(Plan.Sequential plan, Candidate candidate, PrefillAnswer answer)
            throws PdException, IOException, InterruptedException {
        Target prefiller = candidate.target();
        if (!answer.succeeded()) {
            candidate.served();
            lookups.forget(prefiller.host());
            client.send(prefiller, answer);
            return;
        }
        Optional<Handoff> handoff = answer.handoff(plan, prefiller);
        candidate.served();
        if (plan.handoff().isPresent() && handoff.isEmpty()) {
            if (settings.requireHandoff()) {
                throw EngineFailed.unusable(Stage.PREFILL, prefiller, "answered without a handoff");
            }
            events.tell(new PdEvent.DecodeAlone(events.requestId(), "no handoff"));
            LOG.warn(
                    "request {}: the prefiller {} answered without a handoff; the decoder computes the prompt itself",
                    events.requestId(),
                    prefiller);
        }
        Optional<Custody> custody = handoff.map(found -> new Custody(calls, plan, found, prefiller));
        if (Thread.interrupted()) {
            custody.ifPresent(Custody::clientLeft);
            throw new InterruptedException("the client left between prefill and decode");
        }
        if (custody.isPresent()) {
            decode(custody.get());
        } else {
            decode(plan.decode());
        }
    }

    private void decode(Custody custody) throws PdException, IOException, InterruptedException {
        Leg leg = custody.decodeLeg();
        OptionalLong cached = custody.handoff().cachedTokens();
        EngineRequest toDecoder = cached.isEmpty() ? calls.toDecoder(leg) : calls.toDecoderReadHere(leg);
        try (StageWatch watch = calls.watch(Stage.DECODE, leg, toDecoder);
                EngineCall call = custody.send(toDecoder, alarm, calls.decodePatience())) {
            if (!call.succeeded()) {
                lookups.forget(custody.prefiller().host());
            }
            if (cached.isEmpty()) {
                client.relay(call, watch);
            } else {
                new UsageRelay(client, cached.getAsLong()).relay(call, watch);
            }
        }
    }

    /** Asks the decoder; returns whether it did it all. */
    private boolean decodeUnlessDeclined(Plan.DecodeFirst plan) throws PdException, IOException, InterruptedException {
        EngineRequest toDecoder = calls.toDecoderReadHere(plan.decode());
        try (StageWatch watch = calls.watch(Stage.DECODE, plan.decode(), toDecoder);
                EngineCall call = calls.send(Stage.DECODE, toDecoder, alarm, calls.decodePatience())) {
            if (call.succeeded() && Declined.isDeclined(call, plan.declined())) {
                return false;
            }
            client.relay(call, watch);
            return true;
        }
    }

    private void decode(Leg leg) throws PdException, IOException, InterruptedException {
        EngineRequest toDecoder = calls.toDecoder(leg);
        decode(toDecoder, calls.decodePatience(), calls.watch(Stage.DECODE, leg, toDecoder));
    }

    private void decode(EngineRequest toDecoder, Patience patience, StageWatch watch)
            throws PdException, IOException, InterruptedException {
        try (watch;
                EngineCall call = calls.send(Stage.DECODE, toDecoder, alarm, patience)) {
            client.relay(call, watch);
        }
    }
}
