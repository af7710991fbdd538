package dev.pdrouter.server.jdk;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.pdrouter.OnPrefillFailure;
import dev.pdrouter.PdRouter;
import dev.pdrouter.connector.KvConnector;
import dev.pdrouter.event.PdEvent;
import dev.pdrouter.event.PdEvent.Stranded;
import dev.pdrouter.testkit.EngineCall;
import dev.pdrouter.testkit.EngineHandler;
import dev.pdrouter.testkit.EnginePair;
import dev.pdrouter.testkit.Pace;
import dev.pdrouter.testkit.VllmDecoder;
import dev.pdrouter.testkit.VllmPrefiller;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Mooncake's prefiller before its decoder: nothing that becomes of the one leaves a request waiting with the other. */
class MooncakePrefillFirstTest {

    private static final Duration SOON = Duration.ofSeconds(20);
    private static final String CHAT = "/v1/chat/completions";
    private static final String MESSAGES = "/v1/messages";
    private static final String RESPONSES = "/v1/responses";

    private final Leaving leaving = new Leaving();

    /** Strict engines and a router whose prefiller is first. */
    private final class Between implements AutoCloseable {

        final VllmPrefiller prefiller;
        final VllmDecoder decoder;
        final Stack stack;

        Between(Pace prefill) throws IOException {
            this(prefill, builder -> builder);
        }

        Between(Pace prefill, UnaryOperator<PdRouter.Builder> settings) throws IOException {
            EnginePair engines = EnginePair.speaking("mooncake").start(prefill, Pace.none());
            prefiller = (VllmPrefiller) engines.prefiller();
            decoder = (VllmDecoder) engines.decoder();
            KvConnector mooncake = KvConnector.named("mooncake")
                    .configured(engines.options())
                    .configured(Map.of("mooncake-prefill-first", "true"));
            stack = Stack.of(
                    prefiller.engine(),
                    decoder.engine(),
                    builder -> settings.apply(builder.kvConnector(mooncake).listener(leaving)));
        }

        RawClient.Answer ask(String path, String body) throws IOException {
            return stack.client().ask(stack.post(path, body));
        }

        /** What the decoder got was the client's own. */
        void assertTheDecoderWorkedAlone(String body) {
            assertThat(decoder.engine().calls()).extracting(EngineCall::text).containsExactly(body);
            assertThat(decoder.localPrefills()).isOne();
            assertNothingIsHeld();
        }

        void assertNothingIsHeld() {
            assertThat(decoder.pending()).isZero();
            assertThat(prefiller.held()).isZero();
            assertThat(prefiller.violations()).isEmpty();
            assertThat(decoder.violations()).isEmpty();
        }

        @Override
        public void close() {
            stack.close();
            prefiller.close();
            decoder.close();
        }
    }

    private static String body(String path, String more) {
        String prompt =
                switch (path) {
                    case RESPONSES -> "\"input\":\"tell me\",\"max_output_tokens\":20";
                    case "/v1/completions" -> "\"prompt\":\"tell me\",\"max_tokens\":20";
                    default -> "\"messages\":[{\"role\":\"user\",\"content\":\"tell me\"}],\"max_tokens\":20";
                };
        return "{\"model\":\"m\"," + prompt + more + "}";
    }

    /** What one engine answers that nobody hands anything to. */
    private static String alone(String path, String body) throws IOException {
        try (VllmDecoder one = VllmDecoder.start();
                RawClient client = new RawClient(one.port())) {
            return text(client.ask(RawClient.post(path, body)));
        }
    }

    /** Without ids, which are new each time. */
    private static String text(RawClient.Answer answer) {
        return answer.text().replaceAll("\"(id|item_id)\":\"[^\"]*\"", "\"$1\":\"\"");
    }

    @Test
    void theDecoderIsNotAskedBeforeThePrefillerHasAnswered() throws Exception {
        CountDownLatch prefilling = new CountDownLatch(1);
        CountDownLatch end = new CountDownLatch(1);
        Pace waits = (call, token) -> {
            prefilling.countDown();
            end.await();
        };
        try (Between all = new Between(waits)) {
            RawClient client = all.stack.client().send(all.stack.post(CHAT, body(CHAT, "")));
            prefilling.await();
            assertThat(all.decoder.engine().calls()).isEmpty();
            end.countDown();
            assertThat(client.answer().status()).isEqualTo(200);
            leaving.awaitEnded();
            assertThat(leaving.stages())
                    .containsExactly("prefill begins", "prefill ends", "decode begins", "decode ends");
            assertThat(all.decoder.transfers()).hasSize(1);
            all.assertNothingIsHeld();
        }
    }

