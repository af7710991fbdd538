package dev.pdrouter.server.jdk;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pdrouter.connector.KvConnector;
import dev.pdrouter.testkit.AnswerPieces;
import dev.pdrouter.testkit.Engine;
import dev.pdrouter.testkit.EngineHandler;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The decoder is asked first, and may decline: shared-storage. */
class DecodeFirstTest {

    private static final Duration SOON = Duration.ofSeconds(3);
    private static final String PATH = "/v1/chat/completions";
    private static final String ASKS = "{\"model\":\"m\",\"messages\":[],\"cache_hit_threshold\":0.8}";
    private static final String STREAMS = "{\"messages\":[],\"cache_hit_threshold\":0.8,\"stream\":true}";
    private static final String DECLINES = "{\"choices\":[{\"finish_reason\":\"cache_threshold\"}]}";
    private static final String ROLE =
            "data: {\"choices\":[{\"delta\":{\"role\":\"assistant\"},\"finish_reason\":null}]}\n\n";

    private static Stack stack(EngineHandler prefiller, EngineHandler decoder) throws Exception {
        return Stack.of(prefiller, decoder, builder -> builder.kvConnector(KvConnector.named("shared-storage")));
    }

    /** Declines what has a threshold. */
    private static EngineHandler declining(EngineHandler decline) {
        return call -> {
            if (call.json().path("cache_hit_threshold").asDouble() == 0) {
                Stack.ANSWERS.handle(call);
            } else {
                decline.handle(call);
            }
        };
    }

    private static void assertFellBack(Stack stack, String client) throws Exception {
        assertThat(stack.client().ask(stack.post(PATH, client)).text()).isEqualTo("{\"id\":\"d\"}");
        assertThat(stack.decode(0).text()).isEqualTo(client);
        assertThat(stack.prefill(0).json().path("cache_hit_threshold").asInt(1)).isZero();
        assertThat(stack.decode(1).text()).isEqualTo(client.replace("0.8", "0"));
        assertThat(stack.decoder.calls()).hasSize(2);
    }

    @Test
    void whatTheDecoderDeclinesGoesToThePrefiller() throws Exception {
        try (Stack stack = stack(Stack.ANSWERS, declining(call -> call.answer(200, "application/json", DECLINES)))) {
            assertFellBack(stack, ASKS);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ROLE, ": hello\n\n" + ROLE})
    void aStreamDeclinesInOneOfItsFirstTwoEvents(String before) throws Exception {
        EngineHandler declines = declining(call -> {
            AnswerPieces pieces = call.beginEvents();
            pieces.send(before + "data: " + DECLINES.substring(0, 9));
            pieces.send(DECLINES.substring(9) + "\n\n");
            call.awaitGone(SOON);
        });
        try (Stack stack = stack(Stack.ANSWERS, declines)) {
            assertFellBack(stack, STREAMS);
        }
    }

    @Test
    void whatTheDecoderTakesIsStreamedByteForByte() throws Exception {
        CountDownLatch seen = new CountDownLatch(1);
        String first = ": hello\r\n\r\n" + ROLE + ROLE;
        EngineHandler takes = call -> {
            AnswerPieces pieces = call.beginEvents();
            pieces.send(first);
            seen.await();
            pieces.send("data: " + DECLINES + "\n\n");
            pieces.end();
        };
        try (Stack stack = stack(Stack.ANSWERS, takes)) {
            RawClient client = stack.client().send(stack.post(PATH, STREAMS));
            client.head();
            assertThat(client.chunkText()).isEqualTo(first);
            seen.countDown();
            assertThat(client.chunkText()).isEqualTo("data: " + DECLINES + "\n\n");
            assertThat(client.chunkText()).isEmpty();
            assertThat(stack.prefiller.calls()).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {10, 1_000_000})
    void aWholeAnswerOfAnySizeIsPassedOn(int size) throws Exception {
        String answer = "{\"id\":\"" + "x".repeat(size) + "\"}";
        try (Stack stack = stack(Stack.ANSWERS, call -> call.answer(200, "application/json", answer))) {
            assertThat(stack.client().ask(stack.post(PATH, ASKS)).text()).isEqualTo(answer);
            assertThat(stack.prefiller.calls()).isEmpty();
        }
    }

    @Test
    void theDecodersErrorIsTheClientsAnswer() throws Exception {
        try (Stack stack = stack(Stack.ANSWERS, call -> call.answer(400, "application/json", DECLINES))) {
            RawClient.Answer answer = stack.client().ask(stack.post(PATH, ASKS));
            assertThat(answer.status()).isEqualTo(400);
            assertThat(answer.text()).isEqualTo(DECLINES);
            assertThat(stack.prefiller.calls()).isEmpty();
        }
    }

    @Test
    void aDecoderThatDeclinedIsNotAskedAgainForTheNextCandidate() throws Exception {
        try (Engine gone = Engine.start(Stack.ANSWERS);
                Stack stack = stack(Stack.ANSWERS, declining(call -> call.answer(200, "application/json", DECLINES)))) {
            gone.refuse();
            String candidates = "x-prefiller-host-port: " + gone.address() + "," + stack.prefiller.address();
            assertThat(stack.client()
                            .ask(RawClient.post(PATH, ASKS, candidates))
                            .status())
                    .isEqualTo(200);
            assertThat(stack.decoder.calls()).hasSize(2);
        }
    }
}
