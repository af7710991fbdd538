package dev.pdrouter.server.jdk;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pdrouter.PdRouter;
import dev.pdrouter.SocketTransport;
import dev.pdrouter.Stage;
import dev.pdrouter.Target;
import dev.pdrouter.connector.KvConnector;
import dev.pdrouter.testkit.AnswerPieces;
import dev.pdrouter.testkit.EngineCall;
import dev.pdrouter.testkit.EngineHandler;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every deadline ends both legs at once, with a status and a message of its own, in both orders of the legs. */
class DeadlinesTest {

    private static final Duration LONG = Duration.ofSeconds(30);
    private static final Duration SOON = Duration.ofSeconds(5);
    private static final Duration SHORT = Duration.ofMillis(200);
    private static final String PATH = "/v1/chat/completions";
    private static final String CHAT = "{\"model\":\"m\",\"messages\":[],\"stream\":true}";
    private static final EngineHandler WAITS = call -> call.awaitGone(LONG);

    private static Stack stack(
            String connector, EngineHandler prefiller, EngineHandler decoder, UnaryOperator<PdRouter.Builder> settings)
            throws IOException {
        return Stack.of(
                prefiller, decoder, builder -> settings.apply(builder.kvConnector(KvConnector.named(connector))));
    }

    private static EngineHandler late(String how) {
        return call -> {
            switch (how) {
                case "silent" -> call.awaitGone(LONG);
                case "trickling head" -> {
                    call.raw("HTTP/1.1 200 OK\r\n");
                    while (!call.goneWithin(Duration.ofMillis(20))) {
                        call.raw("x: y\r\n");
                    }
                }
                case "silent body" -> {
                    call.raw(
                            "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n");
                    call.awaitGone(LONG);
                }
                case "trickling body" -> {
                    AnswerPieces pieces = call.beginEvents();
                    while (!call.goneWithin(Duration.ofMillis(20))) {
                        pieces.send(" ");
                    }
                }
                default -> throw new IllegalArgumentException(how);
            }
        };
    }

    private static void assertLate(RawClient.Answer answer, String who, String what) {
        assertThat(answer.status()).isEqualTo(504);
        assertThat(answer.headers()).containsEntry("content-type", "application/json");
        assertThat(answer.text()).contains("GatewayTimeout").contains(who).contains(what);
    }

    private static List<EngineCall> legs(List<EngineCall> calls) {
        return calls.stream().filter(call -> call.head().target().equals(PATH)).toList();
    }

