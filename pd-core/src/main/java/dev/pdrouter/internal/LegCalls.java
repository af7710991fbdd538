package dev.pdrouter.internal;

import dev.pdrouter.Body;
import dev.pdrouter.EngineRequest;
import dev.pdrouter.PdException.EngineFailed;
import dev.pdrouter.PdRequest;
import dev.pdrouter.Stage;
import dev.pdrouter.Target;
import dev.pdrouter.connector.Leg;
import java.net.http.HttpHeaders;

/** The legs of one client's request: as engines are sent them, called and watched. */
record LegCalls(
        Settings settings,
        Target decoder,
        PdRequest request,
        LegHeaders headers,
        Events events,
        Departure departure,
        PrefillPace pace,
        Alarms alarms,
        Releases releases,
        BodyMemory.Share memory) {

    LegCalls(
            Settings settings,
            Target decoder,
            PdRequest request,
            Events events,
            Departure departure,
            Shared shared,
            BodyMemory.Share memory) {
        this(
                settings,
                decoder,
                request,
                new LegHeaders(request.headers(), events.requestId()),
                events,
                departure,
                shared.pace(),
                shared.alarms(),
                shared.releases(),
                memory);
    }

    EngineRequest toPrefiller(Leg leg, Target prefiller) {
        return toPrefiller(leg, prefiller, leg.body());
    }

    /** The body is the leg's, watched. */
    EngineRequest toPrefiller(Leg leg, Target prefiller, Body body) {
        return post(prefiller, headers.ofReadHere(leg), body);
    }

    /** Its answer is read here too, and there is nothing in it that would have to be given back. */
    EngineRequest toEncoder(Leg leg, Target encoder) {
        return post(encoder, headers.ofReadHere(leg), leg.body());
    }

    EngineRequest toDecoder(Leg leg) {
        return post(decoder, headers.of(leg), leg.body());
    }

    /** As {@link #toDecoder}, for an answer that is looked into. */
    EngineRequest toDecoderReadHere(Leg leg) {
        return toPrefiller(leg, decoder);
    }

    private EngineRequest post(Target engine, HttpHeaders headers, Body body) {
        return new EngineRequest("POST", engine, request.target(), headers, body);
    }

    /** Tells of the leg's stage from now on; one that is given up has its abort sent. */
    StageWatch watch(Stage stage, Leg leg, EngineRequest sent) {
        return new StageWatch(events, stage, sent.engine(), () -> leg.abort()
                .ifPresent(abort -> Aborts.post(stage, settings.transport(stage), sent, abort, alarms)));
    }

    /** Sends a leg and waits for the head of the answer; the alarm is the calling thread's. */
    EngineCall send(Stage stage, EngineRequest leg, Alarm alarm, Patience patience)
            throws EngineFailed, InterruptedException {
        return EngineCall.send(stage, settings.transport(stage), leg, alarm, patience);
    }

    /** How long a decoder may take from now on. */
    Patience decodePatience() {
        return Patience.forFirst(settings.decodeTimeout(), settings.streamIdleTimeout());
    }
}
