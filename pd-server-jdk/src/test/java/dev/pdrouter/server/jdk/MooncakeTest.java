package dev.pdrouter.server.jdk;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pdrouter.SocketTransport;
import dev.pdrouter.Stage;
import dev.pdrouter.connector.KvConnector;
import dev.pdrouter.testkit.Engine;
import dev.pdrouter.testkit.EngineHandler;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Mooncake between sockets: the engines' ids, and prefillers that end too early. */
class MooncakeTest {

    private static final Duration SOON = Duration.ofSeconds(3);
    private static final Duration LONG = Duration.ofSeconds(20);
    private static final String CHAT = "{\"model\":\"m\",\"messages\":[]}";
    private static final String PATH = "/v1/chat/completions";
    private static final EngineHandler PREFILLS =
            call -> call.answer(200, "application/json", "{\"choices\":[{\"finish_reason\":\"length\"}]}");

    private final Leaving leaving = new Leaving();

    private static EngineHandler tells(AtomicReference<String> id) {
        return call ->
                call.answer(200, "application/json", "{\"0\":{\"engine_id\":\"" + id.get() + "\",\"worker_addr\":{}}}");
    }

    private Stack stack(EngineHandler prefiller, EngineHandler decoder, Engine bootstrap) throws Exception {
        return stack(prefiller, decoder, bootstrap, false);
    }

    private Stack stack(EngineHandler prefiller, EngineHandler decoder, Engine bootstrap, boolean prefillerFirst)
            throws Exception {
        return Stack.of(prefiller, decoder, builder -> builder.kvConnector(mooncake(bootstrap, prefillerFirst))
                .listener(leaving));
    }

    private static KvConnector mooncake(Engine bootstrap, boolean prefillerFirst) {
        return KvConnector.named("mooncake")
                .configured(Map.of(
                        "mooncake-bootstrap-port", String.valueOf(bootstrap.port()),
                        "mooncake-prefill-first", String.valueOf(prefillerFirst)));
    }

