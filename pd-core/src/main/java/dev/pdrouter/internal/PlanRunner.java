package dev.pdrouter.internal;

import dev.pdrouter.Body;
import dev.pdrouter.EngineRequest;
import dev.pdrouter.GenerationApi;
import dev.pdrouter.PdException;
import dev.pdrouter.PdException.EngineFailed;
import dev.pdrouter.PdRequest;
import dev.pdrouter.Stage;
import dev.pdrouter.Target;
import dev.pdrouter.connector.Handoff;
import dev.pdrouter.connector.JsonBody;
import dev.pdrouter.connector.Leg;
import dev.pdrouter.connector.Plan;
import dev.pdrouter.connector.PlanRequest;
import dev.pdrouter.event.PdEvent;
import java.io.IOException;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
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

    PlanRunner(
            Settings settings,
            PdRequest request,
            Events events,
            Client client,
            Lookups lookups,
            Alarms alarms,
            Alarm alarm) {
        this.settings = settings;
        this.request = request;
        this.events = events;
        this.client = client;
        this.lookups = lookups;
        this.calls = new LegCalls(settings, request, events, alarms);
        this.alarm = alarm;
    }

    /** Every path that is not for generation: unread, both ways. */
    void passThrough(ClientBody body) throws PdException, IOException, InterruptedException {
        Body sent = body.length() == 0 ? Body.NONE : Body.of(body, body.length());
        EngineRequest toDecoder = new EngineRequest(
                request.method(), settings.decoder(), request.target(), Headers.toEngine(request.headers()), sent);
        Patience patience = Patience.forFirst(Duration.ZERO, settings.streamIdleTimeout());
        try {
            decode(toDecoder, patience, new StageWatch(events, Stage.DECODE, settings.decoder(), () -> {}));
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

    /** Tries the candidates in order, as long as the client has been sent nothing. */
    void disaggregate(GenerationApi api, JsonBody body, List<Target> candidates, Optional<Target> kvSource)
            throws PdException, IOException, InterruptedException {
        Patience patience = Patience.forAll(settings.prefillTimeout());
        for (Iterator<Target> rest = candidates.iterator(); ; ) {
            Target prefiller = rest.next();
            try {
                carryOut(plan(api, body, prefiller, kvSource), prefiller, patience, rest.hasNext());
                return;
            } catch (EngineFailed e) {
                lookups.forget(prefiller.host());
                boolean over = e.status() == 504 && patience.isOver();
                if (e.stage() != Stage.PREFILL || e.elsewhereToo() || over || !rest.hasNext()) {
                    throw e;
                }
                LOG.warn("request {}: {}; trying the next candidate", events.requestId(), e.getMessage());
                events.tell(new PdEvent.FailedOver(events.requestId(), prefiller, String.valueOf(e.getMessage())));
            }
        }
    }

    private Plan plan(GenerationApi api, JsonBody body, Target prefiller, Optional<Target> kvSource)
            throws PdException, InterruptedException {
        PlanRequest planned = new PlanRequest(
                events.requestId(),
                api,
                body,
                prefiller,
                kvSource,
                (target, path) -> lookups.get(settings.transport(Stage.PREFILL), alarm, target, path));
        try {
            return settings.connector().plan(planned);
        } catch (IOException e) {
            throw EngineFailed.broken(Stage.PREFILL, prefiller, "cannot be used: " + e.getMessage(), e);
        }
    }

    private void carryOut(Plan plan, Target prefiller, Patience patience, boolean thereIsAnother)
            throws PdException, IOException, InterruptedException {
        switch (plan) {
            case Plan.DecodeOnly alone -> decodeAlone(alone.decode(), alone.reason());
            case Plan.Sequential sequential -> inTurn(sequential, prefiller, patience, thereIsAnother);
            case Plan.Concurrent concurrent ->
                new AtOnce(calls, client, lookups, alarm).run(concurrent, prefiller, patience, thereIsAnother);
            case Plan.DecodeFirst first -> {
                if (declined || !decodeUnlessDeclined(first)) {
                    declined = true;
                    inTurn(first.otherwise(), prefiller, patience, thereIsAnother);
                }
            }
        }
    }

    private void inTurn(Plan.Sequential plan, Target prefiller, Patience patience, boolean thereIsAnother)
            throws PdException, IOException, InterruptedException {
        decodeAfter(plan, prefiller, prefill(plan, prefiller, patience, thereIsAnother));
    }

    /** Asks the prefiller; one that is out of service counts as failed while there is another to ask. */
    private PrefillAnswer prefill(Plan.Sequential plan, Target prefiller, Patience patience, boolean thereIsAnother)
            throws PdException, InterruptedException {
        EngineRequest toPrefiller = calls.toPrefiller(plan.prefill(), prefiller);
        try (StageWatch watch = calls.watch(Stage.PREFILL, plan.prefill(), toPrefiller);
                EngineCall call = calls.send(Stage.PREFILL, toPrefiller, alarm, patience)) {
            PrefillAnswer answer = PrefillAnswer.read(call, settings);
            watch.answered(call.status());
            answer.check(prefiller, thereIsAnother);
            return answer;
        }
    }

    private void decodeAfter(Plan.Sequential plan, Target prefiller, PrefillAnswer answer)
            throws PdException, IOException, InterruptedException {
        if (!answer.succeeded()) {
            client.send(answer.status(), answer.headers(), answer.body());
            return;
        }
        Optional<Handoff> handoff = answer.handoff(plan, prefiller);
        if (plan.handoff().isPresent() && handoff.isEmpty()) {
            if (settings.requireHandoff()) {
                throw EngineFailed.broken(Stage.PREFILL, prefiller, "answered without a handoff", null);
            }
            events.tell(new PdEvent.DecodeAlone(events.requestId(), "no handoff"));
            LOG.warn(
                    "request {}: the prefiller {} answered without a handoff; the decoder computes the prompt itself",
                    events.requestId(),
                    prefiller);
        }
        if (Thread.interrupted()) {
            throw new InterruptedException("the client left between prefill and decode");
        }
        if (handoff.isPresent()) {
            decodeFrom(handoff.get(), plan.decode());
        } else {
            decode(plan.decode());
        }
    }

    private void decodeFrom(Handoff handoff, Leg plain) throws PdException, IOException, InterruptedException {
        Leg leg = plain.withBody(handoff.addTo().apply(plain.body()));
        if (handoff.cachedTokens().isEmpty()) {
            decode(leg);
            return;
        }
        EngineRequest toDecoder = calls.toDecoderReadHere(leg);
        try (StageWatch watch = calls.watch(Stage.DECODE, leg, toDecoder);
                EngineCall call = calls.send(Stage.DECODE, toDecoder, alarm, calls.decodePatience())) {
            new UsageRelay(client, handoff.cachedTokens().getAsLong()).relay(call, watch);
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
