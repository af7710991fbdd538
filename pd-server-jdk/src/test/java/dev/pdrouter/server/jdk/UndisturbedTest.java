package dev.pdrouter.server.jdk;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pdrouter.PdRequest;
import dev.pdrouter.Responder;
import dev.pdrouter.Stage;
import dev.pdrouter.connector.KvConnector;
import dev.pdrouter.event.PdEvent;
import dev.pdrouter.event.PdListener;
import dev.pdrouter.testkit.Engine;
import dev.pdrouter.testkit.EngineCall;
import dev.pdrouter.testkit.EngineHandler;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.http.HttpHeaders;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/**
 * An engine that was asked a moment ago is not dropped in the middle of its answer: the client leaves while the engine's own
 * handler runs. Each is tried several times, since the moment is short and a machine may be busy.
 */
class UndisturbedTest {

    private static final int TRIES = 10;
    private static final Duration MOMENT = Duration.ofMillis(50);
    private static final Duration SOON = Duration.ofSeconds(5);

    private static final EngineHandler REGISTERED =
            call -> call.answer(200, "application/json", "{\"0\":{\"engine_id\":\"e\",\"worker_addr\":{}}}");
    private static final EngineHandler ENDS_BY_LENGTH =
            call -> call.answer(200, "application/json", "{\"choices\":[{\"finish_reason\":\"length\"}]}");

    private final Leaving leaving = new Leaving();
    private final AtomicReference<Runnable> left = new AtomicReference<>();
    private volatile boolean disturbed;

    /** As uvicorn does, which drops an answer of which it has written nothing when it sees the end of the connection. */
    private EngineHandler leftMeanwhile(EngineHandler answer) {
        return call -> {
            left.getAndSet(() -> {}).run();
            disturbed = call.goneWithin(MOMENT);
            if (disturbed) {
                call.close();
            } else {
                answer.handle(call);
            }
        };
    }

    /** A client that leaves when the engine says so, and takes no answer. */
    private final class Leaver implements Responder {
        @Override
        public void onLeave(Runnable toRun) {
            left.set(toRun);
        }

        @Override
        public OutputStream begin(int status, HttpHeaders headers) throws IOException {
            throw new IOException("the client has left");
        }
    }

    private void ask(Stack stack) {
        byte[] body = "{\"prompt\":\"p\",\"max_tokens\":9}".getBytes(StandardCharsets.UTF_8);
        HttpHeaders headers = HttpHeaders.of(
                Map.of(
                        "x-prefiller-host-port",
                        List.of(stack.prefiller.address()),
                        "content-length",
                        List.of(String.valueOf(body.length))),
                (name, value) -> true);
        try {
            stack.router.handle(
                    new PdRequest("POST", "/v1/completions", headers, new ByteArrayInputStream(body)), new Leaver());
        } catch (IOException | InterruptedException e) {
            // The client is gone.
        }
    }

    private void askUntilUndisturbed(Stack stack) {
        disturbed = true;
        for (int i = 0; i < TRIES && disturbed; i++) {
            ask(stack);
        }
        assertThat(disturbed).isFalse();
    }

    @Test
    void theHandoffOfAPrefillerThatWasAboutToAnswerIsReleased() throws Exception {
        try (Stack stack =
                Stack.of(leftMeanwhile(Stack.HANDS_OVER), Stack.ANSWERS, builder -> builder.listener(leaving))) {
            askUntilUndisturbed(stack);
            assertThat(leaving.awaitReleased().why()).isEqualTo(PdEvent.Stranded.CLIENT_LEFT);
            EngineCall release = stack.decode(0);
            assertThat(release.json().path("kv_transfer_params")).hasToString(Stack.HANDOFF);
            assertThat(leaving.told(PdEvent.Ended.class))
                    .allSatisfy(ended -> assertThat(ended.outcome()).isEqualTo(PdEvent.Outcome.CLIENT_LEFT));
        }
    }

