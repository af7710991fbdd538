package dev.pdrouter.server.jdk;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.pdrouter.SocketTransport;
import dev.pdrouter.Stage;
import dev.pdrouter.Transport;
import dev.pdrouter.connector.KvConnector;
import dev.pdrouter.event.PdEvent;
import dev.pdrouter.event.PdEvent.Stranded;
import dev.pdrouter.testkit.EngineCall;
import dev.pdrouter.testkit.EngineHandler;
import dev.pdrouter.testkit.VllmBuilder;
import dev.pdrouter.testkit.VllmDecoder;
import dev.pdrouter.testkit.VllmEngine;
import dev.pdrouter.testkit.VllmPrefiller;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A client that leaves when a prefiller has computed for it, or is about to, leaves no blocks behind. */
class ReleaseTest {

    private static final Duration SOON = Duration.ofSeconds(20);
    private static final String CHAT = "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"tell me\"}],"
            + "\"max_tokens\":50,\"stream\":true,\"seed\":9007199254740993}";

    private final Leaving leaving = new Leaving();

    private static <T extends VllmEngine> VllmBuilder<T> speaking(VllmBuilder<T> builder, String protocol) {
        return protocol.equals("nixl v1") ? builder.firstNixlProtocol() : builder;
    }

    @ParameterizedTest
    @ValueSource(strings = {"nixlv2", "nixl", "nixl v1", "nixl-push"})
    void aClientThatLeavesBetweenTheLegsLeavesNoBlocks(String protocol) throws Exception {
        try (VllmPrefiller prefiller =
                        speaking(VllmPrefiller.builder(), protocol).start();
                VllmDecoder decoder = speaking(VllmDecoder.builder(), protocol).start();
                Stack stack = Stack.of(prefiller.engine(), decoder.engine(), builder -> builder.kvConnector(
                                KvConnector.named(protocol.split(" ")[0]))
                        .listener(leaving))) {
            RawClient client = stack.client();
            leaving.betweenTheLegs(client);
            client.send(stack.post("/v1/chat/completions", CHAT));
            PdEvent.Released released = leaving.awaitReleased();
            assertThat(released.why()).isEqualTo(Stranded.CLIENT_LEFT);
            assertThat(released.failure()).isEmpty();
            assertThat(released.prefiller()).hasToString(prefiller.address());
            assertThat(prefiller.handoffs()).hasSize(1);
            assertThat(prefiller.held()).isZero();
            assertThat(prefiller.violations()).isEmpty();
            assertThat(decoder.violations()).isEmpty();
            assertThat(decoder.engine().calls()).hasSize(1);
            leaving.awaitEnded();
            assertThat(leaving.told(PdEvent.Ended.class))
                    .extracting(PdEvent.Ended::outcome)
                    .containsExactly(PdEvent.Outcome.CLIENT_LEFT);
        }
    }

    @Test
    void theDecoderIsSentThePrefillersBodyWithTheHandoff() throws Exception {
        try (Stack stack = Stack.of(Stack.HANDS_OVER, Stack.ANSWERS, builder -> builder.listener(leaving))) {
            RawClient client = stack.client();
            leaving.betweenTheLegs(client);
            client.send(RawClient.post(
                    "/v1/chat/completions?x=1",
                    CHAT,
                    "X-Request-Id: mine",
                    "Authorization: Bearer k",
                    "x-prefiller-host-port: " + stack.prefiller.address()));
            leaving.awaitReleased();
            EngineCall release = stack.decode(0);
            ObjectNode prefill = (ObjectNode) stack.prefill(0).json();
            JsonNode sent = release.json();
            assertThat(sent.path("kv_transfer_params")).hasToString(Stack.HANDOFF);
            assertThat(((ObjectNode) sent.deepCopy()).remove(List.of("kv_transfer_params")))
                    .isEqualTo(prefill.remove(List.of("kv_transfer_params")));
            assertThat(sent.path("max_tokens").asInt()).isEqualTo(1);
            assertThat(sent.path("stream").asBoolean(true)).isFalse();
            assertThat(release.head().target()).isEqualTo("/v1/chat/completions?x=1");
            assertThat(release.head().headerValues("x-request-id")).containsExactly("mine");
            assertThat(release.header("Authorization")).contains("Bearer k");
            assertThat(release.header("Content-Type")).contains("application/json");
            assertThat(release.header("x-prefiller-host-port")).isEmpty();
        }
    }