    private static String engineId(Stack stack, int call) throws Exception {
        return stack.decode(call)
                .json()
                .at("/kv_transfer_params/remote_engine_id")
                .asText();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void engineIdsAreKeptUntilARequestToThePrefillerFails(boolean prefillerFirst) throws Exception {
        AtomicReference<String> id = new AtomicReference<>("first");
        AtomicReference<EngineHandler> prefills = new AtomicReference<>(PREFILLS);
        try (Engine bootstrap = Engine.start(tells(id));
                Stack stack = stack(call -> prefills.get().handle(call), Stack.ANSWERS, bootstrap, prefillerFirst)) {
            assertThat(stack.client().ask(stack.post(PATH, CHAT)).status()).isEqualTo(200);
            id.set("second");
            assertThat(stack.client().ask(stack.post(PATH, CHAT)).status()).isEqualTo(200);
            assertThat(engineId(stack, 0)).isEqualTo("first");
            assertThat(engineId(stack, 1)).isEqualTo("first");
            assertThat(bootstrap.calls()).hasSize(1);
            assertThat(bootstrap.awaitCall(0).head().target()).isEqualTo("/query");
            prefills.set(call -> call.answer(500, "application/json", "{}"));
            assertThat(stack.client().ask(stack.post(PATH, CHAT)).status()).isEqualTo(500);
            prefills.set(PREFILLS);
            assertThat(stack.client().ask(stack.post(PATH, CHAT)).status()).isEqualTo(200);
            int last = stack.decoder.calls().size() - 1;
            assertThat(engineId(stack, last)).isEqualTo("second");
            assertThat(stack.prefill(0).header("X-data-parallel-rank")).contains("0");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "false, 500", "false, 400", "false, reset", "false, reset in the stream",
        "true, 500", "true, 400", "true, reset", "true, reset in the stream"
    })
    void anEngineIdIsAskedForAgainAfterTheDecoderFailed(boolean prefillerFirst, String how) throws Exception {
        AtomicReference<String> id = new AtomicReference<>("first");
        CountDownLatch prefilled = new CountDownLatch(1);
        CountDownLatch seen = new CountDownLatch(1);
        AtomicReference<EngineHandler> decodes = new AtomicReference<>(call -> {
            prefilled.await();
            if (how.equals("reset in the stream")) {
                call.beginEvents().send("data: {}\n\n");
                seen.await();
            }
            if (how.startsWith("reset")) {
                call.reset();
            } else {
                call.answer(Integer.parseInt(how), "application/json", "{}");
            }
        });
        EngineHandler prefills = call -> {
            PREFILLS.handle(call);
            prefilled.countDown();
        };
        try (Engine bootstrap = Engine.start(tells(id));
                Stack stack = stack(prefills, call -> decodes.get().handle(call), bootstrap, prefillerFirst)) {
            RawClient client = stack.client().send(stack.post(PATH, CHAT));
            int status = client.head().status();
            assertThat(status)
                    .isEqualTo(how.endsWith("stream") ? 200 : how.equals("reset") ? 502 : Integer.parseInt(how));
            seen.countDown();
            stack.awaitIdle();
            if (prefillerFirst && how.equals("400")) {
                leaving.awaitReleased();
            }
            id.set("second");
            decodes.set(Stack.ANSWERS);
            assertThat(stack.client().ask(stack.post(PATH, CHAT)).status()).isEqualTo(200);
            int last = stack.decoder.calls().size() - 1;
            assertThat(engineId(stack, last)).isEqualTo("second");
            assertThat(bootstrap.calls()).hasSize(2);
        }
    }

    @Test
    void aDeadPrefillerIsAnErrorAtOnceAndTheDecoderIsNotAsked() throws Exception {
        AtomicReference<String> id = new AtomicReference<>("first");
        try (Engine bootstrap = Engine.start(tells(id));
                Stack stack = stack(PREFILLS, Stack.ANSWERS, bootstrap)) {
            bootstrap.refuse();
            RawClient.Answer answer = stack.client().ask(stack.post(PATH, CHAT));
            assertThat(answer.status()).isEqualTo(502);
            assertThat(answer.text()).contains("the prefiller " + bootstrap.address());
            assertThat(stack.decoder.calls()).isEmpty();
            stack.awaitIdle();
        }
    }

    @Test
    void theBootstrapServerIsAskedInPlainAlsoWhenPrefillersAreReachedOverTls() throws Exception {
        Identity identity = SelfSigned.create(Set.of("elsewhere"));
        AtomicReference<String> id = new AtomicReference<>("first");
        try (Engine bootstrap = Engine.start(tells(id));
                SocketTransport tls = SocketTransport.builder()
                        .tls(EngineTls.OF_THE_SYSTEM.unchecked())
                        .build();
                Stack stack = Stack.of(
                        Engine.builder(PREFILLS)
                                .tls(ServerTls.context(() -> identity))
                                .start(),
                        Engine.start(Stack.ANSWERS),
                        builder -> builder.transport(Stage.PREFILL, tls).kvConnector(mooncake(bootstrap, false)))) {
            assertThat(stack.client().ask(stack.post(PATH, CHAT)).status()).isEqualTo(200);
            assertThat(engineId(stack, 0)).isEqualTo("first");
        }
    }

    @Test
    void lookUpsGoThroughATransportOfTheirOwnWhenThereIsOne() throws Exception {
        List<String> asked = new CopyOnWriteArrayList<>();
        AtomicReference<String> id = new AtomicReference<>("first");
        try (Engine bootstrap = Engine.start(tells(id));
                SocketTransport sockets = SocketTransport.builder().build();
                Stack stack = Stack.of(PREFILLS, Stack.ANSWERS, builder -> builder.lookups(request -> {
                            asked.add(request.engine() + request.target());
                            return sockets.send(request);
                        })
                        .kvConnector(mooncake(bootstrap, false)))) {
            assertThat(stack.client().ask(stack.post(PATH, CHAT)).status()).isEqualTo(200);
            assertThat(asked).containsExactly(bootstrap.address() + "/query");
        }
    }

    @Test
    void aPrefillerThatHasNotRegisteredIsAClearError() throws Exception {
        EngineHandler knowsNobody = call -> call.answer(200, "application/json", "{}");
        try (Engine bootstrap = Engine.start(knowsNobody);
                Stack stack = stack(PREFILLS, Stack.ANSWERS, bootstrap)) {
            RawClient.Answer answer = stack.client().ask(stack.post(PATH, CHAT));
            assertThat(answer.status()).isEqualTo(502);
            assertThat(answer.text()).contains(stack.prefiller.address()).contains("knows no engine yet");
            assertThat(stack.decoder.calls()).isEmpty();
        }
    }

    @Test
    void aPrefillerThatStopsEarlyEndsTheDecoderAndNobodyElseIsAsked() throws Exception {
        EngineHandler stops =
                call -> call.answer(200, "application/json", "{\"choices\":[{\"finish_reason\":\"stop\"}]}");
        EngineHandler waits = call -> call.awaitGone(LONG);
        AtomicReference<String> id = new AtomicReference<>("first");
        try (Engine bootstrap = Engine.start(tells(id));
                Stack stack = stack(stops, waits, bootstrap)) {
            String twice = "x-prefiller-host-port: " + stack.prefiller.address() + "," + stack.prefiller.address();
            RawClient.Answer answer = stack.client().ask(RawClient.post(PATH, CHAT, twice));
            assertThat(answer.status()).isEqualTo(502);
            assertThat(answer.text()).contains("the prefiller " + stack.prefiller.address());
            assertThat(stack.prefiller.calls()).hasSize(1);
            stack.awaitIdle();
            stack.decoder.awaitOpenConnections(0, SOON);
        }
    }
}
