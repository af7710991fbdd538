package dev.pdrouter.server.jdk;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pdrouter.connector.KvConnector;
import dev.pdrouter.testkit.AnswerPieces;
import dev.pdrouter.testkit.Engine;
import dev.pdrouter.testkit.EngineCall;
import dev.pdrouter.testkit.EngineHandler;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Plans whose legs overlap: who fails ends the other, and nothing is answered before both are sure. */
class AtOnceTest {

    /** Far above what it takes (a few ms), far below every other timeout. */
    private static final Duration SOON = Duration.ofSeconds(3);

    private static final Duration LONG = Duration.ofSeconds(20);
    private static final String CHAT = "{\"model\":\"m\",\"messages\":[],\"stream\":true}";
    private static final String PATH = "/v1/chat/completions";

    /** SGLang's, beside whatever the leg does: it takes orders to abort. */
    private static EngineHandler sglang(EngineHandler leg) {
        return call -> {
            if (call.head().target().equals("/abort_request")) {
                call.answer(200, "text/plain", "");
            } else {
                leg.handle(call);
            }
        };
    }

    private static final EngineHandler SILENT = sglang(call -> call.awaitGone(LONG));

    private static Stack stack(EngineHandler prefiller, EngineHandler decoder) throws Exception {
        return Stack.of(
                sglang(prefiller), sglang(decoder), builder -> builder.kvConnector(KvConnector.named("sglang")));
    }

    private static void assertAborted(Engine engine, EngineCall leg) throws Exception {
        EngineCall abort = engine.awaitCall(1);
        assertThat(abort.head().target()).isEqualTo("/abort_request");
        assertThat(abort.json().path("rid").asText())
                .isNotEmpty()
                .isEqualTo(leg.json().path("rid").asText());
    }

    @ParameterizedTest
    @ValueSource(ints = {400, 429, 500, 503})
    void thePrefillersErrorIsTheClientsAnswerAndEndsTheDecoder(int status) throws Exception {
        CountDownLatch decoding = new CountDownLatch(1);
        EngineHandler fails = call -> {
            decoding.await();
            call.answer(status, "application/x-own", "{\"mine\": 1}");
        };
        EngineHandler decodes = call -> {
            decoding.countDown();
            call.awaitGone(LONG);
        };
        try (Stack stack = stack(fails, decodes)) {
            RawClient.Answer answer = stack.client().ask(stack.post(PATH, CHAT));
            assertThat(answer.status()).isEqualTo(status);
            assertThat(answer.text()).isEqualTo("{\"mine\": 1}");
            assertThat(answer.headers()).containsEntry("content-type", "application/x-own");
            stack.decode(0).awaitGone(SOON);
            assertAborted(stack.decoder, stack.decode(0));
            stack.awaitIdle();
            assertThat(stack.prefiller.calls()).hasSize(1);
        }
    }

    @Test
    void nothingIsAnsweredBeforeThePrefillerHasSucceeded() throws Exception {
        CountDownLatch finish = new CountDownLatch(1);
        CountDownLatch begun = new CountDownLatch(1);
        EngineHandler slow = call -> {
            finish.await();
            call.answer(500, "application/json", "{}");
        };
        EngineHandler eager = call -> {
            call.beginEvents().send("data: {}\n\n");
            begun.countDown();
            call.awaitGone(LONG);
        };
        try (Stack stack = stack(slow, eager)) {
            RawClient client = stack.client().send(stack.post(PATH, CHAT));
            begun.await();
            finish.countDown();
            assertThat(client.answer().status()).isEqualTo(500);
            stack.decode(0).awaitGone(SOON);
        }
    }

    @Test
    void theStreamFlowsWhileTheDecoderStillGenerates() throws Exception {
        EngineHandler prefills =
                call -> call.answer(200, "text/event-stream", "data: {\"choices\":[]}\n\ndata: [DONE]\n\n");
        CountDownLatch seen = new CountDownLatch(1);
        EngineHandler decodes = call -> {
            AnswerPieces pieces = call.beginEvents();
            pieces.send("data: 1\n\n");
            seen.await();
            pieces.send("data: 2\n\n");
            pieces.end();
        };
        try (Stack stack = stack(prefills, decodes)) {
            RawClient client = stack.client().send(stack.post(PATH, CHAT));
            assertThat(client.head().status()).isEqualTo(200);
            assertThat(client.chunkText()).isEqualTo("data: 1\n\n");
            seen.countDown();
            assertThat(client.chunkText()).isEqualTo("data: 2\n\n");
            assertThat(client.chunkText()).isEmpty();
            stack.awaitIdle();
            assertThat(stack.decoder.calls()).hasSize(1);
            assertThat(stack.prefiller.calls()).hasSize(1);
        }
    }

