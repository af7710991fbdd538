package dev.pdrouter.testkit;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;

/** Answers a request token by token, and gives up when its peer leaves. */
final class AnswerWriter {
    private final EngineCall call;
    private final VllmRequest request;
    private final Pace pace;

    AnswerWriter(EngineCall call, VllmRequest request, Pace pace) {
        this.call = call;
        this.request = request;
        this.pace = pace;
    }

    /** What is generated, once prefill is done or the KV cache is there. */
    @FunctionalInterface
    interface Prefilled {
        Generation await(EngineCall call) throws IOException, InterruptedException;
    }

    /** Answers with what is generated, which is asked for when prefill would be done. */
    void write(Prefilled generation) throws IOException, InterruptedException {
        if (request.isStreamed()) {
            stream(generation);
        } else {
            whole(generation);
        }
    }

    private void whole(Prefilled prefilled) throws IOException, InterruptedException {
        await(0);
        Generation generation = prefilled.await(call);
        for (int token = 1; token < generation.longest(); token++) {
            await(token);
        }
        JsonNode answer = request.path().shape().whole(generation);
        if (answer instanceof ObjectNode object) {
            generation.handoff().ifPresent(object::setAll);
        }
        call.answer(200, "application/json", answer.toString());
    }

    private void stream(Prefilled prefilled) throws IOException, InterruptedException {
        AnswerPieces pieces = call.beginEvents();
        await(0);
        Generation generation = prefilled.await(call);
        AnswerShape shape = request.path().shape();
        send(pieces, shape.opening(generation));
        for (int token = 0; token < generation.longest(); token++) {
            if (token > 0) {
                await(token);
            }
            for (Choice choice : generation.choices()) {
                send(pieces, token < choice.tokens().size() ? shape.token(generation, choice, token) : "");
            }
        }
        send(pieces, shape.closing(generation));
        pieces.end();
    }

    private void await(int token) throws IOException, InterruptedException {
        pace.await(call, token);
        if (call.gone().isPresent()) {
            throw new PeerLeft();
        }
    }

    private static void send(AnswerPieces pieces, String events) throws IOException {
        if (!events.isEmpty()) {
            pieces.send(events);
        }
    }
}