    @ParameterizedTest
    @CsvSource({
        MESSAGES + ", end_turn, false",
        MESSAGES + ", end_turn, true",
        MESSAGES + ", tool_use, true",
        RESPONSES + ", completed, false",
        RESPONSES + ", completed, true",
        RESPONSES + ", failed, false"
    })
    void whenThePrefillerStopsEarlyTheDecoderAnswersAlone(String path, String how, boolean streamed) throws Exception {
        String member = path.equals(MESSAGES) ? "stop_reason" : "status";
        EngineHandler stops =
                call -> call.answer(200, "application/json", "{\"id\":\"p\",\"" + member + "\":\"" + how + "\"}");
        try (Between all = new Between(Pace.none())) {
            all.prefiller.answerNext(stops);
            String body = body(path, ",\"stream\":" + streamed);
            RawClient.Answer answer = all.ask(path, body);
            assertThat(answer.status()).isEqualTo(200);
            assertThat(text(answer)).isEqualTo(alone(path, body));
            all.assertTheDecoderWorkedAlone(body);
            assertThat(leaving.told(PdEvent.DecodeAlone.class))
                    .extracting(PdEvent.DecodeAlone::reason)
                    .containsExactly("no handoff");
        }
    }

    @Test
    void whenAHandoffIsRequiredAPrefillerThatStopsEarlyIsAnError() throws Exception {
        try (Between all = new Between(Pace.none(), builder -> builder.requireHandoff(true))) {
            all.prefiller.answerNext(
                    call -> call.answer(200, "application/json", "{\"choices\":[{\"finish_reason\":\"stop\"}]}"));
            assertThat(all.ask(CHAT, body(CHAT, "")).status()).isEqualTo(502);
            assertThat(all.decoder.engine().calls()).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {CHAT, MESSAGES, RESPONSES})
    void aPrefillerThatDiesWhilePrefillingIsAnErrorAndTheDecoderIsNotAsked(String path) throws Exception {
        try (Between all = new Between(Pace.none())) {
            all.prefiller.answerNext(EngineCall::reset);
            RawClient.Answer answer = all.ask(path, body(path, ""));
            assertThat(answer.status()).isEqualTo(502);
            assertThat(answer.text()).contains("the prefiller " + all.prefiller.address());
            assertThat(all.decoder.engine().calls()).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {CHAT, MESSAGES, RESPONSES})
    void aPrefillerThatDiesWhilePrefillingLeavesTheDecoderToWorkAloneIfThatIsSaidSo(String path) throws Exception {
        try (Between all = new Between(Pace.none(), builder -> builder.onPrefillFailure(OnPrefillFailure.DECODE))) {
            all.prefiller.answerNext(EngineCall::reset);
            String body = body(path, ",\"stream\":true");
            RawClient.Answer answer = all.ask(path, body);
            assertThat(answer.status()).isEqualTo(200);
            assertThat(text(answer)).isEqualTo(alone(path, body));
            all.assertTheDecoderWorkedAlone(body);
        }
    }

    @Test
    void whenAClientLeavesDuringPrefillTheDecoderIsNotAsked() throws Exception {
        CountDownLatch prefilling = new CountDownLatch(1);
        Pace silent = (call, token) -> {
            prefilling.countDown();
            call.goneWithin(SOON);
        };
        try (Between all = new Between(silent)) {
            RawClient client = all.stack.client().send(all.stack.post(CHAT, body(CHAT, "")));
            prefilling.await();
            client.close();
            all.prefiller.awaitAborted(1, SOON);
            assertThat(all.stack.router.drain(SOON)).isTrue();
            assertThat(all.decoder.engine().calls()).isEmpty();
            assertThat(leaving.told(PdEvent.Released.class)).isEmpty();
            all.assertNothingIsHeld();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {CHAT, "/v1/completions", MESSAGES, RESPONSES})
    void whenAClientLeavesAfterThePrefillersAnswerItsBlocksAreReleased(String path) throws Exception {
        try (Between all = new Between(Pace.none())) {
            RawClient client = all.stack.client();
            leaving.betweenTheLegs(client);
            client.send(all.stack.post(path, body(path, ",\"stream\":true")));
            PdEvent.Released released = leaving.awaitReleased();
            assertThat(released.why()).isEqualTo(Stranded.CLIENT_LEFT);
            assertThat(released.failure()).isEmpty();
            assertThat(all.prefiller.handoffs()).hasSize(1);
            assertThat(all.decoder.transfers()).hasSize(1);
            assertTheOnlyCallIsARelease(all, path);
            all.assertNothingIsHeld();
        }
    }

    /** One token, with what the decode would have been told. */
    private static void assertTheOnlyCallIsARelease(Between all, String path) {
        List<EngineCall> calls = all.decoder.engine().calls();
        assertThat(calls).hasSize(1);
        JsonNode sent = calls.getFirst().json();
        String limit = path.equals(RESPONSES) ? "max_output_tokens" : "max_tokens";
        assertThat(sent.path(limit).asInt()).isEqualTo(1);
        assertThat(sent.path("stream").asBoolean(true)).isFalse();
        JsonNode params = sent.path("kv_transfer_params");
        assertThat(params.path("do_remote_prefill").asBoolean()).isTrue();
        assertThat(params.path("do_remote_decode").asBoolean(true)).isFalse();
        assertThat(params.path("remote_engine_id").asText()).isEqualTo(all.prefiller.engineId());
    }

    /** The decoder's server has not told its engine of the handoff; without a release the prefiller keeps its blocks. */
    @ParameterizedTest
    @ValueSource(strings = {CHAT, MESSAGES, RESPONSES})
    void whatTheDecodersValidationRefusesIsReleased(String path) throws Exception {
        try (Between all = new Between(Pace.none())) {
            String limit = path.equals(RESPONSES) ? "\"max_output_tokens\":" : "\"max_tokens\":";
            String body = body(path, "").replace(limit + "20", limit + "\"many\"");
            assertThat(all.ask(path, body).status()).isEqualTo(400);
            PdEvent.Released released = leaving.awaitReleased();
            assertThat(released.why()).isEqualTo(Stranded.REFUSED);
            assertThat(released.failure()).isEmpty();
            assertThat(all.prefiller.handoffs()).hasSize(1);
            assertThat(all.decoder.transfers()).hasSize(1);
            assertThat(all.decoder.engine().calls()).hasSize(2);
            all.assertNothingIsHeld();
        }
    }

    /** Here it has, which frees the blocks: a release would wait for them until the prefiller gives it up. */
    @ParameterizedTest
    @ValueSource(strings = {CHAT, MESSAGES, RESPONSES})
    void whatTheDecodersServingLayerRefusesIsNotSentAgain(String path) throws Exception {
        try (Between all = new Between(Pace.none())) {
            String limit = path.equals(RESPONSES) ? "\"max_output_tokens\":" : "\"max_tokens\":";
            String body = body(path, "").replace(limit + "20", limit + "-5");
            RawClient.Answer answer = all.ask(path, body);
            assertThat(answer.status()).isEqualTo(400);
            assertThat(answer.text()).contains("must be at least 1");
            assertThat(all.stack.router.drain(SOON)).isTrue();
            assertThat(all.prefiller.handoffs()).hasSize(1);
            assertThat(all.decoder.released()).isOne();
            assertThat(all.decoder.engine().calls()).hasSize(1);
            assertThat(leaving.told(PdEvent.Released.class)).isEmpty();
            all.assertNothingIsHeld();
        }
    }

    @Test
    void aDecoderThatComesBackIsSentTheRelease() throws Exception {
        try (Between all = new Between(Pace.none())) {
            all.decoder.engine().refuse();
            assertThat(all.ask(CHAT, body(CHAT, "")).status()).isEqualTo(503);
            assertThat(all.prefiller.held()).isOne();
            all.decoder.engine().listen();
            PdEvent.Released released = leaving.awaitReleased();
            assertThat(released.why()).isEqualTo(Stranded.UNREACHED);
            assertThat(released.failure()).isEmpty();
            assertTheOnlyCallIsARelease(all, CHAT);
            all.assertNothingIsHeld();
        }
    }
}
