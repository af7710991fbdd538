package dev.pdrouter.server.jdk;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.pdrouter.TargetPolicy;
import dev.pdrouter.testkit.EngineCall;
import dev.pdrouter.testkit.EngineHandler;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every bad input gets a clear message with the right status, in the engine's error shape. */
class ErrorsTest {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String CHAT = "{\"model\":\"m\",\"messages\":[{\"content\":\"secret prompt\"}]}";

    private static final EngineHandler SILENT = call -> call.awaitGone(Duration.ofSeconds(20));

    private static void check(RawClient.Answer answer, int status, String type) throws Exception {
        assertThat(answer.status()).isEqualTo(status);
        assertThat(answer.headers()).containsEntry("content-type", "application/json");
        JsonNode error = JSON.readTree(answer.body()).path("error");
        assertThat(error.path("type").asText()).isEqualTo(type);
        assertThat(error.path("code").asInt()).isEqualTo(status);
        assertThat(error.path("param").isNull()).isTrue();
        assertThat(error.path("message").asText()).isNotEmpty().doesNotContain("secret");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "no json",
                "{\"a\":\"secret",
                "[1]",
                "\"secret\"",
                "null",
                "{} trailing",
                "{\"a\":NaN}",
                "{'a':1}",
                "{\"a\":1,}",
                "{\"kv_transfer_params\":1,\"kv_transfer_params\":2}"
            })
    void aBodyThatIsNoPlainObjectIsA400AndNeverForwarded(String body) throws Exception {
        try (Stack stack = Stack.of(Stack.HANDS_OVER, Stack.ANSWERS);
                RawClient client = stack.client()) {
            check(client.ask(stack.post("/v1/chat/completions", body)), 400, "BadRequestError");
            check(client.ask(RawClient.post("/v1/chat/completions", body)), 400, "BadRequestError");
            assertThat(stack.prefiller.calls()).isEmpty();
            assertThat(stack.decoder.calls()).isEmpty();
        }
    }

    @Test
    void messagesHasAnthropicsShape() throws Exception {
        try (Stack stack = Stack.of(Stack.HANDS_OVER, Stack.ANSWERS)) {
            RawClient.Answer answer = stack.client().ask(stack.post("/v1/messages", "{"));
            JsonNode json = JSON.readTree(answer.body());
            assertThat(answer.status()).isEqualTo(400);
            assertThat(json.path("type").asText()).isEqualTo("error");
            assertThat(json.path("error").path("type").asText()).isEqualTo("invalid_request_error");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "host:80/path",
                "user@host:80",
                "host:80#f",
                "host:80?q",
                "ho st:80",
                "host:0",
                "host:70000",
                "host",
                ":80",
                "host:",
                "::1:80",
                "[::1]",
                "ftp://host:80",
                "host:+80",
                "host:80,bad"
            })
    void aMalformedCandidateIsA400BeforeAnythingIsSent(String candidate) throws Exception {
        try (Stack stack = Stack.of(Stack.HANDS_OVER, Stack.ANSWERS);
                RawClient client = stack.client()) {
            for (String header : new String[] {"x-prefiller-host-port", "x-prefiller-url"}) {
                RawClient.Answer answer =
                        client.ask(RawClient.post("/v1/completions", CHAT, header + ": " + candidate));
                check(answer, 400, "BadRequestError");
                assertThat(answer.text()).contains(header);
            }
            assertThat(stack.decoder.calls()).isEmpty();
        }
    }

    @Test
    void theNewerHeaderWinsAndAnEmptyOneMeansTheDecoderAlone() throws Exception {
        try (Stack stack = Stack.of(Stack.HANDS_OVER, Stack.ANSWERS);
                RawClient client = stack.client()) {
            client.ask(RawClient.post(
                    "/v1/completions",
                    "{\"prompt\":\"p\"}",
                    "x-prefiller-url: not a url",
                    "x-prefiller-host-port: http://" + stack.prefiller.address()));
            assertThat(stack.prefiller.calls()).hasSize(1);
            client.ask(RawClient.post("/v1/completions", "{\"prompt\":\"p\"}", "x-prefiller-host-port: "));
            assertThat(stack.prefiller.calls()).hasSize(1);
            assertThat(stack.decoder.calls()).hasSize(2);
        }
    }

    @Test
    void aCandidateThatNoPolicyAllowsIsA403() throws Exception {
        try (Stack stack =
                Stack.of(Stack.HANDS_OVER, Stack.ANSWERS, builder -> builder.targets((stage, target) -> false))) {
            check(stack.client().ask(stack.post("/v1/completions", CHAT)), 403, "Forbidden");
        }
    }

    @Test
    void aBodyOverTheLimitIsA413() throws Exception {
        try (Stack stack = Stack.of(Stack.HANDS_OVER, Stack.ANSWERS, builder -> builder.maxRequestBytes(10))) {
            check(stack.client().ask(stack.post("/v1/completions", CHAT)), 413, "RequestTooLarge");
            check(
                    stack.client()
                            .ask("POST /v1/completions HTTP/1.1\r\nHost: r\r\nTransfer-Encoding: chunked\r\n\r\n"
                                    + "15\r\n{\"aaaaaaaaaaaaaaa\":1}\r\n0\r\n\r\n"),
                    413,
                    "RequestTooLarge");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/v1/completions", "/upload"})
    void aClientThatStallsInItsBodyGetsA408(String path) throws Exception {
        try (Stack stack = Stack.of(
                        Stack.HANDS_OVER,
                        Stack.ANSWERS,
                        builder -> builder.requestBodyTimeout(Duration.ofMillis(100)));
                RawClient client = stack.client()) {
            client.send("POST " + path + " HTTP/1.1\r\nHost: r\r\nContent-Length: 100000\r\n\r\n{");
            check(client.answer(), 408, "RequestTimeout");
            assertThat(client.isAtEnd()).isTrue();
            stack.awaitIdle();
        }
    }

    @Test
    void tooManyRequestsAtOnceAreA429() throws Exception {
        try (Stack stack = Stack.of(SILENT, Stack.ANSWERS, builder -> builder.maxInFlight(1));
                RawClient first = stack.client()) {
            first.send(stack.post("/v1/completions", CHAT));
            stack.prefill(0);
            RawClient.Answer second = stack.client().ask(stack.post("/v1/completions", CHAT));
            check(second, 429, "TooManyRequests");
            assertThat(second.headers()).containsKey("retry-after");
            assertThat(stack.client()
                            .ask(RawClient.post("/v1/completions", CHAT))
                            .status())
                    .isEqualTo(200);
        }
    }

    @ParameterizedTest
    @CsvSource({"refused,502", "reset,502", "truncated,502", "nonsense,502", "notjson,502", "redirect,502"})
    void aPrefillerThatFailsIsA502AndTheDecoderIsNotAsked(String how, int status) throws Exception {
        try (Stack stack = Stack.of(call -> fail(call, how), Stack.ANSWERS)) {
            if (how.equals("refused")) {
                stack.prefiller.refuse();
            }
            RawClient.Answer answer = stack.client().ask(stack.post("/v1/completions", CHAT));
            check(answer, status, "BadGateway");
            assertThat(answer.text()).contains("prefiller").contains(stack.prefiller.address());
            assertThat(stack.decoder.calls()).isEmpty();
        }
    }

    @ParameterizedTest
    @CsvSource({"refused,503,ServiceUnavailable", "reset,502,BadGateway", "nonsense,502,BadGateway"})
    void aDecoderThatFailsBeforeItsAnswerIsAnError(String how, int status, String type) throws Exception {
        try (Stack stack = Stack.of(Stack.HANDS_OVER, call -> fail(call, how))) {
            if (how.equals("refused")) {
                stack.decoder.refuse();
            }
            RawClient.Answer answer = stack.client().ask(stack.post("/v1/completions", CHAT));
            check(answer, status, type);
            assertThat(answer.text()).contains("decoder");
        }
    }

    private static void fail(EngineCall call, String how) throws IOException {
        switch (how) {
            case "reset" -> call.reset();
            case "truncated" -> {
                call.raw("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"a\"");
                call.close();
            }
            case "nonsense" -> {
                call.raw("SSH-2.0-OpenSSH_9.2\r\n\r\n");
                call.close();
            }
            case "notjson" -> call.answer(200, "text/html", "<html>");
            case "redirect" -> call.answer(302, "text/html", "");
            default -> throw new IllegalArgumentException(how);
        }
    }

    @Test
    void aPrefillerThatIsTooSlowIsA504AndDropped() throws Exception {
        try (Stack stack = Stack.of(SILENT, Stack.ANSWERS, builder -> builder.prefillTimeout(Duration.ofMillis(100)))) {
            check(stack.client().ask(stack.post("/v1/completions", CHAT)), 504, "GatewayTimeout");
            stack.prefill(0).awaitGone(Duration.ofSeconds(2));
        }
    }

    @Test
    void aDecoderThatIsTooSlowIsA504AndDropped() throws Exception {
        try (Stack stack =
                Stack.of(Stack.HANDS_OVER, SILENT, builder -> builder.decodeTimeout(Duration.ofMillis(100)))) {
            check(stack.client().ask(stack.post("/v1/completions", CHAT)), 504, "GatewayTimeout");
            stack.decode(0).awaitGone(Duration.ofSeconds(2));
        }
    }

    @Test
    void aStreamThatPausesTooLongIsCut() throws Exception {
        EngineHandler pauses = call -> {
            call.beginEvents().send("data: 1\n\n");
            call.awaitGone(Duration.ofSeconds(20));
        };
        try (Stack stack = Stack.of(
                        Stack.HANDS_OVER, pauses, builder -> builder.streamIdleTimeout(Duration.ofMillis(100)));
                RawClient client = stack.client()) {
            client.send(stack.post("/v1/completions", CHAT));
            assertThat(client.head().status()).isEqualTo(200);
            client.chunk();
            assertThat(client.isAtEnd()).isTrue();
            stack.decode(0).awaitGone(Duration.ofSeconds(2));
        }
    }

    @Test
    void aListenerThatThrowsBreaksNothing() throws Exception {
        CountDownLatch told = new CountDownLatch(1);
        try (Stack stack = Stack.of(Stack.HANDS_OVER, Stack.ANSWERS, builder -> builder.targets(TargetPolicy.any())
                .listener(event -> {
                    told.countDown();
                    throw new IllegalStateException("on purpose");
                }))) {
            assertThat(stack.client().ask(stack.post("/v1/completions", CHAT)).status())
                    .isEqualTo(200);
            assertThat(told.getCount()).isZero();
        }
    }
}