    @Test
    void aReleaseHasNoBudgetOfThinkingThatIsAboveItsOneToken() throws Exception {
        try (Stack stack = Stack.of(Stack.HANDS_OVER, Stack.ANSWERS, builder -> builder.listener(leaving))) {
            for (String type : new String[] {"enabled", "disabled"}) {
                RawClient client = stack.client();
                leaving.betweenTheLegs(client);
                client.send(stack.post(
                        "/v1/messages",
                        "{\"model\":\"m\",\"messages\":[],\"max_tokens\":4096,\"thinking\":{\"type\":\"" + type
                                + "\",\"budget_tokens\":1024}}"));
                leaving.awaitReleased();
            }
            assertThat(stack.prefill(0).json().has("thinking")).isTrue();
            assertThat(stack.decode(0).json().has("thinking")).isFalse();
            assertThat(stack.decode(1).json().has("thinking")).isTrue();
        }
    }

    @DisabledIfSystemProperty(
            named = Stack.TRANSPORT,
            matches = "http-client",
            disabledReason = "the JDK's client cannot close one direction of a connection")
    @Test
    void anAnswerThatWasOnItsWayWhenTheClientLeftIsReleased() throws Exception {
        EngineHandler answersWhoLeft = call -> {
            call.awaitGone(SOON);
            Stack.HANDS_OVER.handle(call);
        };
        try (Stack stack = Stack.of(answersWhoLeft, Stack.ANSWERS, builder -> builder.listener(leaving))) {
            RawClient client = stack.client().send(stack.post("/v1/chat/completions", CHAT));
            stack.prefill(0);
            client.close();
            assertThat(leaving.awaitReleased().failure()).isEmpty();
            assertThat(stack.decode(0).json().path("kv_transfer_params")).hasToString(Stack.HANDOFF);
            stack.prefiller.awaitOpenConnections(0, SOON);
            assertThat(leaving.told(PdEvent.Unheard.class)).isEmpty();
        }
    }

    @DisabledIfSystemProperty(
            named = Stack.TRANSPORT,
            matches = "http-client",
            disabledReason = "the JDK's client cannot close one direction of a connection")
    @Test
    void aPrefillerThatClosesWithoutAnAnswerLeavesNothingToReleaseButMayHaveHadOneAndThatIsTold() throws Exception {
        EngineHandler silent = call -> call.awaitGone(SOON);
        try (Stack stack = Stack.of(silent, Stack.ANSWERS, builder -> builder.listener(leaving))) {
            RawClient client = stack.client().send(stack.post("/v1/chat/completions", CHAT));
            EngineCall prefill = stack.prefill(0);
            client.close();
            prefill.awaitGone(SOON);
            assertThat(stack.router.drain(SOON)).isTrue();
            assertThat(stack.decoder.calls()).isEmpty();
            assertThat(leaving.told(PdEvent.Released.class)).isEmpty();
            assertThat(leaving.told(PdEvent.Unheard.class))
                    .extracting(unheard -> unheard.prefiller().toString())
                    .containsExactly(stack.prefiller.address());
        }
    }