    @Test
    void aDecoderHasAMomentToTellItsEngineOfTheHandoff() throws Exception {
        try (Stack stack =
                Stack.of(Stack.HANDS_OVER, leftMeanwhile(Stack.ANSWERS), builder -> builder.listener(leaving))) {
            askUntilUndisturbed(stack);
            assertThat(leaving.told(PdEvent.Released.class)).isEmpty();
        }
    }

    /** What stays at a decoder whose prefiller was dropped stays for minutes, whatever becomes of the decoder's request. */
    @Test
    void whereBothWorkAtOnceThePrefillerHasAMomentToEndAndTheDecoderIsLeftThen() throws Exception {
        Semaphore asked = new Semaphore(0);
        BlockingQueue<Boolean> decoderLeft = new LinkedBlockingQueue<>();
        EngineHandler prefills = call -> {
            asked.tryAcquire(SOON.toMillis(), TimeUnit.MILLISECONDS);
            disturbed = call.goneWithin(MOMENT);
            ENDS_BY_LENGTH.handle(call);
        };
        EngineHandler decodes = call -> {
            left.getAndSet(() -> {}).run();
            asked.release();
            decoderLeft.add(call.goneWithin(SOON));
        };
        try (Engine bootstrap = Engine.start(REGISTERED);
                Stack stack = atOnce(prefills, decodes, bootstrap)) {
            disturbed = true;
            for (int i = 0; i < TRIES && disturbed; i++) {
                ask(stack);
                assertThat(decoderLeft.poll(2 * SOON.toMillis(), TimeUnit.MILLISECONDS))
                        .isTrue();
            }
            assertThat(disturbed).isFalse();
        }
    }

    @Test
    void whereBothWorkAtOnceAPrefillThatTakesLongerIsLeftWithTheDecoder() throws Exception {
        BlockingQueue<Boolean> bothLeft = new LinkedBlockingQueue<>();
        EngineHandler prefills = call -> bothLeft.add(call.goneWithin(SOON));
        EngineHandler decodes = call -> {
            left.getAndSet(() -> {}).run();
            bothLeft.add(call.goneWithin(SOON));
        };
        try (Engine bootstrap = Engine.start(REGISTERED);
                Stack stack = atOnce(prefills, decodes, bootstrap)) {
            ask(stack);
            for (int i = 0; i < 2; i++) {
                assertThat(bothLeft.poll(2 * SOON.toMillis(), TimeUnit.MILLISECONDS))
                        .isTrue();
            }
        }
    }

    @Test
    void aDecoderIsNotAskedForAClientThatHasLeftByThen() throws Exception {
        PdListener leaves = event -> {
            if (event instanceof PdEvent.StageStarted started && started.stage() == Stage.PREFILL) {
                left.getAndSet(() -> {}).run();
            }
        };
        try (Engine bootstrap = Engine.start(REGISTERED);
                Stack stack = Stack.of(call -> call.goneWithin(SOON), Stack.ANSWERS, builder -> builder.kvConnector(
                                mooncake(bootstrap))
                        .listener(leaves))) {
            ask(stack);
            stack.awaitIdle();
            assertThat(stack.decoder.calls()).isEmpty();
        }
    }

    private static Stack atOnce(EngineHandler prefills, EngineHandler decodes, Engine bootstrap) throws Exception {
        return Stack.of(prefills, decodes, builder -> builder.kvConnector(mooncake(bootstrap)));
    }

    private static KvConnector mooncake(Engine bootstrap) {
        return KvConnector.named("mooncake")
                .configured(Map.of("mooncake-bootstrap-port", String.valueOf(bootstrap.port())));
    }

    @Test
    void aPrefillerThatIsToldOfAnAbortIsLeftAtOnce() throws Exception {
        EngineHandler waits = call -> call.goneWithin(SOON);
        KvConnector sglang = KvConnector.named("sglang");
        try (Stack stack = Stack.of(leftMeanwhile(waits), waits, builder -> builder.kvConnector(sglang))) {
            for (int i = 0; i < TRIES && !disturbed; i++) {
                ask(stack);
            }
            assertThat(disturbed).isTrue();
        }
    }
}
