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
    private final Alarm alarm;

    PlanRunner(Settings settings, PdRequest request, Events events, Client client, Alarm alarm) {
        this.settings = settings;
        this.request = request;
        this.events = events;
        this.client = client;
        this.alarm = alarm;
    }

    /** Every path that is not for generation: unread, both ways. */
    void passThrough(ClientBody body) throws PdException, IOException, InterruptedException {
        Body sent = body.length() == 0 ? Body.NONE : Body.of(body, body.length());
        EngineRequest toDecoder = new EngineRequest(
                request.method(), settings.decoder(), request.target(), Headers.toEngine(request.headers()), sent);
        Patience patience = Patience.forFirst(Duration.ZERO, settings.streamIdleTimeout());
        try {
            decode(toDecoder, patience);
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
    void disaggregate(GenerationApi api, JsonBody body, List<Target> candidates)
            throws PdException, IOException, InterruptedException {
        Patience patience = Patience.forAll(settings.prefillTimeout());
        for (Iterator<Target> rest = candidates.iterator(); ; ) {
            Target prefiller = rest.next();
            Plan plan = settings.connector().plan(new PlanRequest(events.requestId(), api, body, prefiller));
            try {
                switch (plan) {
                    case Plan.DecodeOnly alone -> decodeAlone(alone.decode(), alone.reason());
                    case Plan.Sequential sequential ->
                        decodeAfter(sequential, prefiller, prefill(sequential, prefiller, patience, rest.hasNext()));
                }
                return;
            } catch (EngineFailed e) {
                if (e.stage() != Stage.PREFILL || e.status() == 504 && patience.isOver() || !rest.hasNext()) {
                    throw e;
                }
                LOG.warn("request {}: {}; trying the next candidate", events.requestId(), e.getMessage());
                events.tell(new PdEvent.FailedOver(events.requestId(), prefiller, String.valueOf(e.getMessage())));
            }
        }
    }

    /** Asks the prefiller; one that is out of service counts as failed while there is another to ask. */
    private PrefillAnswer prefill(Plan.Sequential plan, Target prefiller, Patience patience, boolean thereIsAnother)
            throws PdException, InterruptedException {
        HttpHeaders headers = Headers.toPrefiller(request.headers(), legHeaders(plan.prefill()));
        EngineRequest toPrefiller = new EngineRequest(
                "POST", prefiller, request.target(), headers, plan.prefill().body());
        try (StageWatch watch = new StageWatch(events, Stage.PREFILL, prefiller);
                EngineCall call = EngineCall.send(
                        Stage.PREFILL, settings.transport(Stage.PREFILL), toPrefiller, alarm, patience)) {
            byte[] body = call.readWhole(settings.maxPrefillResponseBytes());
            watch.answered(call.status());
            PrefillAnswer answer = new PrefillAnswer(call.status(), call.headers(), body);
            if (answer.isNonsense() || answer.isOutOfService() && thereIsAnother) {
                throw EngineFailed.broken(Stage.PREFILL, prefiller, "answered " + call.status(), null);
            }
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

    private void decode(Leg leg) throws PdException, IOException, InterruptedException {
        HttpHeaders headers = Headers.toDecoder(request.headers(), legHeaders(leg));
        EngineRequest toDecoder = new EngineRequest("POST", settings.decoder(), request.target(), headers, leg.body());
        decode(toDecoder, Patience.forFirst(settings.decodeTimeout(), settings.streamIdleTimeout()));
    }

    private void decode(EngineRequest toDecoder, Patience patience)
            throws PdException, IOException, InterruptedException {
        try (StageWatch watch = new StageWatch(events, Stage.DECODE, toDecoder.engine());
                EngineCall call =
                        EngineCall.send(Stage.DECODE, settings.transport(Stage.DECODE), toDecoder, alarm, patience)) {
            client.relay(call, watch);
        }
    }

    private Map<String, String> legHeaders(Leg leg) {
        Map<String, String> headers = new LinkedHashMap<>();
        headers.put("content-type", "application/json");
        headers.put(Headers.REQUEST_ID, events.requestId());
        leg.headers().forEach((name, value) -> headers.put(name.toLowerCase(Locale.ROOT), value));
        return headers;
    }
}
