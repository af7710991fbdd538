package dev.pdrouter.server.jdk;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pdrouter.PdRouter;
import dev.pdrouter.Stage;
import dev.pdrouter.connector.KvConnector;
import dev.pdrouter.event.PdEvent;
import dev.pdrouter.event.PdEvent.Stranded;
import dev.pdrouter.testkit.EngineCall;
import dev.pdrouter.testkit.EngineHandler;
import dev.pdrouter.testkit.VllmDecoder;
import dev.pdrouter.testkit.VllmPrefiller;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A decoder that refuses a handoff, or cannot be reached, leaves no blocks behind; one that may have it gets it once. */
class StrandedHandoffTest {

    private static final Duration SOON = Duration.ofSeconds(20);
    private static final String CHAT =
            "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"tell me\"}],\"max_tokens\":50}";

    private final Leaving leaving = new Leaving();
    private VllmPrefiller prefiller;
    private VllmDecoder decoder;

    @BeforeEach
    void start() throws IOException {
        prefiller = VllmPrefiller.start();
        decoder = VllmDecoder.start();
    }

    @AfterEach
    void close() {
        prefiller.close();
        decoder.close();
    }

    private Stack stack(UnaryOperator<PdRouter.Builder> settings) throws IOException {
        return Stack.of(prefiller.engine(), decoder.engine(), builder -> settings.apply(builder.listener(leaving)));
    }

    private static RawClient.Answer ask(Stack stack) throws IOException {
        return stack.client().ask(stack.post("/v1/chat/completions", CHAT));
    }

