package dev.pdrouter.server.jdk;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pdrouter.OnPrefillFailure;
import dev.pdrouter.PdException.EngineFailed.Kind;
import dev.pdrouter.PdRouter;
import dev.pdrouter.Stage;
import dev.pdrouter.connector.KvConnector;
import dev.pdrouter.event.PdEvent;
import dev.pdrouter.event.PdEvent.Outcome;
import dev.pdrouter.event.PdListener;
import dev.pdrouter.testkit.Engine;
import dev.pdrouter.testkit.EngineHandler;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import javax.net.ssl.SSLSocketFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a listener is told of each request: every step in order, and how it ended, once. */
class EventsTest {

    private static final Duration LONG = Duration.ofSeconds(20);
    private static final String PATH = "/v1/chat/completions";
    private static final String CHAT = "{\"model\":\"m\",\"messages\":[],\"stream\":true}";

    /** Collects events, and fails in every way that a listener can. */
    private static final class Recorder implements PdListener {
        private final BlockingQueue<PdEvent> events = new LinkedBlockingQueue<>();

        @Override
        public void on(PdEvent event) {
            if (event instanceof PdEvent.Released) {
                return; // may come after the end
            }
            events.add(event);
            switch (events.size() % 4) {
                case 0 -> throw new IllegalStateException("on purpose");
                case 1 -> throw new AssertionError("on purpose");
                case 2 -> throw new NoClassDefFoundError("on purpose");
                default -> {}
            }
        }

        /** The events of one request, up to its end. */
        List<PdEvent> awaitEnd() throws InterruptedException {
            List<PdEvent> told = new ArrayList<>();
            do {
                PdEvent next = events.poll(LONG.toSeconds(), TimeUnit.SECONDS);
                assertThat(next).as("after %s", told).isNotNull();
                told.add(next);
            } while (!(told.getLast() instanceof PdEvent.Ended));
            assertThat(told.stream().map(PdEvent::requestId).distinct()).hasSize(1);
            return told;
        }

        PdEvent.Ended awaitEnded() throws InterruptedException {
            return (PdEvent.Ended) awaitEnd().getLast();
        }

        void assertNothingElse() {
            assertThat(events).isEmpty();
        }
    }

    private final Recorder recorder = new Recorder();

    private Stack stack(EngineHandler prefiller, EngineHandler decoder) throws IOException {
        return stack(prefiller, decoder, builder -> builder);
    }

    private Stack stack(EngineHandler prefiller, EngineHandler decoder, UnaryOperator<PdRouter.Builder> settings)
            throws IOException {
        return Stack.of(prefiller, decoder, builder -> settings.apply(builder.listener(recorder)));
    }

    private static List<String> names(List<PdEvent> events) {
        return events.stream().map(EventsTest::name).toList();
    }

    private static String name(PdEvent event) {
        String name = event.getClass().getSimpleName();
        return switch (event) {
            case PdEvent.StageStarted started -> name + " " + started.stage();
            case PdEvent.StageEnded ended ->
                name + " " + ended.stage()
                        + (ended.status().isPresent() ? " " + ended.status().getAsInt() : " failed");
            case PdEvent.DecodeAlone alone -> name + " " + alone.reason();
            case PdEvent.Ended ended -> name + " " + ended.outcome();
            default -> name;
        };
    }

    private static void assertEnded(PdEvent.Ended ended, Outcome outcome, int status) {
        assertThat(ended.outcome()).isEqualTo(outcome);
        assertThat(ended.status()).isEqualTo(status == 0 ? OptionalInt.empty() : OptionalInt.of(status));
        assertThat(ended.took()).isPositive();
    }

    private static void assertFailure(PdEvent.Ended ended, Stage stage, Engine engine, Kind kind) {
        PdEvent.Failure failure = ended.failure().orElseThrow();
        assertThat(failure.stage()).isEqualTo(stage);
        assertThat(failure.engine()).hasToString(engine.address());
        assertThat(failure.kind()).isEqualTo(kind);
    }

    @Test
    void aClientThatLeavesAsSoonAsItHasAllWasAnsweredOverTlsToo() throws Exception {
        Identity identity = SelfSigned.create(Set.of("localhost"));
        SSLSocketFactory clients = EngineTls.OF_THE_SYSTEM.unchecked().getSocketFactory();
        InetSocketAddress anyPort = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        try (Stack stack = stack(Stack.HANDS_OVER, Stack.ANSWERS);
                JdkServer server = JdkServer.start(stack.router, anyPort, ServerTls.context(() -> identity))) {
            for (int i = 0; i < 50; i++) {
                try (RawClient client =
                        RawClient.over(clients.createSocket(InetAddress.getLoopbackAddress(), server.port()))) {
                    client.ask(stack.post(PATH, "{\"messages\":[]}"));
                }
                assertEnded(recorder.awaitEnded(), Outcome.ANSWERED, 200);
            }
        }
    }