    private static void assertAllGone(Stack stack) throws InterruptedException {
        stack.awaitIdle();
        for (EngineCall leg : legs(stack.prefiller.calls())) {
            if (leg.answered().isEmpty()) {
                leg.awaitGone(SOON);
            }
        }
        for (EngineCall leg : legs(stack.decoder.calls())) {
            leg.awaitGone(SOON);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "nixlv2,silent",
        "nixlv2,trickling head",
        "nixlv2,silent body",
        "nixlv2,trickling body",
        "sglang,silent",
        "sglang,trickling head",
        "sglang,silent body",
        "sglang,trickling body"
    })
    void aPrefillerThatIsNotDoneInTime(String connector, String how) throws Exception {
        try (Stack stack = stack(connector, late(how), WAITS, builder -> builder.prefillTimeout(SHORT))) {
            RawClient.Answer answer = stack.client().ask(stack.post(PATH, CHAT));
            assertLate(answer, "the prefiller " + stack.prefiller.address(), "did not answer in time");
            assertAllGone(stack);
            if (connector.equals("nixlv2")) {
                assertThat(stack.decoder.calls()).isEmpty();
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "nixlv2,silent",
        "nixlv2,silent body",
        "nixlv2,trickling head",
        "sglang,silent",
        "sglang,silent body",
        "sglang,trickling head",
        "nixl,silent body"
    })
    void aDecoderThatDoesNotBeginInTime(String connector, String how) throws Exception {
        try (Stack stack = stack(connector, Stack.HANDS_OVER, late(how), builder -> builder.decodeTimeout(SHORT))) {
            RawClient.Answer answer = stack.client().ask(stack.post(PATH, CHAT));
            assertLate(answer, "the decoder " + stack.decoder.address(), "did not answer in time");
            assertAllGone(stack);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"silent", "trickling body"})
    void aDecoderThatIsLateEndsThePrefillerBesideIt(String prefill) throws Exception {
        try (Stack stack = stack("sglang", late(prefill), WAITS, builder -> builder.decodeTimeout(SHORT))) {
            assertLate(stack.client().ask(stack.post(PATH, CHAT)), "the decoder", "did not answer in time");
            assertAllGone(stack);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"nixlv2", "sglang"})
    void aDecoderThatBeginsInTimeMayTakeItsTime(String connector) throws Exception {
        EngineHandler begins = call -> {
            AnswerPieces pieces = call.beginEvents();
            pieces.send("data: 1\n\n");
            call.goneWithin(SHORT.multipliedBy(3));
            pieces.send("data: 2\n\n");
            pieces.end();
        };
        try (Stack stack =
                stack(connector, Stack.HANDS_OVER, begins, builder -> builder.decodeTimeout(SHORT.multipliedBy(2)))) {
            assertThat(stack.client().ask(stack.post(PATH, CHAT)).text()).isEqualTo("data: 1\n\ndata: 2\n\n");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"nixlv2", "sglang"})
    void aStreamThatFallsSilentIsCut(String connector) throws Exception {
        EngineHandler fallsSilent = call -> {
            call.beginEvents().send("data: 1\n\n");
            call.awaitGone(LONG);
        };
        try (Stack stack =
                        stack(connector, Stack.HANDS_OVER, fallsSilent, builder -> builder.streamIdleTimeout(SHORT));
                RawClient client = stack.client()) {
            client.send(stack.post(PATH, CHAT));
            assertThat(client.head().status()).isEqualTo(200);
            assertThat(client.chunkText()).isEqualTo("data: 1\n\n");
            assertThat(client.isAtEnd()).isTrue();
            assertAllGone(stack);
        }
    }

    /** A listener whose backlog is full: its kernel answers nothing. */
    private static final class Unreachable implements AutoCloseable {
        private final ServerSocket listener = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"));
        private final List<Socket> waiting = new ArrayList<>();

        Unreachable() throws IOException {
            try {
                while (waiting.size() < 20) {
                    Socket socket = new Socket();
                    waiting.add(socket);
                    socket.connect(new InetSocketAddress("127.0.0.1", listener.getLocalPort()), 300);
                }
            } catch (SocketTimeoutException e) {
                // Full.
            }
        }

        String address() {
            return "127.0.0.1:" + listener.getLocalPort();
        }

        @Override
        public void close() throws IOException {
            for (Socket socket : waiting) {
                socket.close();
            }
            listener.close();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"nixlv2", "sglang"})
    void aPrefillerThatDoesNotAcceptInTime(String connector) throws Exception {
        try (Unreachable unreachable = new Unreachable();
                SocketTransport transport =
                        SocketTransport.builder().connectTimeout(SHORT).build();
                Stack stack = stack(connector, WAITS, WAITS, builder -> builder.transport(Stage.PREFILL, transport))) {
            String header = "x-prefiller-host-port: " + unreachable.address();
            RawClient.Answer answer = stack.client().ask(RawClient.post(PATH, CHAT, header));
            assertLate(answer, "the prefiller " + unreachable.address(), "did not accept a connection in time");
            assertAllGone(stack);
            RawClient client =
                    stack.client().send(RawClient.post(PATH, CHAT, header + "," + stack.prefiller.address()));
            stack.prefill(0);
            client.close();
            assertAllGone(stack);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"nixlv2", "sglang"})
    void aDecoderThatDoesNotAcceptInTime(String connector) throws Exception {
        EngineHandler prefills = connector.equals("sglang") ? WAITS : Stack.HANDS_OVER;
        try (Unreachable unreachable = new Unreachable();
                SocketTransport transport =
                        SocketTransport.builder().connectTimeout(SHORT).build();
                Stack stack = stack(connector, prefills, WAITS, builder -> builder.transport(Stage.DECODE, transport)
                        .decoder(Target.parse(unreachable.address())))) {
            RawClient.Answer answer = stack.client().ask(stack.post(PATH, CHAT));
            assertLate(answer, "the decoder " + unreachable.address(), "did not accept a connection in time");
            assertAllGone(stack);
        }
    }
}