    /** The decoder has had one request with the handoff, and will not get it again. */
    private void assertNothingIsReleased(Stack stack) throws InterruptedException {
        assertThat(stack.router.drain(SOON)).isTrue();
        assertThat(decoder.engine().calls()).hasSize(1);
        assertThat(leaving.told(PdEvent.Released.class)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {400, 422})
    void whatTheDecodersValidationRefusesIsReleasedOnce(int status) throws Exception {
        decoder.answerNext(call -> call.answer(status, "application/json", "{\"error\":\"no\"}"));
        try (Stack stack = stack(builder -> builder)) {
            RawClient.Answer answer = ask(stack);
            assertThat(answer.status()).isEqualTo(status);
            assertThat(answer.text()).isEqualTo("{\"error\":\"no\"}");
            PdEvent.Released released = leaving.awaitReleased();
            assertThat(released.why()).isEqualTo(Stranded.REFUSED);
            assertThat(released.failure()).isEmpty();
            assertThat(prefiller.held()).isZero();
            assertThat(decoder.violations()).isEmpty();
            assertThat(decoder.engine().calls()).hasSize(2);
            assertThat(decoder.engine().calls().get(1).json().path("max_tokens").asInt())
                    .isEqualTo(1);
        }
    }

    /** Releases before vllm PR #41269 free nothing then, and a second request does no harm. */
    @Test
    void whatTheDecodersServingLayerRefusesIsReleasedToo() throws Exception {
        decoder.answerNext(call ->
                call.answer(400, "application/json", "{\"error\":{\"message\":\"no\",\"type\":\"BadRequestError\"}}"));
        try (Stack stack = stack(builder -> builder)) {
            assertThat(ask(stack).status()).isEqualTo(400);
            assertThat(leaving.awaitReleased().why()).isEqualTo(Stranded.REFUSED);
            assertThat(prefiller.held()).isZero();
        }
    }

    @Test
    void aBodyThatTheDecoderDoesNotReadIsReleased() throws Exception {
        try (Stack stack = stack(builder -> builder)) {
            String body = CHAT.replace("\"max_tokens\":50", "\"max_tokens\":\"many\"");
            RawClient.Answer answer = stack.client().ask(stack.post("/v1/chat/completions", body));
            assertThat(answer.status()).isEqualTo(400);
            assertThat(answer.text()).contains("\"type\":\"Bad Request\"");
            assertThat(leaving.awaitReleased().failure()).isEmpty();
            assertThat(prefiller.held()).isZero();
            assertThat(decoder.violations()).isEmpty();
        }
    }

    /** The release is apart from the client's answer. */
    @Test
    void theClientHasItsAnswerWhateverBecomesOfTheRelease() throws Exception {
        CountDownLatch end = new CountDownLatch(1);
        decoder.answerNext(call -> call.answer(400, "application/json", "{}"));
        decoder.answerNext(call -> end.await());
        try (Stack stack = stack(builder -> builder)) {
            assertThat(ask(stack).status()).isEqualTo(400);
            decoder.engine().awaitCall(1);
            stack.awaitIdle();
            end.countDown();
            assertThat(leaving.awaitReleased().failure()).isPresent();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {401, 403, 404, 409, 413, 429, 500, 502, 503, 504})
    void afterAnyOtherAnswerTheDecoderMayHaveIt(int status) throws Exception {
        decoder.answerNext(call -> call.answer(status, "application/json", "{}"));
        try (Stack stack = stack(builder -> builder)) {
            assertThat(ask(stack).status()).isEqualTo(status);
            assertNothingIsReleased(stack);
        }
    }

    @Test
    void afterAResetTheDecoderMayHaveIt() throws Exception {
        decoder.answerNext(EngineCall::reset);
        try (Stack stack = stack(builder -> builder)) {
            assertThat(ask(stack).status()).isEqualTo(502);
            assertNothingIsReleased(stack);
        }
    }

    @Test
    void aDecoderThatIsTooLateMayHaveIt() throws Exception {
        decoder.answerNext(call -> call.awaitGone(SOON));
        try (Stack stack = stack(builder -> builder.decodeTimeout(Duration.ofMillis(100)))) {
            assertThat(ask(stack).status()).isEqualTo(504);
            assertNothingIsReleased(stack);
        }
    }

    @Test
    void aDecoderThatComesBackIsSentTheRelease() throws Exception {
        try (Stack stack = stack(builder -> builder)) {
            decoder.engine().refuse();
            assertThat(ask(stack).status()).isEqualTo(503);
            assertThat(prefiller.held()).isEqualTo(1);
            decoder.engine().listen();
            PdEvent.Released released = leaving.awaitReleased();
            assertThat(released.why()).isEqualTo(Stranded.UNREACHED);
            assertThat(released.failure()).isEmpty();
            assertThat(prefiller.held()).isZero();
            assertThat(decoder.violations()).isEmpty();
            assertThat(decoder.engine().calls()).hasSize(1);
        }
    }

    @Test
    void aDecoderThatStaysAwayIsGivenUpAndThatIsTold() throws Exception {
        try (Stack stack = stack(builder -> builder.handoffLease(Duration.ofMillis(300)))) {
            decoder.engine().refuse();
            assertThat(ask(stack).status()).isEqualTo(503);
            assertThat(leaving.awaitReleased().failure())
                    .hasValueSatisfying(why -> assertThat(why).contains("does not accept connections"));
            assertThat(stack.router.drain(SOON)).isTrue();
            assertThat(leaving.told(PdEvent.Released.class)).hasSize(1);
            assertThat(prefiller.held()).isEqualTo(1);
        }
    }

    @Test
    void aReleaseThatIsNotAnsweredEndsWithTheLease() throws Exception {
        decoder.answerNext(call -> call.answer(400, "application/json", "{}"));
        decoder.answerNext(call -> call.awaitGone(SOON));
        try (Stack stack = stack(builder -> builder.handoffLease(Duration.ofMillis(300)))) {
            assertThat(ask(stack).status()).isEqualTo(400);
            assertThat(leaving.awaitReleased().failure()).isPresent();
            decoder.engine().awaitCall(1).awaitGone(SOON);
            assertThat(stack.router.drain(SOON)).isTrue();
            assertThat(decoder.engine().calls()).hasSize(2);
        }
    }

    @Test
    void drainingWaitsForReleases() throws Exception {
        CountDownLatch end = new CountDownLatch(1);
        EngineHandler waits = call -> {
            end.await();
            call.answer(200, "application/json", "{}");
        };
        decoder.answerNext(call -> call.answer(400, "application/json", "{}"));
        decoder.answerNext(waits);
        try (Stack stack = stack(builder -> builder)) {
            assertThat(ask(stack).status()).isEqualTo(400);
            decoder.engine().awaitCall(1);
            stack.awaitIdle();
            assertThat(stack.router.drain(Duration.ofMillis(10))).isFalse();
            end.countDown();
            assertThat(stack.router.drain(SOON)).isTrue();
            assertThat(leaving.told(PdEvent.Released.class)).hasSize(1);
        }
    }

    @Test
    void closingTheRouterEndsReleasesAndThatIsTold() throws Exception {
        try (Stack stack = stack(builder -> builder)) {
            decoder.engine().refuse();
            assertThat(ask(stack).status()).isEqualTo(503);
            stack.awaitIdle();
            stack.router.close();
            assertThat(leaving.awaitReleased().failure()).contains("the router was closed");
            assertThat(stack.router.drain(SOON)).isTrue();
        }
    }

    @Test
    void enginesThatHandNothingOverAreSentNoRelease() throws Exception {
        decoder.answerNext(call -> call.answer(400, "application/json", "{}"));
        try (Stack stack = stack(builder -> builder.kvConnector(KvConnector.named("lmcache")))) {
            assertThat(ask(stack).status()).isEqualTo(400);
            assertNothingIsReleased(stack);
            assertThat(leaving.told(PdEvent.StageStarted.class))
                    .extracting(PdEvent.StageStarted::stage)
                    .containsExactly(Stage.PREFILL, Stage.DECODE);
        }
    }
}
