package dev.pdrouter.server.jdk;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pdrouter.OnPrefillFailure;
import dev.pdrouter.PdRouter;
import dev.pdrouter.testkit.Engine;
import dev.pdrouter.testkit.EngineHandler;
import java.io.IOException;
import java.text.MessageFormat;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.UnaryOperator;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Each failure of an engine is one line at {@code warn}, and nothing else is. */
class FailureLogTest {

    private static final String PATH = "/v1/chat/completions";
    private static final String CHAT = "{\"messages\":[{\"content\":\"secret\"}]}";

    private final Logger router = Logger.getLogger("dev.pdrouter");
    private final Queue<String> warnings = new ConcurrentLinkedQueue<>();
    private final Handler recorder = new Handler() {
        @Override
        public void publish(LogRecord record) {
            if (record.getLevel().intValue() >= Level.WARNING.intValue()) {
                warnings.add(
                        record.getParameters() == null
                                ? record.getMessage()
                                : MessageFormat.format(record.getMessage(), record.getParameters()));
            }
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    };

    @BeforeEach
    void record() {
        router.setLevel(Level.ALL);
        router.addHandler(recorder);
    }

    @AfterEach
    void stop() {
        router.removeHandler(recorder);
        router.setLevel(null);
    }

    private static Stack stack(EngineHandler prefiller, EngineHandler decoder) throws IOException {
        return stack(prefiller, decoder, builder -> builder);
    }

    private static Stack stack(EngineHandler prefiller, EngineHandler decoder, UnaryOperator<PdRouter.Builder> settings)
            throws IOException {
        return Stack.of(prefiller, decoder, settings);
    }

    private static String request(String body, String candidates) {
        return RawClient.post(PATH, body, "x-request-id: mine", "x-prefiller-host-port: " + candidates);
    }

    private static EngineHandler answers(int status) {
        return call -> call.answer(status, "application/json", "{\"message\":\"secret\"}");
    }

    @Test
    void everyTryThatFailsIsALineWithRequestStageEngineAndCause() throws Exception {
        try (Engine gone = Engine.start(Stack.ANSWERS);
                Engine broken = Engine.start(call -> call.reset());
                Stack stack = stack(answers(503), Stack.ANSWERS)) {
            gone.refuse();
            String candidates = gone.address() + "," + broken.address() + "," + stack.prefiller.address();
            stack.client().ask(request(CHAT, candidates));
            stack.awaitIdle();
            assertThat(List.copyOf(warnings))
                    .hasSize(3)
                    .allSatisfy(line -> assertThat(line).startsWith("request mine: the prefiller "))
                    .satisfiesExactly(
                            line -> assertThat(line)
                                    .matches(".*" + gone.address() + " .*\\(\\w+Exception.*\\); trying "
                                            + broken.address()),
                            line -> assertThat(line)
                                    .matches(".*" + broken.address() + " .*\\(\\w+Exception.*\\); trying "
                                            + stack.prefiller.address()),
                            line -> assertThat(line).contains(stack.prefiller.address(), "answered 503"))
                    .noneMatch(line -> line.contains("secret"));
        }
    }

    @Test
    void aLocalPrefillIsNamed() throws Exception {
        try (Stack stack =
                stack(answers(503), Stack.ANSWERS, builder -> builder.onPrefillFailure(OnPrefillFailure.DECODE))) {
            stack.client().ask(request(CHAT, stack.prefiller.address()));
            stack.awaitIdle();
            assertThat(warnings).singleElement().asString().contains("the decoder computes the prompt itself");
        }
    }

    @Test
    void aDecoderThatFailsIsOneLine() throws Exception {
        EngineHandler breaks = call -> {
            if (call.header("case").isPresent()) {
                call.beginEvents().send("data: secret\n\n");
            }
            call.reset();
        };
        try (Stack stack = stack(Stack.HANDS_OVER, breaks)) {
            stack.client().ask(request(CHAT, stack.prefiller.address()));
            stack.client().send(RawClient.post(PATH, CHAT, "case: stream")).head();
            stack.awaitIdle();
            stack.decoder.refuse();
            stack.client().ask(request(CHAT, ""));
            stack.awaitIdle();
            assertThat(warnings).hasSize(3).allSatisfy(line -> assertThat(line)
                    .startsWith("request ")
                    .contains(": the decoder " + stack.decoder.address())
                    .doesNotContain("secret"));
        }
    }

    @Test
    void anEnginesErrorOfStatus500IsALine() throws Exception {
        try (Stack stack = stack(Stack.HANDS_OVER, answers(500))) {
            stack.client().ask(request(CHAT, stack.prefiller.address()));
            stack.awaitIdle();
            assertThat(warnings).singleElement().asString().contains("the decoder", "answered 500");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {400, 401, 404, 422, 429})
    void anEnginesRefusalOfARequestIsTheClientsDoing(int status) throws Exception {
        try (Stack stack = stack(answers(status), Stack.ANSWERS)) {
            stack.client().ask(request(CHAT, stack.prefiller.address()));
            stack.awaitIdle();
        }
        try (Stack stack = stack(Stack.HANDS_OVER, answers(status))) {
            stack.client().ask(request(CHAT, stack.prefiller.address()));
            stack.awaitIdle();
        }
        // Its handoff may be stranded, which is another matter.
        assertThat(warnings).allMatch(line -> line.contains("was not released"));
    }

    @Test
    void whatTheClientDoesIsNoWarning() throws Exception {
        EngineHandler waits = call -> call.awaitGone(Duration.ofSeconds(20));
        try (Stack stack = stack(waits, Stack.ANSWERS, builder -> builder.maxRequestBytes(1000)
                .requestBodyTimeout(Duration.ofMillis(100))
                .targets((stage, target) -> !target.host().equals("forbidden")))) {
            stack.client().ask(request("{\"secret", stack.prefiller.address()));
            stack.client().ask(request(CHAT, "no address"));
            stack.client().ask(request(CHAT, "forbidden:1"));
            stack.client().ask(request("{\"a\":\"" + "x".repeat(1000) + "\"}", stack.prefiller.address()));
            RawClient slow =
                    stack.client().send("POST " + PATH + " HTTP/1.1\r\nHost: r\r\nContent-Length: 50\r\n\r\n{");
            assertThat(slow.head().status()).isEqualTo(408);
            RawClient leaves = stack.client().send(request(CHAT, stack.prefiller.address()));
            stack.prefill(0);
            leaves.close();
            stack.awaitIdle();
            stack.client().ask(request("{\"messages\":[],\"n\":2}", stack.prefiller.address()));
            stack.client().ask(request(CHAT, ""));
            stack.awaitIdle();
        }
        assertThat(warnings).isEmpty();
    }
}