    @Test
    void aClientThatLeavesAsSoonAsItHasAnErrorWasRefused() throws Exception {
        try (Stack stack = stack(Stack.HANDS_OVER, call -> call.reset())) {
            for (int i = 0; i < 50; i++) {
                try (RawClient client = stack.client()) {
                    client.ask(stack.post(PATH, "{\"messages\":[]}"));
                }
                PdEvent.Ended ended = recorder.awaitEnded();
                assertEnded(ended, Outcome.REFUSED, 502);
                assertThat(ended.failure()).isPresent();
            }
        }
    }

    @Test
    void aClientThatLeavesAsSoonAsItHasAllWasAnswered() throws Exception {
        try (Stack stack = stack(Stack.HANDS_OVER, Stack.ANSWERS)) {
            for (int i = 0; i < 100; i++) {
                try (RawClient client = stack.client()) {
                    client.ask(stack.post(PATH, "{\"messages\":[]}"));
                }
                assertEnded(recorder.awaitEnded(), Outcome.ANSWERED, 200);
            }
        }
    }

    @Test
    void aRequestThatGoesWell() throws Exception {
        try (Stack stack = stack(Stack.HANDS_OVER, Stack.ANSWERS)) {
            stack.client().ask(stack.post(PATH, CHAT));
            List<PdEvent> told = recorder.awaitEnd();
            assertThat(names(told))
                    .containsExactly(
                            "Received",
                            "StageStarted prefill",
                            "StageEnded prefill 200",
                            "StageStarted decode",
                            "FirstByte",
                            "StageEnded decode 200",
                            "Ended ANSWERED");
            assertThat(((PdEvent.Ended) told.getLast()).failure()).isEmpty();
            stack.awaitIdle();
            recorder.assertNothingElse();
        }
    }

    @Test
    void candidatesThatAreLeftAndTheDecoderAlone() throws Exception {
        try (Engine gone = Engine.start(Stack.ANSWERS);
                Stack stack = stack(
                        call -> call.answer(503, "application/json", "{}"),
                        Stack.ANSWERS,
                        builder -> builder.onPrefillFailure(OnPrefillFailure.DECODE))) {
            gone.refuse();
            stack.client()
                    .ask(RawClient.post(
                            PATH, CHAT, "x-prefiller-host-port: " + gone.address() + "," + stack.prefiller.address()));
            List<PdEvent> told = recorder.awaitEnd();
            assertThat(names(told))
                    .containsExactly(
                            "Received",
                            "StageStarted prefill",
                            "StageEnded prefill failed",
                            "FailedOver",
                            "StageStarted prefill",
                            "StageEnded prefill 503",
                            "FailedOver",
                            "DecodeAlone prefill failed",
                            "StageStarted decode",
                            "FirstByte",
                            "StageEnded decode 200",
                            "Ended ANSWERED");
            assertThat(((PdEvent.FailedOver) told.get(3)).from()).hasToString(gone.address());
            assertThat(((PdEvent.FailedOver) told.get(6)).reason()).contains("answered 503");
            assertThat(((PdEvent.Ended) told.getLast()).failure()).isEmpty();
        }
    }

    @Test
    void aPrefillerThatIsPassedOver() throws Exception {
        try (Engine failing = Engine.start(call -> call.reset());
                Stack stack = stack(Stack.HANDS_OVER, Stack.ANSWERS)) {
            String both = "x-prefiller-host-port: " + failing.address() + "," + stack.prefiller.address();
            for (int i = 0; i < 5; i++) {
                stack.client().ask(RawClient.post(PATH, CHAT, both));
                recorder.awaitEnd();
            }
            stack.client().ask(RawClient.post(PATH, CHAT, both));
            assertThat(names(recorder.awaitEnd())).startsWith("Received", "PassedOver", "StageStarted prefill");
        }
    }

    @Test
    void legsThatOverlap() throws Exception {
        try (Stack stack =
                stack(Stack.ANSWERS, Stack.ANSWERS, builder -> builder.kvConnector(KvConnector.named("sglang")))) {
            stack.client().ask(stack.post(PATH, CHAT));
            assertThat(names(recorder.awaitEnd()))
                    .startsWith("Received", "StageStarted prefill", "StageStarted decode")
                    .contains("StageEnded prefill 200", "StageEnded decode 200", "FirstByte")
                    .endsWith("Ended ANSWERED")
                    .hasSize(7);
        }
    }

    @ParameterizedTest
    @CsvSource({"400,false", "404,false", "429,false", "500,true", "503,true"})
    void anEnginesOwnErrorIsAFailureFromStatus500On(int status, boolean failure) throws Exception {
        EngineHandler fails = call -> call.answer(status, "application/json", "{}");
        try (Stack stack = stack(fails, Stack.ANSWERS)) {
            stack.client().ask(stack.post(PATH, CHAT));
            PdEvent.Ended prefill = recorder.awaitEnded();
            assertEnded(prefill, Outcome.ANSWERED, status);
            assertThat(prefill.failure().isPresent()).isEqualTo(failure);
            if (failure) {
                assertFailure(prefill, Stage.PREFILL, stack.prefiller, Kind.ANSWERED);
            }
        }
        try (Stack stack = stack(Stack.HANDS_OVER, fails)) {
            stack.client().ask(stack.post(PATH, CHAT));
            PdEvent.Ended decode = recorder.awaitEnded();
            assertEnded(decode, Outcome.ANSWERED, status);
            assertThat(decode.failure().isPresent()).isEqualTo(failure);
            if (failure) {
                assertFailure(decode, Stage.DECODE, stack.decoder, Kind.ANSWERED);
            }
        }
    }

