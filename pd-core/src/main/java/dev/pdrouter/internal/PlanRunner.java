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
import java.net.http.HttpHeaders;
import java.time.Duration;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
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
    private final Alarms alarms;
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
        this.alarms = alarms;
        this.alarm = alarm;
    }

    /** Every path that is not for generation: unread, both ways. */
    void passThrough(ClientBody body) throws PdException, IOException, InterruptedException {
        Body sent = body.length() == 0 ? Body.NONE : Body.of(body, body.length());
        EngineRequest toDecoder = new EngineRequest(
                request.method(), settings.decoder(), request.target(), Headers.toEngine(request.headers()), sent);
        Patience patience = Patience.forFirst(Duration.ZERO, settings.streamIdleTimeout());
        try {
            decode(toDecoder, patience, () -> {});
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
            case Plan.Concurrent concurrent -> atOnce(concurrent, prefiller, patience, thereIsAnother);
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
        EngineRequest toPrefiller = toPrefiller(plan.prefill(), prefiller);
        try (StageWatch watch = new StageWatch(
                        events, Stage.PREFILL, prefiller, abort(Stage.PREFILL, plan.prefill(), toPrefiller));
                EngineCall call = send(Stage.PREFILL, toPrefiller, alarm, patience)) {
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
            LOG.warn(
                    "request {}: the prefiller {} answered without a handoff; the decoder computes the prompt itself",
                    events.requestId(),
                    prefiller);
        }
        if (Thread.interrupted()) {
            throw new InterruptedException("the client left between prefill and decode");
        }
        Leg leg = plan.decode();
        decode(handoff.isPresent() ? leg.withBody(handoff.get().addTo().apply(leg.body())) : leg);
    }

    /** Both at once; the answer flows when the prefiller has succeeded and the decoder has begun. */
    private void atOnce(Plan.Concurrent plan, Target prefiller, Patience patience, boolean thereIsAnother)
            throws PdException, IOException, InterruptedException {
        EngineRequest toPrefiller = toPrefiller(plan.prefill(), prefiller);
        EngineRequest toDecoder = toDecoder(plan.decode());
        Patience decodePatience = decodePatience();
        try (StageWatch prefillWatch = new StageWatch(
                        events, Stage.PREFILL, prefiller, abort(Stage.PREFILL, plan.prefill(), toPrefiller));
                StageWatch decodeWatch = new StageWatch(
                        events, Stage.DECODE, settings.decoder(), abort(Stage.DECODE, plan.decode(), toDecoder));
                Legs legs = new Legs(alarms)) {
            Legs.Fork<PrefillAnswer> prefill = legs.fork(own -> prefill(toPrefiller, own, patience));
            Legs.Fork<EngineCall> decode = legs.fork(own -> send(Stage.DECODE, toDecoder, own, decodePatience));
            boolean prefillFirst = legs.next() == prefill;
            if (!prefillFirst && !isSuccess(decode.result().status())) {
                prefill.close();
                prefillWatch.end();
                lookups.forget(prefiller.host());
                relay(decode.result().passedTo(alarm), decodeWatch);
                return;
            }
            if (!prefillFirst) {
                legs.next();
            }
            PrefillAnswer answer = prefill.result();
            prefillWatch.answered(answer.status());
            answer.check(prefiller, thereIsAnother);
            if (!answer.succeeded()) {
                decode.close();
                decodeWatch.end();
                lookups.forget(prefiller.host());
                client.send(answer.status(), answer.headers(), answer.body());
                return;
            }
            answer.check(plan.accepts(), prefiller);
            if (prefillFirst) {
                legs.next();
            }
            EngineCall call = decode.result().passedTo(alarm);
            if (!isSuccess(call.status())) {
                lookups.forget(prefiller.host());
            }
            relay(call, decodeWatch);
        }
    }

    private PrefillAnswer prefill(EngineRequest toPrefiller, Alarm own, Patience patience)
            throws EngineFailed, InterruptedException {
        try (EngineCall call = send(Stage.PREFILL, toPrefiller, own, patience)) {
            return PrefillAnswer.read(call, settings);
        }
    }

    private static boolean isSuccess(int status) {
        return status >= 200 && status < 300;
    }

    /** Asks the decoder; returns whether it did it all. */
    private boolean decodeUnlessDeclined(Plan.DecodeFirst plan) throws PdException, IOException, InterruptedException {
        EngineRequest toDecoder = new EngineRequest(
                "POST",
                settings.decoder(),
                request.target(),
                Headers.toPrefiller(request.headers(), legHeaders(plan.decode())),
                plan.decode().body());
        try (StageWatch watch = new StageWatch(
                        events, Stage.DECODE, settings.decoder(), abort(Stage.DECODE, plan.decode(), toDecoder));
                EngineCall call = send(Stage.DECODE, toDecoder, alarm, decodePatience())) {
            if (isSuccess(call.status()) && Declined.isDeclined(call, plan.declined())) {
                return false;
            }
            relay(call, watch);
            return true;
        }
    }

    private void decode(Leg leg) throws PdException, IOException, InterruptedException {
        EngineRequest toDecoder = toDecoder(leg);
        decode(toDecoder, decodePatience(), abort(Stage.DECODE, leg, toDecoder));
    }

    private void decode(EngineRequest toDecoder, Patience patience, Runnable abort)
            throws PdException, IOException, InterruptedException {
        try (StageWatch watch = new StageWatch(events, Stage.DECODE, toDecoder.engine(), abort);
                EngineCall call = send(Stage.DECODE, toDecoder, alarm, patience)) {
            relay(call, watch);
        }
    }

    private void relay(EngineCall call, StageWatch watch) throws PdException, IOException, InterruptedException {
        client.relay(call, () -> events.tell(new PdEvent.FirstByte(events.requestId(), events.sinceReceived())));
        watch.answered(call.status());
    }

    private EngineCall send(Stage stage, EngineRequest leg, Alarm own, Patience patience)
            throws EngineFailed, InterruptedException {
        return EngineCall.send(stage, settings.transport(stage), leg, own, patience);
    }

    private Patience decodePatience() {
        return Patience.forFirst(settings.decodeTimeout(), settings.streamIdleTimeout());
    }

    private EngineRequest toPrefiller(Leg leg, Target prefiller) {
        HttpHeaders headers = Headers.toPrefiller(request.headers(), legHeaders(leg));
        return new EngineRequest("POST", prefiller, request.target(), headers, leg.body());
    }

    private EngineRequest toDecoder(Leg leg) {
        HttpHeaders headers = Headers.toDecoder(request.headers(), legHeaders(leg));
        return new EngineRequest("POST", settings.decoder(), request.target(), headers, leg.body());
    }

    private Runnable abort(Stage stage, Leg leg, EngineRequest sent) {
        return () -> leg.abort().ifPresent(abort -> Aborts.post(stage, settings.transport(stage), sent, abort, alarms));
    }

    private Map<String, String> legHeaders(Leg leg) {
        Map<String, String> headers = new LinkedHashMap<>();
        headers.put("content-type", "application/json");
        headers.put(Headers.REQUEST_ID, events.requestId());
        leg.headers().forEach((name, value) -> headers.put(name.toLowerCase(Locale.ROOT), value));
        return headers;
    }
}
