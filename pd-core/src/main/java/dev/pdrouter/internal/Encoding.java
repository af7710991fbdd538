package dev.pdrouter.internal;

import dev.pdrouter.EngineRequest;
import dev.pdrouter.PdException;
import dev.pdrouter.PdException.EngineFailed;
import dev.pdrouter.Stage;
import dev.pdrouter.Target;
import dev.pdrouter.connector.EcConnector;
import dev.pdrouter.connector.JsonBody;
import dev.pdrouter.connector.Leg;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * Has the media parts of a request encoded, before anything else is done with it: the encoders are asked in turn and all
 * at once, and the first that fails ends the others.
 */
final class Encoding {

    /** A request may have thousands of parts, and each leg is a connection. */
    private static final int AT_ONCE = 32;

    private static final JsonBody UNREAD = JsonBody.of("{}");

    private final EcConnector connector;
    private final List<JsonBody> parts;
    private final List<Target> encoders;
    private final LegCalls calls;

    private Encoding(EcConnector connector, List<JsonBody> parts, List<Target> encoders, LegCalls calls) {
        this.connector = connector;
        this.parts = parts;
        this.encoders = encoders;
        this.calls = calls;
    }

    /** An encoder's answer, as far as it matters. */
    private record Answer(int status, JsonBody body) {

        boolean succeeded() {
            return status >= 200 && status < 300;
        }
    }

    /** One part on its way. */
    private record Ask(Target encoder, StageWatch watch, Legs.Fork<Answer> fork) {

        void end() throws PdException, IOException, InterruptedException {
            Answer answer = fork.result();
            watch.answered(answer.status());
            if (!answer.succeeded()) {
                throw EngineFailed.answered(Stage.ENCODE, encoder, answer.status());
            }
            watch.end();
        }

        JsonBody answer() throws PdException, IOException, InterruptedException {
            return fork.result().body();
        }
    }

    /** What there is to encode; empty when that is nothing, or nobody was named to do it. */
    static Optional<Encoding> of(JsonBody request, List<Target> encoders, LegCalls calls) throws PdException {
        if (encoders.isEmpty()) {
            return Optional.empty();
        }
        EcConnector connector = calls.settings().ecConnector().orElseThrow();
        List<JsonBody> parts = connector.split(request);
        return parts.isEmpty() ? Optional.empty() : Optional.of(new Encoding(connector, parts, encoders, calls));
    }

    /** Returns when every part is encoded. */
    Encoded run(Patience patience) throws PdException, IOException, InterruptedException {
        List<Ask> asked = new ArrayList<>();
        Map<Legs.Fork<?>, Ask> byFork = new HashMap<>();
        try (Legs legs = new Legs(calls.alarms())) {
            for (int ended = 0; ended < parts.size(); ended++) {
                while (asked.size() < parts.size() && asked.size() - ended < AT_ONCE) {
                    Ask ask = ask(asked.size(), legs, patience);
                    asked.add(ask);
                    byFork.put(ask.fork(), ask);
                }
                Objects.requireNonNull(byFork.get(legs.next())).end();
            }
        } finally {
            asked.forEach(ask -> ask.watch().close());
        }
        return encoded(asked);
    }

    private Ask ask(int part, Legs legs, Patience patience) {
        Target encoder = encoders.get(part % encoders.size());
        Leg leg = Leg.of(parts.get(part))
                .withHeaders(Map.of(Headers.REQUEST_ID, calls.events().requestId() + "-enc-" + part));
        EngineRequest toEncoder = calls.toEncoder(leg, encoder);
        StageWatch watch = calls.watch(Stage.ENCODE, leg, toEncoder);
        return new Ask(encoder, watch, legs.fork(own -> send(toEncoder, own, patience)));
    }

    private Answer send(EngineRequest toEncoder, Alarm own, Patience patience)
            throws EngineFailed, PdException.Unavailable, InterruptedException {
        try (EngineCall call = calls.send(Stage.ENCODE, toEncoder, own, patience)) {
            if (!call.succeeded()) {
                return new Answer(call.status(), UNREAD);
            }
            byte[] body = WholeAnswer.read(call, calls.settings().maxPrefillResponseBytes(), calls.memory());
            return new Answer(call.status(), connector.readsAnswers() ? JsonBody.parse(body) : UNREAD);
        } catch (JsonBody.Malformed e) {
            throw EngineFailed.broken(Stage.ENCODE, toEncoder.engine(), "gave an answer that cannot be understood", e);
        }
    }

    private Encoded encoded(List<Ask> asked) throws PdException, IOException, InterruptedException {
        if (!connector.readsAnswers()) {
            return Encoded.NOTHING;
        }
        List<JsonBody> answers = new ArrayList<>();
        for (Ask ask : asked) {
            answers.add(ask.answer());
        }
        return new Encoded(request -> connector.merge(request, answers));
    }
}