    @Test
    void anEngineThatFailsIsNamedWithItsStageAndHow() throws Exception {
        try (Stack stack = stack(call -> call.reset(), Stack.ANSWERS)) {
            stack.client().ask(stack.post(PATH, CHAT));
            PdEvent.Ended broken = recorder.awaitEnded();
            assertEnded(broken, Outcome.REFUSED, 502);
            assertFailure(broken, Stage.PREFILL, stack.prefiller, Kind.BROKEN);
            stack.prefiller.refuse();
            stack.client().ask(stack.post(PATH, CHAT));
            PdEvent.Ended refused = recorder.awaitEnded();
            assertEnded(refused, Outcome.REFUSED, 502);
            assertFailure(refused, Stage.PREFILL, stack.prefiller, Kind.UNREACHABLE);
        }
        try (Stack stack = stack(Stack.HANDS_OVER, Stack.ANSWERS)) {
            stack.decoder.refuse();
            stack.client().ask(stack.post(PATH, CHAT));
            PdEvent.Ended refused = recorder.awaitEnded();
            assertEnded(refused, Outcome.REFUSED, 503);
            assertFailure(refused, Stage.DECODE, stack.decoder, Kind.UNREACHABLE);
        }
        try (Stack stack = stack(
                call -> call.awaitGone(LONG),
                Stack.ANSWERS,
                builder -> builder.prefillTimeout(Duration.ofMillis(100)))) {
            stack.client().ask(stack.post(PATH, CHAT));
            PdEvent.Ended late = recorder.awaitEnded();
            assertEnded(late, Outcome.REFUSED, 504);
            assertFailure(late, Stage.PREFILL, stack.prefiller, Kind.TOO_LATE);
        }
    }

    @Test
    void anAnswerThatIsCut() throws Exception {
        EngineHandler breaks = call -> {
            call.beginEvents().send("data: 1\n\n");
            call.reset();
        };
        try (Stack stack = stack(Stack.HANDS_OVER, breaks);
                RawClient client = stack.client().send(stack.post(PATH, CHAT))) {
            client.head();
            PdEvent.Ended ended = recorder.awaitEnded();
            assertEnded(ended, Outcome.CUT, 200);
            assertFailure(ended, Stage.DECODE, stack.decoder, Kind.BROKEN);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"nixlv2", "sglang"})
    void aClientThatLeaves(String connector) throws Exception {
        EngineHandler waits = call -> call.awaitGone(LONG);
        try (Stack stack = stack(waits, waits, builder -> builder.kvConnector(KvConnector.named(connector)))) {
            RawClient client = stack.client().send(stack.post(PATH, CHAT));
            stack.prefill(0);
            client.close();
            List<PdEvent> told = recorder.awaitEnd();
            assertThat(names(told)).contains("StageEnded prefill failed");
            PdEvent.Ended ended = (PdEvent.Ended) told.getLast();
            assertEnded(ended, Outcome.CLIENT_LEFT, 0);
            assertThat(ended.failure()).isEmpty();
            stack.awaitIdle();
            recorder.assertNothingElse();
        }
    }

    @Test
    void aRequestThatIsRefused() throws Exception {
        try (Stack stack = stack(Stack.HANDS_OVER, Stack.ANSWERS, builder -> builder.maxRequestBytes(100)
                .requestBodyTimeout(Duration.ofMillis(100)))) {
            stack.client().ask(stack.post(PATH, "{"));
            List<PdEvent> told = recorder.awaitEnd();
            assertThat(names(told)).containsExactly("Received", "Ended REFUSED");
            assertEnded((PdEvent.Ended) told.getLast(), Outcome.REFUSED, 400);
            assertThat(((PdEvent.Ended) told.getLast()).failure()).isEmpty();
            stack.client().ask(stack.post(PATH, "{\"a\":\"" + "x".repeat(100) + "\"}"));
            assertEnded(recorder.awaitEnded(), Outcome.REFUSED, 413);
            // Held, for a socket that nobody holds is closed when the heap is swept.
            try (RawClient stalled = stack.client()) {
                stalled.send("POST " + PATH + " HTTP/1.1\r\nHost: r\r\nContent-Length: 50\r\n\r\n{");
                assertEnded(recorder.awaitEnded(), Outcome.REFUSED, 408);
            }
            recorder.assertNothingElse();
        }
    }

    @Test
    void otherPaths() throws Exception {
        try (Stack stack = stack(Stack.HANDS_OVER, Stack.ANSWERS)) {
            stack.client().ask("GET /v1/models HTTP/1.1\r\nHost: r\r\n\r\n");
            assertThat(names(recorder.awaitEnd()))
                    .containsExactly(
                            "Received", "StageStarted decode", "FirstByte", "StageEnded decode 200", "Ended ANSWERED");
        }
    }
}