    @Test
    void anErrorInThePrefillersStreamEndsTheDecoder() throws Exception {
        CountDownLatch decoding = new CountDownLatch(1);
        EngineHandler fails = call -> {
            decoding.await();
            call.answer(200, "text/event-stream", "data: {\"error\":{\"code\":500}}\n\ndata: [DONE]\n\n");
        };
        EngineHandler decodes = call -> {
            decoding.countDown();
            call.awaitGone(LONG);
        };
        try (Stack stack = stack(fails, decodes)) {
            RawClient.Answer answer = stack.client().ask(stack.post(PATH, CHAT));
            assertThat(answer.status()).isEqualTo(502);
            assertThat(answer.text()).contains("prefiller").contains(stack.prefiller.address());
            stack.decode(0).awaitGone(SOON);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {400, 500})
    void theDecodersErrorIsTheClientsAnswerAndEndsThePrefiller(int status) throws Exception {
        CountDownLatch prefilling = new CountDownLatch(1);
        EngineHandler prefills = call -> {
            prefilling.countDown();
            call.awaitGone(LONG);
        };
        EngineHandler fails = call -> {
            prefilling.await();
            call.answer(status, "application/json", "{\"theirs\": 1}");
        };
        try (Stack stack = stack(prefills, fails)) {
            RawClient.Answer answer = stack.client().ask(stack.post(PATH, CHAT));
            assertThat(answer.status()).isEqualTo(status);
            assertThat(answer.text()).isEqualTo("{\"theirs\": 1}");
            stack.prefill(0).awaitGone(SOON);
            assertAborted(stack.prefiller, stack.prefill(0));
        }
    }

    @Test
    void aDecoderThatBreaksOffEndsThePrefiller() throws Exception {
        CountDownLatch prefilling = new CountDownLatch(1);
        EngineHandler prefills = call -> {
            prefilling.countDown();
            call.awaitGone(LONG);
        };
        EngineHandler breaks = call -> {
            prefilling.await();
            call.reset();
        };
        try (Stack stack = stack(prefills, breaks)) {
            RawClient.Answer answer = stack.client().ask(stack.post(PATH, CHAT));
            assertThat(answer.status()).isEqualTo(502);
            assertThat(answer.text()).contains("the decoder");
            stack.prefill(0).awaitGone(SOON);
            assertAborted(stack.prefiller, stack.prefill(0));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {PATH, "/generate"})
    void theClientLeavingDropsBothAndTellsBoth(String path) throws Exception {
        try (Stack stack = stack(SILENT, SILENT)) {
            RawClient client = stack.client().send(stack.post(path, CHAT));
            EngineCall prefill = stack.prefill(0);
            EngineCall decode = stack.decode(0);
            client.close();
            prefill.awaitGone(SOON);
            decode.awaitGone(SOON);
            assertAborted(stack.prefiller, prefill);
            assertAborted(stack.decoder, decode);
            stack.awaitIdle();
        }
    }

    @Test
    void theClientLeavingInTheStreamTellsTheDecoderAlone() throws Exception {
        EngineHandler prefills = call -> call.answer(200, "application/json", "{}");
        EngineHandler decodes = call -> {
            call.beginEvents().send("data: 1\n\n");
            call.awaitGone(LONG);
        };
        try (Stack stack = stack(prefills, decodes)) {
            RawClient client = stack.client().send(stack.post(PATH, CHAT));
            client.head();
            assertThat(client.chunkText()).isEqualTo("data: 1\n\n");
            client.close();
            stack.decode(0).awaitGone(SOON);
            assertAborted(stack.decoder, stack.decode(0));
            stack.awaitIdle();
            assertThat(stack.prefiller.calls()).hasSize(1);
        }
    }

    @Test
    void aPrefillerThatIsGoneIsFollowedByTheNextCandidateInARoomOfItsOwn() throws Exception {
        EngineHandler prefills = call -> call.answer(200, "application/json", "{}");
        CountDownLatch decoding = new CountDownLatch(1);
        EngineHandler decodes = call -> {
            if (decoding.getCount() > 0) {
                decoding.countDown();
                call.awaitGone(LONG);
            } else {
                Stack.ANSWERS.handle(call);
            }
        };
        EngineHandler resets = sglang(call -> {
            decoding.await();
            call.reset();
        });
        try (Engine breaks = Engine.start(resets);
                Stack stack = stack(prefills, decodes)) {
            String candidates = "x-prefiller-host-port: " + breaks.address() + "," + stack.prefiller.address();
            RawClient.Answer answer = stack.client().ask(RawClient.post(PATH, CHAT, candidates));
            assertThat(answer.status()).isEqualTo(200);
            List<String> rooms = stack.decoder.calls().stream()
                    .filter(call -> call.head().target().equals(PATH))
                    .map(call -> call.json().path("bootstrap_room").asText())
                    .toList();
            assertThat(rooms).doesNotHaveDuplicates().hasSize(2);
            assertThat(stack.prefill(0).json().path("bootstrap_room").asText()).isEqualTo(rooms.getLast());
        }
    }

    @Test
    void withNobodyElseToAskADeadPrefillerIsAnErrorAtOnceAndTheDecoderIsNotAsked() throws Exception {
        try (Stack stack = stack(SILENT, SILENT)) {
            stack.prefiller.refuse();
            RawClient.Answer answer = stack.client().ask(stack.post(PATH, CHAT));
            assertThat(answer.status()).isEqualTo(502);
            assertThat(answer.text()).contains("the prefiller " + stack.prefiller.address());
            stack.awaitIdle();
            assertThat(stack.decoder.calls()).isEmpty();
        }
    }

    @Test
    void candidatesThatRefuseAreSkippedWithoutAskingTheDecoderForThem() throws Exception {
        EngineHandler prefills = call -> call.answer(200, "application/json", "{}");
        try (Engine dead = Engine.start(SILENT);
                Stack stack = stack(prefills, Stack.ANSWERS)) {
            dead.refuse();
            String candidates = "x-prefiller-host-port: " + dead.address() + "," + stack.prefiller.address();
            assertThat(stack.client()
                            .ask(RawClient.post(PATH, CHAT, candidates))
                            .status())
                    .isEqualTo(200);
            assertThat(stack.decoder.calls()).hasSize(1);
        }
    }

    @Test
    void severalSamplesAreRefusedBeforeAnythingIsSent() throws Exception {
        try (Stack stack = stack(SILENT, SILENT)) {
            RawClient.Answer answer = stack.client().ask(stack.post(PATH, "{\"messages\":[],\"n\":2}"));
            assertThat(answer.status()).isEqualTo(400);
            assertThat(stack.prefiller.calls()).isEmpty();
            assertThat(stack.decoder.calls()).isEmpty();
        }
    }

    @Test
    void aKvSourceIsHeldToTheRulesOfCandidatesAndReachesTheDecoderAlone() throws Exception {
        KvConnector pulls = KvConnector.named("offloading");
        String body = "{\"model\":\"m\",\"messages\":[]}";
        try (Stack stack = Stack.of(Stack.ANSWERS, Stack.ANSWERS, builder -> builder.kvConnector(pulls)
                .targets((stage, target) -> !target.host().equals("forbidden")))) {
            String header = "x-kv-cache-source-host-port: ";
            assertThat(ask(stack, body, header + "nonsense")).isEqualTo(400);
            assertThat(ask(stack, body, header + "a:1,b:1")).isEqualTo(400);
            assertThat(ask(stack, body, header + "forbidden:1")).isEqualTo(403);
            assertThat(stack.decoder.calls()).isEmpty();
            assertThat(ask(stack, body, header + "s:8000")).isEqualTo(200);
            assertThat(stack.decode(0)
                            .json()
                            .at("/kv_transfer_params/remote_kv_source/remote_host")
                            .asText())
                    .isEqualTo("s");
            assertThat(stack.decode(0).header("x-kv-cache-source-host-port")).isEmpty();
            assertThat(ask(stack, "{\"messages\":[],\"n\":2}", header + "s:8000"))
                    .isEqualTo(200);
            assertThat(stack.decode(1).text()).isEqualTo("{\"messages\":[],\"n\":2}");
            assertThat(ask(stack, body, header)).isEqualTo(200);
            assertThat(stack.decode(2).text()).isEqualTo(body);
        }
    }

    private static int ask(Stack stack, String body, String header) throws Exception {
        return stack.client().ask(RawClient.post(PATH, body, header)).status();
    }
}
