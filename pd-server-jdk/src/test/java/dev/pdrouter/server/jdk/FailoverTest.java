package dev.pdrouter.server.jdk;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pdrouter.OnPrefillFailure;
import dev.pdrouter.PdRouter;
import dev.pdrouter.connector.KvConnector;
import dev.pdrouter.testkit.Engine;
import dev.pdrouter.testkit.EngineCall;
import dev.pdrouter.testkit.EngineHandler;
import dev.pdrouter.testkit.HeaderField;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which candidate is tried after which, in the order that every connector of theirs has. */
class FailoverTest {

    private static final Duration LONG = Duration.ofSeconds(20);
    private static final Duration SOON = Duration.ofSeconds(5);
    private static final String PATH = "/v1/chat/completions";
    private static final String CHAT = "{\"model\":\"m\",\"messages\":[]}";
    private static final String DECODED = "{\"id\":\"d\"}";

    /** A handoff for nixlv2, and an answer like any other for the connectors without one. */
    private static final EngineHandler PREFILLS = Stack.HANDS_OVER;

    private static Stack stack(String connector, EngineHandler prefiller) throws IOException {
        return stack(connector, prefiller, builder -> builder);
    }

    /** The connector {@code sglang} has overlapping legs; its decoder answers when it is not interrupted before. */
    private static Stack stack(String connector, EngineHandler prefiller, UnaryOperator<PdRouter.Builder> settings)
            throws IOException {
        return Stack.of(
                prefiller, Stack.ANSWERS, builder -> settings.apply(builder.kvConnector(KvConnector.named(connector))));
    }

    private static String candidates(Engine... engines) {
        List<String> addresses = new ArrayList<>();
        for (Engine engine : engines) {
            addresses.add(engine.address());
        }
        return RawClient.post(PATH, CHAT, "x-prefiller-host-port: " + String.join(",", addresses));
    }

    private static List<EngineCall> legs(Engine engine) {
        return engine.calls().stream()
                .filter(call -> call.head().target().equals(PATH))
                .toList();
    }

    private static EngineHandler answers(int status) {
        return call -> call.answer(
                status,
                List.of(
                        new HeaderField("Content-Type", "application/x-own"),
                        new HeaderField("Retry-After", "7"),
                        new HeaderField("X-Own", "mine")),
                "{\"status\": %d}".formatted(status).getBytes(StandardCharsets.UTF_8));
    }