    @Test
    void aPrefillerThatWasNotSentTheWholeRequestHasComputedNothing() throws Exception {
        CountDownLatch connecting = new CountDownLatch(1);
        Transport slow = request -> {
            connecting.countDown();
            new CountDownLatch(1).await();
            throw new AssertionError();
        };
        try (Stack stack = Stack.of(Stack.HANDS_OVER, Stack.ANSWERS, builder -> builder.transport(Stage.PREFILL, slow)
                .listener(leaving))) {
            RawClient client = stack.client().send(stack.post("/v1/chat/completions", CHAT));
            connecting.await();
            client.close();
            leaving.awaitEnded();
            assertThat(leaving.told(PdEvent.Unheard.class)).isEmpty();
        }
    }

    @Test
    void aTransportThatCannotHearThePrefillerOutDropsItAndThatIsTold() throws Exception {
        EngineHandler silent = call -> call.awaitGone(SOON);
        try (SocketTransport sockets = SocketTransport.builder().build()) {
            Transport deaf = request -> sockets.send(request.heardOutFor(Duration.ZERO));
            try (Stack stack = Stack.of(silent, Stack.ANSWERS, builder -> builder.transport(Stage.PREFILL, deaf)
                    .listener(leaving))) {
                RawClient client = stack.client().send(stack.post("/v1/chat/completions", CHAT));
                EngineCall prefill = stack.prefill(0);
                client.close();
                prefill.awaitGone(SOON);
                assertThat(stack.router.drain(SOON)).isTrue();
                assertThat(leaving.told(PdEvent.Unheard.class)).hasSize(1);
            }
        }
    }

    @Test
    void aClientThatLeavesBeforeTheDecoderHasTheWholeRequestLeavesNoBlocks() throws Exception {
        CountDownLatch connecting = new CountDownLatch(1);
        AtomicInteger calls = new AtomicInteger();
        try (SocketTransport sockets = SocketTransport.builder().build()) {
            Transport slow = request -> {
                if (calls.getAndIncrement() == 0) {
                    connecting.countDown();
                    new CountDownLatch(1).await();
                }
                return sockets.send(request);
            };
            try (Stack stack =
                    Stack.of(Stack.HANDS_OVER, Stack.ANSWERS, builder -> builder.transport(Stage.DECODE, slow)
                            .listener(leaving))) {
                RawClient client = stack.client().send(stack.post("/v1/chat/completions", CHAT));
                connecting.await();
                client.close();
                assertThat(leaving.awaitReleased().why()).isEqualTo(Stranded.CLIENT_LEFT);
                assertThat(stack.decode(0).json().path("max_tokens").asInt()).isEqualTo(1);
                assertThat(stack.decoder.calls()).hasSize(1);
            }
        }
    }

    @Test
    void aDecoderThatHasTheRequestIsDroppedAndSentNothingMore() throws Exception {
        EngineHandler silent = call -> call.awaitGone(SOON);
        try (Stack stack = Stack.of(Stack.HANDS_OVER, silent, builder -> builder.listener(leaving))) {
            RawClient client = stack.client().send(stack.post("/v1/chat/completions", CHAT));
            EngineCall decode = stack.decode(0);
            client.close();
            decode.awaitGone(SOON);
            assertThat(stack.router.drain(SOON)).isTrue();
            assertThat(stack.decoder.calls()).hasSize(1);
            assertThat(leaving.told(PdEvent.Released.class)).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"lmcache", "shared-storage"})
    void enginesThatHandNothingOverAreSentNoRelease(String connector) throws Exception {
        try (Stack stack =
                Stack.of(Stack.HANDS_OVER, Stack.ANSWERS, builder -> builder.kvConnector(KvConnector.named(connector))
                        .listener(leaving))) {
            RawClient client = stack.client();
            leaving.betweenTheLegs(client);
            client.send(stack.post("/v1/chat/completions", CHAT));
            stack.prefill(0);
            stack.awaitIdle();
            assertThat(stack.router.drain(SOON)).isTrue();
            assertThat(stack.decoder.calls()).isEmpty();
            assertThat(leaving.told(PdEvent.Released.class)).isEmpty();
        }
    }
}