    private static EngineHandler fails(String how) {
        return call -> {
            switch (how) {
                case "reset" -> call.reset();
                case "fin" -> call.close();
                case "half a head" -> {
                    call.raw("HTTP/1.1 200 OK\r\nContent-Le");
                    call.close();
                }
                case "half a body" -> {
                    call.raw("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"a\"");
                    call.reset();
                }
                case "half a chunk" -> {
                    call.raw("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{\"a");
                    call.close();
                }
                case "nonsense" -> {
                    call.raw("SSH-2.0-OpenSSH_9.2\r\n\r\n");
                    call.close();
                }
                case "html" -> call.answer(200, "text/html", "<html>");
                case "redirect" -> call.answer(302, "text/html", "");
                default -> answers(Integer.parseInt(how)).handle(call);
            }
        };
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "reset",
                "fin",
                "half a head",
                "half a body",
                "half a chunk",
                "nonsense",
                "html",
                "redirect",
                "502",
                "503",
                "504"
            })
    void whatMayBefallAnyRequestLeadsToTheNextCandidate(String how) throws Exception {
        for (String connector : List.of("nixlv2", "sglang")) {
            try (Engine failing = Engine.start(fails(how));
                    Stack stack = stack(connector, PREFILLS)) {
                RawClient.Answer answer = stack.client().ask(candidates(failing, stack.prefiller));
                assertThat(answer.status()).isEqualTo(200);
                assertThat(answer.text()).isEqualTo(DECODED);
                assertThat(legs(failing)).hasSize(1);
                assertThat(legs(stack.prefiller)).hasSize(1);
                stack.awaitIdle();
                if (connector.equals("nixlv2")) {
                    assertThat(legs(stack.decoder)).hasSize(1);
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"nixlv2", "sglang", "shared-storage", "nixl"})
    void aCandidateThatRefusesConnectionsIsLeft(String connector) throws Exception {
        try (Engine gone = Engine.start(PREFILLS);
                Stack stack = stack(connector, PREFILLS)) {
            gone.refuse();
            assertThat(stack.client().ask(candidates(gone, stack.prefiller)).text())
                    .isEqualTo(DECODED);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {400, 401, 404, 408, 422, 429, 500, 501, 507, 599})
    void anAnswerAboutTheRequestIsTheClientsWholeAndNobodyElseIsAsked(int status) throws Exception {
        for (String connector : List.of("nixlv2", "sglang")) {
            EngineHandler waits = call -> call.awaitGone(LONG);
            try (Engine other = Engine.start(PREFILLS);
                    Stack stack = Stack.of(
                            answers(status), waits, builder -> builder.kvConnector(KvConnector.named(connector))
                                    .prefillMaxRetries(3)
                                    .onPrefillFailure(OnPrefillFailure.DECODE))) {
                RawClient.Answer answer = stack.client().ask(candidates(stack.prefiller, other));
                assertThat(answer.status()).isEqualTo(status);
                assertThat(answer.text()).isEqualTo("{\"status\": %d}".formatted(status));
                assertThat(answer.headers())
                        .containsEntry("content-type", "application/x-own")
                        .containsEntry("retry-after", "7")
                        .containsEntry("x-own", "mine");
                stack.awaitIdle();
                assertThat(other.calls()).isEmpty();
                assertThat(legs(stack.prefiller)).hasSize(1);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"nixlv2", "sglang"})
    void theLastPrefillersOwnAnswerIsTheClientsWhenAllHaveFailed(String connector) throws Exception {
        try (Engine gone = Engine.start(PREFILLS);
                Stack stack = stack(connector, answers(503))) {
            gone.refuse();
            RawClient.Answer answer = stack.client().ask(candidates(gone, stack.prefiller));
            assertThat(answer.status()).isEqualTo(503);
            assertThat(answer.text()).isEqualTo("{\"status\": 503}");
            assertThat(answer.headers()).containsEntry("retry-after", "7").containsEntry("x-own", "mine");
            RawClient.Answer reversed = stack.client().ask(candidates(stack.prefiller, gone));
            assertThat(reversed.status()).isEqualTo(502);
            assertThat(reversed.text()).contains("the prefiller " + gone.address());
        }
    }

    @ParameterizedTest
    @CsvSource({"nixlv2,0,2", "nixlv2,1,3", "nixlv2,4,6", "sglang,3,5"})
    void furtherTriesGoFromTheFirstAgainInOrder(String connector, int retries, int tries) throws Exception {
        List<String> order = new CopyOnWriteArrayList<>();
        try (Engine other = Engine.start(call -> {
                    if (call.head().target().equals(PATH)) {
                        order.add("second");
                    }
                    call.reset();
                });
                Stack stack = stack(
                        connector,
                        call -> {
                            order.add("first");
                            answers(503).handle(call);
                        },
                        builder -> builder.prefillMaxRetries(retries).prefillRetryBackoff(Duration.ofMillis(1)))) {
            stack.client().ask(candidates(stack.prefiller, other));
            List<String> expected = new ArrayList<>();
            for (int i = 0; i < tries; i++) {
                expected.add(i % 2 == 0 ? "first" : "second");
            }
            assertThat(order).isEqualTo(expected);
        }
    }

    @Test
    void aPrefillerThatComesBackInAFurtherTryServes() throws Exception {
        List<EngineCall> calls = new CopyOnWriteArrayList<>();
        EngineHandler third = call -> {
            calls.add(call);
            if (calls.size() < 3) {
                call.reset();
            } else {
                PREFILLS.handle(call);
            }
        };
        try (Stack stack = stack(
                "nixlv2", third, builder -> builder.prefillMaxRetries(5).prefillRetryBackoff(Duration.ofMillis(1)))) {
            assertThat(stack.client().ask(candidates(stack.prefiller)).text()).isEqualTo(DECODED);
            assertThat(stack.prefiller.calls()).hasSize(3);
            assertThat(stack.decoder.calls()).hasSize(1);
        }
    }

    @Test
    void noPauseGoesBeyondTheTimeOfThePrefill() throws Exception {
        try (Stack stack = stack("nixlv2", answers(503), builder -> builder.prefillMaxRetries(Integer.MAX_VALUE)
                .prefillRetryBackoff(Duration.ofMillis(20))
                .prefillTimeout(Duration.ofMillis(300)))) {
            RawClient.Answer answer = stack.client().ask(candidates(stack.prefiller));
            assertThat(answer.status()).isEqualTo(503);
            assertThat(stack.prefiller.calls()).hasSizeGreaterThan(1);
        }
    }

    @Test
    void aClientThatLeavesEndsThePause() throws Exception {
        try (Stack stack = stack("nixlv2", answers(503), builder -> builder.prefillMaxRetries(1)
                .prefillTimeout(Duration.ZERO)
                .prefillRetryBackoff(Duration.ofDays(365)))) {
            RawClient client = stack.client().send(candidates(stack.prefiller));
            stack.prefill(0).awaitAnswered(SOON);
            client.close();
            stack.awaitIdle();
            assertThat(stack.prefiller.calls()).hasSize(1);
        }
    }

    @Test
    void allTriesTogetherHaveOneDeadline() throws Exception {
        EngineHandler silent = call -> call.awaitGone(LONG);
        try (Engine other = Engine.start(PREFILLS);
                Stack stack = stack("nixlv2", silent, builder -> builder.prefillTimeout(Duration.ofMillis(200))
                        .prefillMaxRetries(5))) {
            RawClient.Answer answer = stack.client().ask(candidates(stack.prefiller, other));
            assertThat(answer.status()).isEqualTo(504);
            stack.prefill(0).awaitGone(SOON);
            assertThat(stack.prefiller.calls()).hasSize(1);
            assertThat(other.calls()).isEmpty();
        }
    }

    @Test
    void samplingBeginsAtEachCandidateSometimesAndGoesOnInOrder() throws Exception {
        List<String> order = new CopyOnWriteArrayList<>();
        EngineHandler first = call -> {
            order.add("first");
            PREFILLS.handle(call);
        };
        EngineHandler second = call -> {
            order.add("second");
            PREFILLS.handle(call);
        };
        try (Engine other = Engine.start(second);
                Stack stack = stack("nixlv2", first, builder -> builder.prefillerSampling(true));
                RawClient client = stack.client()) {
            for (int i = 0; i < 64; i++) {
                assertThat(client.ask(candidates(stack.prefiller, other)).status())
                        .isEqualTo(200);
            }
            assertThat(order).hasSize(64).contains("first", "second");
            stack.prefiller.refuse();
            stack.prefiller.dropConnections();
            for (int i = 0; i < 4; i++) {
                assertThat(client.ask(candidates(stack.prefiller, other)).status())
                        .isEqualTo(200);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"refused", "reset", "503", "html", "silent"})
    void whereThatIsAskedTheDecoderComputesThePromptWhenAllHaveFailed(String how) throws Exception {
        EngineHandler handler =
                how.equals("silent") ? call -> call.awaitGone(LONG) : fails(how.replace("refused", "503"));
        try (Stack stack = stack("nixlv2", handler, builder -> builder.onPrefillFailure(OnPrefillFailure.DECODE)
                .prefillTimeout(how.equals("silent") ? Duration.ofMillis(100) : LONG))) {
            if (how.equals("refused")) {
                stack.prefiller.refuse();
            }
            String body = "{ \"messages\":[] , \"seed\":12345678901234567890}";
            RawClient.Answer answer = stack.client().ask(stack.post(PATH, body));
            assertThat(answer.text()).isEqualTo(DECODED);
            assertThat(stack.decode(0).text()).isEqualTo(body);
            assertThat(stack.decoder.calls()).hasSize(1);
        }
    }

    @Test
    void aDecoderThatAnswersNothingAloneIsNotAsked() throws Exception {
        try (Stack stack =
                stack("sglang", answers(503), builder -> builder.onPrefillFailure(OnPrefillFailure.DECODE))) {
            assertThat(stack.client().ask(candidates(stack.prefiller)).text()).isEqualTo("{\"status\": 503}");
            stack.awaitIdle();
            assertThat(legs(stack.decoder))
                    .allSatisfy(call -> assertThat(call.text()).contains("bootstrap_room"));
        }
    }

    @Test
    void aDecoderThatMayDeclineIsToldNotToWhenItIsAskedAlone() throws Exception {
        EngineHandler declines = call -> call.answer(
                200,
                "application/json",
                call.json().path("cache_hit_threshold").asDouble() > 0
                        ? "{\"choices\":[{\"finish_reason\":\"cache_threshold\"}]}"
                        : DECODED);
        try (Stack stack =
                Stack.of(answers(503), declines, builder -> builder.kvConnector(KvConnector.named("shared-storage"))
                        .onPrefillFailure(OnPrefillFailure.DECODE))) {
            RawClient.Answer answer =
                    stack.client().ask(stack.post(PATH, "{\"messages\":[],\"cache_hit_threshold\":0.8}"));
            assertThat(answer.text()).isEqualTo(DECODED);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"refused", "reset", "503"})
    void aRequestThatFailsOnTheDecoderIsNotTriedAgainAndItsHandoffIsSentOnce(String how) throws Exception {
        try (Engine other = Engine.start(PREFILLS);
                Stack stack =
                        Stack.of(PREFILLS, fails(how.replace("refused", "503")), builder -> builder.prefillMaxRetries(3)
                                .onPrefillFailure(OnPrefillFailure.DECODE))) {
            if (how.equals("refused")) {
                stack.decoder.refuse();
            }
            RawClient.Answer answer = stack.client().ask(candidates(stack.prefiller, other));
            assertThat(answer.status()).isEqualTo(how.equals("reset") ? 502 : 503);
            assertThat(stack.prefiller.calls()).hasSize(1);
            assertThat(other.calls()).isEmpty();
            assertThat(stack.decoder.calls()).hasSizeLessThanOrEqualTo(1);
        }
    }

    @Test
    void aPrefillerWithoutTheHandoffThatIsRequiredIsNotFollowedByAnother() throws Exception {
        EngineHandler none = call -> call.answer(200, "application/json", "{}");
        try (Engine other = Engine.start(PREFILLS);
                Stack stack = stack("nixlv2", none, builder -> builder.requireHandoff(true)
                        .onPrefillFailure(OnPrefillFailure.DECODE))) {
            assertThat(stack.client().ask(candidates(stack.prefiller, other)).status())
                    .isEqualTo(502);
            assertThat(other.calls()).isEmpty();
            assertThat(stack.decoder.calls()).isEmpty();
        }
    }

    @Test
    void aPrefillerThatKeepsFailingIsPassedOverUntilItServesAgain() throws Exception {
        try (Engine failing = Engine.start(fails("reset"));
                Stack stack = stack("nixlv2", PREFILLS);
                RawClient client = stack.client()) {
            for (int i = 0; i < 20; i++) {
                assertThat(client.ask(candidates(failing, stack.prefiller)).status())
                        .isEqualTo(200);
            }
            assertThat(failing.calls().size()).isGreaterThanOrEqualTo(5);
            assertThat(stack.prefiller.calls()).hasSize(20);
            int before = failing.calls().size();
            long end = System.nanoTime() + LONG.toNanos();
            while (failing.calls().size() == before && System.nanoTime() < end) {
                client.ask(candidates(failing, stack.prefiller));
            }
            assertThat(failing.calls()).hasSizeGreaterThan(before);
        }
    }

    @Test
    void whenAllArePassedOverTheyAreTriedAllTheSame() throws Exception {
        try (Engine other = Engine.start(fails("reset"));
                Stack stack = stack("nixlv2", answers(503));
                RawClient client = stack.client()) {
            for (int i = 0; i < 5; i++) {
                client.ask(candidates(stack.prefiller, other));
            }
            assertThat(other.calls()).hasSize(5);
            client.ask(candidates(stack.prefiller, other));
            assertThat(stack.prefiller.calls()).hasSize(6);
            assertThat(other.calls()).hasSize(6);
        }
    }

    @Test
    void whoIsPassedOverDoesNotReplaceTheAnswerOfWhoIsNot() throws Exception {
        try (Engine gone = Engine.start(fails("reset"));
                Stack stack = stack("nixlv2", answers(503));
                RawClient client = stack.client()) {
            for (int i = 0; i < 5; i++) {
                client.ask(candidates(gone));
            }
            RawClient.Answer answer = client.ask(candidates(gone, stack.prefiller));
            assertThat(answer.status()).isEqualTo(503);
            assertThat(answer.headers()).containsEntry("retry-after", "7");
        }
    }

    @Test
    void whoIsPassedOverIsAskedBeforeARequestFails() throws Exception {
        AtomicBoolean works = new AtomicBoolean();
        EngineHandler healing = call -> (works.get() ? PREFILLS : answers(503)).handle(call);
        try (Engine first = Engine.start(answers(502));
                Engine healed = Engine.start(healing);
                Stack stack = stack("nixlv2", answers(504));
                RawClient client = stack.client()) {
            for (int i = 0; i < 5; i++) {
                client.ask(candidates(first, healed));
            }
            works.set(true);
            assertThat(client.ask(candidates(first, stack.prefiller, healed)).text())
                    .isEqualTo(DECODED);
            assertThat(first.calls()).hasSize(6);
        }
    }
}
